"""Looks and own words: what is stored can be shown; what is missing comes from the next that has it."""

import pytest

from campaigns import look
from campaigns.look import LookError
from campaigns.pages.theme import READABLE, _parse, contrast, of_look

WORDS = {
    "en": {"won": {"title": "Yay, {prize}!", "text": "Enjoy it, {name}."}},
    "es": {"won": {"title": "¡Bravo, {prize}!"}},
}


def refused(stored):
    with pytest.raises(LookError) as refusal:
        look.check(stored)
    return refusal.value.field


def test_what_a_campaign_does_not_say_its_workspace_says():
    own = {"color": "#ff0000", "links": {"help": "https://a.test"}}
    shared = {"color": "#00ff00", "corner": "square", "links": {"terms": "https://b.test"}}
    made = look.of(own, shared)

    assert (made.color, made.corner, made.ground) == ("#ff0000", "square", "tinted")
    assert made.links == {"help": "https://a.test", "terms": "https://b.test"}


def test_words_come_from_the_language_then_from_english():
    made = look.of({"words": WORDS})

    assert made.says("won", "es") == {"title": "¡Bravo, {prize}!", "text": "Enjoy it, {name}."}
    assert made.says("won", "es-MX") == made.says("won", "es")
    assert made.says("won", "hi")["title"] == "Yay, {prize}!"
    assert made.says("lost", "es") == {}


def test_words_of_another_language_are_better_than_none():
    assert look.of({"words": {"ar": {"won": {"title": "مبروك"}}}}).says("won", "en") == {"title": "مبروك"}


def test_a_placeholder_of_which_nothing_is_known_leaves_no_hole():
    assert look.filled("Well done {name} !", {"name": ""}) == "Well done !"
    assert look.filled("{prize} is yours", {"prize": "A coffee"}) == "A coffee is yours"


@pytest.mark.parametrize(
    ("stored", "field"),
    [
        ({"colour": "#000000"}, "colour"),
        ({"color": "red"}, "color"),
        ({"color": "#12345g"}, "color"),
        ({"second": 7}, "second"),
        ({"corner": "wavy"}, "corner"),
        ({"ground": "url(x)"}, "ground"),
        ({"links": ["https://a.test"]}, "links"),
        ({"links": {"shop": "https://a.test"}}, "links"),
        ({"links": {"terms": "http://a.test"}}, "links.terms"),
        ({"links": {"terms": "javascript:alert(1)"}}, "links.terms"),
        ({"links": {"terms": "https://a b"}}, "links.terms"),
        ({"words": {"tlh": {}}}, "words"),
        ({"words": {"en": {"asleep": {}}}}, "words"),
        ({"words": {"en": {"won": {"shout": "x"}}}}, "words.en.won.shout"),
        ({"words": {"en": {"won": {"title": "x" * 81}}}}, "words.en.won.title"),
        ({"words": {"en": {"won": {"title": "{code}"}}}}, "words.en.won.title"),
        ({"words": {"en": {"won": {"title": "{prize"}}}}, "words.en.won.title"),
        ({"words": {"en": {"won": {"title": 5}}}}, "words.en.won.title"),
    ],
)
def test_what_can_t_be_shown_is_refused_at_its_field(stored, field):
    assert refused(stored) == field


def test_every_choice_can_be_stored():
    for corner in look.CORNERS:
        for ground in look.GROUNDS:
            look.check({"color": "#0f766e", "corner": corner, "ground": ground, "words": WORDS})


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("color", ["#ffffff", "#000000", "#ffff00", "#0f766e", "#ff0000", "#7f7f7f"])
@pytest.mark.parametrize("second", ["", "#ffff66", "#101010", "#ff00ff"])
@pytest.mark.parametrize("ground", ["tinted", "plain"])
def test_every_pair_of_colours_can_be_read(color, second, ground, dark):
    made = of_look(look.of({"color": color, "second": second, "ground": ground}), "#0f766e", dark=dark)

    for over, under in ((made.on_action, made.action), (made.text, made.tint), (made.text, made.ground)):
        assert contrast(_parse(over), _parse(under)) >= READABLE
