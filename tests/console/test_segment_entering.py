"""Segments by an event in the console: made and edited by a form."""

from html.parser import HTMLParser

from users.models import Segment

NEW = "/c/test/segments/new/event/"
BUYERS = {
    "name": "Big buyers",
    "event": "purchase",
    "enter0-key": "amount",
    "enter0-operator": "greater_than",
    "enter0-value": "300",
    "leave": "refund",
    "days": "30",
    "do": "save",
}


def test_a_segment_by_an_event_is_made_and_shown_in_words(owner):
    answer = owner.post(NEW, BUYERS, follow=True)

    made = Segment.objects.get()
    assert made.entry["where"] == [{"property": "amount", "operator": "greater_than", "value": 300}]
    assert (made.entry["leave"]["event"], made.entry["afterDays"]) == ("refund", 30)
    assert "Enters by purchase" in answer.text


def test_what_is_edited_stands_in_the_form_and_is_saved(owner):
    owner.post(NEW, BUYERS)
    address = f"/c/test/segments/{Segment.objects.get().pk}/entry/"

    assert 'value="300"' in owner.get(address).text
    owner.post(address, BUYERS | {"days": ""})

    assert Segment.objects.get().entry["afterDays"] is None


def test_an_event_without_a_name_is_refused_in_words(owner):
    answer = owner.post(NEW, BUYERS | {"event": ""})

    assert (answer.status_code, "field__error" in answer.text) == (400, True)
    assert not Segment.objects.exists()


WIDE = {
    "event": "purchase",
    "where": [
        {"property": "amount", "operator": "between", "value": [300, 900.5]},
        {"property": "at", "operator": "between", "value": ["2026-01-01", "2026-02-01"]},
        {"property": "sku", "operator": "in", "value": ["a", "5", 5]},
        {"property": "coupon", "operator": "is_not_set"},
        {"property": "app", "operator": "version_at_least", "value": "2.10"},
        {"property": "at", "operator": "on_weekday", "value": ["monday", "friday"]},
    ],
    "leave": {"event": "refund", "where": [{"property": "amount", "operator": "at_least", "value": 50}]},
    "afterDays": None,
}


class Untouched(HTMLParser):
    """What a browser would post of the form as it stands."""

    def __init__(self, page):
        super().__init__()
        self.said, self._select = {"do": "save"}, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        if tag == "input" and has.get("name") and (has.get("type") != "checkbox" or "checked" in has):
            self.said[has["name"]] = has.get("value", "on")
        if tag == "select":
            self._select = has["name"]
        if tag == "option" and self._select and "selected" in has:
            self.said[self._select] = has["value"]

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = ""


def filled_in(client, address):
    return Untouched(client.get(address).text).said


def test_a_form_that_is_saved_untouched_changes_nothing(owner, test_env):
    made = Segment.objects.create(environment=test_env, name="Wide", kind="event", entry=WIDE)
    address = f"/c/test/segments/{made.pk}/entry/"

    assert owner.post(address, filled_in(owner, address)).status_code == 302

    made.refresh_from_db()
    assert made.entry == WIDE


def test_rows_are_added_and_removed_and_nothing_is_saved_by_that(owner):
    typed = BUYERS | {"enter0-operator": "between", "enter0-to": "900", "do": "add:enter"}

    more = owner.post(NEW, typed)
    assert "enter1-key" in more.text
    assert 'value="900"' in more.text
    fewer = owner.post(NEW, typed | {"do": "remove:enter0"})
    assert 'value="900"' not in fewer.text
    assert not Segment.objects.exists()


def test_a_value_without_its_property_is_asked_about_and_not_dropped(owner):
    answer = owner.post(NEW, BUYERS | {"leave0-value": "5", "leave0-operator": "is"})

    assert (answer.status_code, "Say which property is compared with “5”" in answer.text) == (400, True)


def test_conditions_on_leaving_need_the_event_by_which_people_leave(owner):
    out = {"leave": "", "leave0-key": "amount", "leave0-operator": "is", "leave0-value": "5"}

    answer = owner.post(NEW, BUYERS | out)

    assert "Say by which event they leave" in answer.text
