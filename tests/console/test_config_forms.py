"""The settings of every type: what a form shows and gets back untouched is what it was."""

from html.parser import HTMLParser

import pytest

from campaigns.console.editor_form import config_form
from campaigns.types import all_types
from tests.types.happenings import OUTCOMES, stored

each_kind = pytest.mark.parametrize("kind", all_types().values(), ids=lambda kind: kind.slug)


class Sent(HTMLParser):
    """What a browser would send of a form."""

    def __init__(self, html):
        super().__init__()
        self.data, self.select, self.area = {}, None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        name, kind = found.get("name"), found.get("type", "text")
        if tag == "input" and name and (kind not in {"checkbox", "radio"} or "checked" in found):
            self.data[name] = found.get("value") or ("on" if kind == "checkbox" else "")
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in found or self.select not in self.data):
            self.data[self.select] = found.get("value", "")
        elif tag == "textarea":
            self.area, self.data[name] = name, ""

    def handle_data(self, data):
        if self.area:
            self.data[self.area] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        self.area = None if tag == "textarea" else self.area
        self.select = None if tag == "select" else self.select


def sent(form):
    return Sent("".join(str(field) for field in form)).data


@each_kind
def test_untouched_settings_stay_what_they_were(kind):
    config = kind.defaults()

    form = config_form(kind.slug, sent(config_form(kind.slug, initial=config)))

    assert form.is_valid(), form.errors
    assert stored(config | form.cleaned_data) == config
    kind.check(config | form.cleaned_data, OUTCOMES * 2)


@each_kind
def test_what_is_half_typed_is_shown_again(kind):
    typed = sent(config_form(kind.slug, initial=kind.defaults()))
    form = config_form(kind.slug, typed)

    again = config_form(kind.slug, initial={name: form[name].value() for name in form.fields})

    assert sent(again) == typed


@each_kind
def test_a_new_campaign_s_page_is_shown_before_anything_is_saved(owner, test_env, kind):
    page = owner.get("/c/test/campaigns/new/", {"type": kind.slug})
    typed = Sent(page.text.partition("<main")[2]).data | {"type": kind.slug}

    for state in ("start", "won"):
        shown = owner.post("/c/test/campaigns/preview/", typed | {"state": state})
        assert shown.status_code == 200, state
        assert "<h1" in shown.text
