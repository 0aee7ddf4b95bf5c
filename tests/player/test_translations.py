"""Pages in English, Hindi, Arabic and Spanish: every word is translated, and none is out of date."""

import gettext
import io
import re

import pytest
from django.utils import translation

from campaigns.look import LANGUAGES
from campaigns.pages import screens
from campaigns.types.words import Plural
from tests import translations
from tests.player.conftest import key_on

each_language = pytest.mark.parametrize("code", translations.SHIPPED)
PLACE = re.compile(r"%\(\w+\)[sd]|<[^>]+>")


def places(text):
    return sorted(PLACE.findall(text))


@each_language
def test_every_text_of_the_pages_is_translated(code):
    known = translations.translated(code)
    missing = [
        message
        for message in translations.messages()
        if not translations._fits(message, getattr(known.get(_id(message)), "string", ""))
    ]

    assert not missing, "run python -m tests.translations, and translate what is empty"


@each_language
def test_nothing_is_translated_that_no_page_says_any_more(code):
    said = {_id(message) for message in translations.messages()}

    assert [each.id for each in translations.translated(code) if each.id and _id(each.id) not in said] == []


@each_language
def test_each_translation_has_the_same_places_and_marks(code):
    """A plural's form that is for one number alone, such as Arabic's for two, may do without it."""
    wrong = []
    for each in translations.translated(code):
        if isinstance(each.id, tuple):
            known = {*places(each.id[0]), *places(each.id[-1])}
            wrong += [(each.id, form) for form in each.string if not set(places(form)) <= known]
            wrong += [(each.id, each.string[-1])] if places(each.string[-1]) != places(each.id[-1]) else []
        elif each.id and places(each.string) != places(each.id):
            wrong.append((each.id, each.string))

    assert not wrong


@each_language
def test_the_compiled_file_is_that_of_its_source(code):
    source = gettext.GNUTranslations(io.BytesIO(translations.compiled(translations.translated(code))))
    with (translations.folder(code) / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    assert {k: v for k, v in compiled._catalog.items() if k} == {
        k: v for k, v in source._catalog.items() if k
    }


@each_language
def test_a_page_can_be_read_and_played_in_it(visit, wheel, code):
    page = visit.arrive("/reward/", campaignId=wheel.id, lang=code)

    assert f'lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}"' in page
    assert "Spin the wheel" not in page and "Prizes and chances" not in page
    assert visit.play(wheel, key_on(page)).status_code == 200


@each_language
def test_the_browser_s_language_is_taken_where_none_was_chosen(visit, code):
    visit.client.defaults["HTTP_ACCEPT_LANGUAGE"] = f"{code}-XX,{code};q=0.9,en;q=0.5"

    assert f'<html lang="{code}"' in visit.arrive()


def test_each_page_offers_all_languages_by_their_own_names(visit):
    page = visit.arrive()

    for code in ("en", *translations.SHIPPED):
        name = LANGUAGES[code]
        assert re.search(rf'href="\?[^"]*lang={code}" lang="{code}"[^>]*>{name}<', page)
    assert "token" not in re.search(r'<footer class="foot">.*?</footer>', page, re.S)[0]


def _id(message):
    return message[0] if isinstance(message, tuple) else message


STAMPS = Plural("%(count)s of %(size)s stamp", "%(count)s of %(size)s stamps", by="size")


@pytest.mark.parametrize(
    ("code", "size", "words"),
    [
        ("en", 1, "1 of 1 stamp"),
        ("en", 5, "1 of 5 stamps"),
        ("es", 1, "1 de 1 sello"),
        ("es", 5, "1 de 5 sellos"),
        ("ar", 2, "1 من ختمين"),
        ("ar", 5, "1 من 5 أختام"),
        ("ar", 12, "1 من 12 ختمًا"),
        ("ar", 100, "1 من 100 ختم"),
    ],
)
def test_words_go_with_their_number(code, size, words):
    with translation.override(code):
        said = screens.said(STAMPS, {"count": 1, "size": size})

    assert re.sub("[\u2068\u2069]", "", said) == words
