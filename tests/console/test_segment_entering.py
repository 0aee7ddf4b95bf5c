"""Segments by an event in the console: made and edited by a form."""

from users.models import Segment

NEW = "/c/test/segments/new/event/"
BUYERS = {
    "name": "Big buyers",
    "event": "purchase",
    "property0": "amount",
    "operator0": "greater_than",
    "value0": "300",
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
