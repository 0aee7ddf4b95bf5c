"""Results and the editor of campaigns that reward several things."""

from dataclasses import replace

import pytest
from django.utils import timezone

from campaigns import engine, publishing
from campaigns.console import beginnings
from campaigns.models import Campaign, Play
from campaigns.types import all_types
from glu_admin.workspaces.audit import Actor
from tests.campaigns.medals import GOLD, NOTHING, SILVER, TINY, Medals
from tests.console.test_editor import typed
from tests.factories import EndUserFactory, identity_of, launched_campaign


def path(campaign, rest=""):
    return f"/c/test/campaigns/{campaign.pk}/{rest}"


@pytest.fixture(autouse=True)
def medals_type(monkeypatch, request):
    if "kind" in request.fixturenames:
        return
    monkeypatch.setitem(all_types(), "spinthewheel", Medals())


@pytest.fixture
def medals(test_env):
    """A launched one, and a way to earn a medal of it."""
    campaign = launched_campaign(test_env, outcomes=(GOLD, SILVER, TINY, NOTHING), plays_a_day=None)
    person = EndUserFactory(environment=test_env)

    def play(medal, key):
        body = {"action": {"medal": medal}}
        return engine.act(identity_of(person), str(campaign.pk), key=key, body=body, now=timezone.now())

    return campaign, play


def test_what_several_things_reward_is_judged_each_by_its_own_draws(owner, test_env, medals):
    campaign, play = medals
    for n in range(12):
        play("gold" if n % 3 == 0 else "silver", f"k-{n}")

    answer = owner.get(path(campaign))

    found = {each.variant.name: each for each in answer.context["outcomes"]}
    assert {name: each.label for name, each in found.items()} == {
        "100 points": "Gold",
        "20 points": "Silver",
        "5 points": "Silver",
        "Not this time": "Only stands in for others",
    }
    assert (found["20 points"].set_share, found["100 points"].set_share) == ("42.86", "100")
    # the second gold prize had run out: it was drawn, and the fallback given
    gold = found["100 points"]
    assert (gold.drawn, gold.given, gold.seen_share) == (4, 1, 100.0)
    assert (found["Not this time"].drawn, found["Not this time"].given) == (0, 3)
    assert found["20 points"].drawn + found["5 points"].drawn == 8
    assert "Silver</bdi>" in answer.text


@pytest.mark.parametrize("is_told", [True, False])
def test_of_a_fallback_for_several_the_play_says_which_and_an_older_one_nothing(
    owner, test_env, medals, is_told
):
    campaign, play = medals
    publishing.revise(
        campaign,
        replace(
            publishing.draft_of(campaign),
            outcomes=tuple(
                replace(each, stock_limit=1) if each.weight else each
                for each in publishing.draft_of(campaign).outcomes
            ),
        ),
        Actor("a test"),
    )
    for n in range(6):
        play("silver", f"k-{n}")

    assert set(Play.objects.values_list("occasion", flat=True)) == {"silver"}
    if not is_told:
        Play.objects.update(occasion=None)

    answer = owner.get(path(campaign))

    results = {each.variant.name: each for each in answer.context["outcomes"]}
    blurred = results["20 points"].verdict.words == "can't be told: a fallback stood in"
    assert blurred == (not is_told)
    assert ("stood in for <bdi>Silver</bdi>" in answer.text) == is_told
    if is_told:
        assert results["20 points"].drawn + results["5 points"].drawn == 6
        assert results["100 points"].drawn == 0


NEW = "/c/test/campaigns/new/"


@pytest.fixture
def form(owner):
    """A new one as a browser would send it back."""
    return typed(owner.get(NEW)) | {"name": "Medals"}


def lots_in(answer):
    return {each.lot.label: [row["name"].value() for row in each.rows] for each in answer.context["lots"]}


def stored():
    return publishing.draft_of(Campaign.objects.get())


def test_a_new_campaign_has_an_outcome_for_each_thing_and_can_be_launched(owner, form):
    answer = owner.post(NEW, form | {"do": "launch"})

    assert answer.status_code == 302
    assert Campaign.objects.get().status == "live"
    assert [(each.occasion, each.weight, each.is_fallback) for each in stored().outcomes] == [
        ("gold", 100, False),
        ("silver", 100, False),
        ("bronze", 100, False),
        ("", 0, True),
    ]


def test_each_things_chances_make_100_by_themselves(owner, form):
    both = {"outcomes.1.occasion": "gold", "outcomes.0.chance": "30"}

    wrong = owner.post(NEW, form | both | {"outcomes.1.chance": "60", "do": "save"})
    right = owner.post(NEW, form | both | {"outcomes.1.chance": "70", "do": "save"})

    assert wrong.status_code == 400
    assert "Gold: Adds up to 90%. 10% still to give out." in wrong.text
    assert "Nothing is given for this." in wrong.text
    assert right.status_code == 302
    assert [(each.occasion, each.weight) for each in stored().outcomes][:2] == [("gold", 30), ("gold", 70)]


def test_an_outcome_is_added_where_it_belongs(owner, form):
    answer = owner.post(NEW, form | {"do": "add.silver"})

    assert lots_in(answer) == {
        "Gold": ["50 points"],
        "Silver": ["50 points", None],
        "Bronze": ["50 points"],
        "Only when something has run out": ["No prize"],
    }


def test_to_split_is_to_split_each_by_itself(owner, form):
    answer = owner.post(NEW, form | {"outcomes.1.occasion": "gold", "do": "split"})

    assert [row["chance"].value() for row in answer.context["editor"].rows] == ["50", "50", "100", "0"]


def test_what_nothing_leads_to_any_more_stays_in_sight(owner, form):
    page = owner.post(NEW, form | {"outcomes.0.occasion": "wood", "do": "split"})
    saved = owner.post(NEW, form | {"outcomes.0.occasion": "wood", "do": "launch"})

    assert lots_in(page)["For nothing any more: choose what these are for"] == ["50 points"]
    assert "“50 points” is for something that this game does not reward" in owner.get(saved["Location"]).text
    assert Campaign.objects.get().status == "draft"


@pytest.mark.parametrize("kind", all_types().values(), ids=lambda kind: kind.slug)
def test_a_new_campaign_of_any_type_can_be_launched_as_it_is(test_env, kind):
    draft = replace(beginnings.first_draft(test_env, kind.slug), name="As it is")

    campaign = publishing.launch(publishing.create(test_env, draft, Actor("a test")), Actor("a test"))

    assert campaign.status == "live"


@pytest.mark.parametrize("kind", all_types().values(), ids=lambda kind: kind.slug)
def test_each_type_says_what_it_is_in_a_sentence_under_a_heading(kind):
    assert 20 < len(kind.about) <= 80
    assert kind.about.endswith(".")
    assert beginnings.group_of(kind) in beginnings.GROUPS


def test_another_game_brings_its_own_suggestions_unless_they_were_touched(owner, form):
    other = next(
        each for each in all_types().values() if each.page == "program" and each.slug != form["type"]
    )
    suggested = [each.name for each in other.first_outcomes()]

    fresh = owner.post(NEW, form | {"type": other.slug, "do": "game"})
    touched = owner.post(NEW, form | {"type": other.slug, "outcomes.0.name": "A mug", "do": "game"})

    assert [row["name"].value() for row in fresh.context["editor"].rows] == suggested
    assert touched.context["editor"].rows[0]["name"].value() == "A mug"
    assert 'name="plays_a_day"' not in fresh.text
    assert "nothing limits how often they come" in fresh.text


def test_the_players_page_shows_the_chances_of_each_thing(owner, form):
    page = owner.post("/c/test/campaigns/preview/", form | {"state": "start"}).text

    assert [label for label in ("Gold", "Silver", "Bronze") if f'scope="rowgroup"><bdi>{label}<' in page] == [
        "Gold",
        "Silver",
        "Bronze",
    ]
