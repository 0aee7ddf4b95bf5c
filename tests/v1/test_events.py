"""The live feed and what servers may do with events: nothing that came is hidden."""

from datetime import timedelta

import pytest
from django.utils import timezone

from glu_admin.api import pagination
from tests.factories import EndUserFactory
from users.events import feed, subscribers
from users.events.feed import FeedFilter
from users.models import EndUser, Event, ParkedEvent
from users.v1.shapes import stamp


def test_an_event_is_told_with_its_verdict_and_what_came(ask, asha, send):
    event = send(amount=420)

    answer = ask("get", "events")

    assert answer.status == 200
    assert (answer.next, answer.searched) == (None, {"complete": True})
    assert answer.data == [
        {
            "id": event.pk,
            "eventId": "e-0",
            "event": "order_placed",
            "userId": "u_1",
            "gluId": str(asha.glu_id),
            "happenedAt": stamp(event.happened_at),
            "receivedAt": stamp(event.received_at),
            "source": "server",
            "verdict": "accepted",
            "reason": "",
            "field": "",
            "warnings": [],
            "properties": {"amount": 420},
            "requestId": event.request_id,
        }
    ]
    assert ask("get", f"events/{event.pk}").data == answer.data[0]
    assert ask("get", f"events/{event.pk + 1}").error["code"] == "event_not_found"
    assert ask("get", f"events/{'9' * 30}").status == 404


def test_the_feed_is_filtered_by_event_user_verdict_source_time_and_text(ask, test_env, asha, send):
    bought, searched, unknown = send(city="Pune 100%"), send("search", city="Goa"), send(user_id="u_9")

    def ids(**query):
        return [each["id"] for each in ask("get", "events", **query).data]

    everything = [unknown.pk, searched.pk, bought.pk]
    assert ids() == everything
    assert ids(event="search") == [searched.pk]
    assert ids(userId="u_1") == ids(gluId=str(asha.glu_id)) == [searched.pk, bought.pk]
    assert ids(userId="u_9") == ids(verdict="waiting") == [unknown.pk]
    assert (ids(source="server"), ids(source="segment")) == (everything, [])
    assert (ids(text="0%"), ids(text="pune"), ids(text="__")) == ([bought.pk], [bought.pk], [])
    hour = timedelta(hours=1)
    now = timezone.now()
    assert ids(since=(now - hour).isoformat(), until=(now + hour).isoformat()) == everything
    assert ids(since=(now + hour).isoformat()) == ids(until=(now - hour).isoformat()) == []


def test_a_person_has_the_events_of_the_visitor_that_the_person_was(ask, test_env, asha, send):
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="visit-9")
    event = send(user_id="visit-9")
    EndUser.objects.filter(pk=visitor.pk).update(merged_into=asha, merged_at=timezone.now())

    for query in ({"userId": "u_1"}, {"userId": "visit-9"}, {"gluId": str(asha.glu_id)}):
        assert [each["id"] for each in ask("get", "events", **query).data] == [event.pk]


def test_back_in_time_no_event_is_missed_or_told_twice_while_others_arrive(ask, asha, send):
    sent = [send().pk for _ in range(5)]

    seen, cursor = [], {}
    for _ in range(3):
        page = ask("get", "events", limit=2, **cursor)
        seen += [each["id"] for each in page.data]
        cursor = {"cursor": page.next}
        send("later")

    assert (page.next, seen) == (None, sent[::-1])


def test_who_polls_hears_what_is_new_in_order_and_the_freshest_twice(ask, asha, send):
    old = send()
    Event.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(seconds=10))
    newest = ask("get", "events").newest
    fresh = [send().pk for _ in range(3)]

    first = ask("get", "events", after=newest, limit=2)
    second = ask("get", "events", after=first.newest)
    third = ask("get", "events", after=second.newest)

    assert [each["id"] for each in first.data] == fresh[:2][::-1]
    assert [each["id"] for each in second.data] == [each["id"] for each in third.data] == fresh[2:]


def test_a_poll_goes_on_behind_what_has_settled(test_env, asha, send):
    row = send()
    found = feed.newer(test_env.pk, FeedFilter(), after=0, limit=10)

    at_once = feed.settled(found, after=0, now=row.received_at)
    later = feed.settled(found, after=0, now=row.received_at + timedelta(seconds=3))

    assert (at_once, later) == (0, row.pk)


def test_a_search_that_finds_little_says_how_far_it_came(ask, asha, send, monkeypatch):
    monkeypatch.setattr(feed, "SECONDS", 0)
    monkeypatch.setattr(feed, "FIRST_STRETCH", 2)
    wanted = send("rare")
    for _ in range(3):
        send()

    first = ask("get", "events", event="rare")
    second = ask("get", "events", event="rare", cursor=first.next)

    assert (first.data, first.searched["complete"]) == ([], False)
    assert "time" in first.searched["message"]
    assert [each["id"] for each in second.data] == [wanted.pk]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"verdict": "maybe"}, "verdict"),
        ({"since": "yesterday"}, "since"),
        ({"gluId": "u_1"}, "gluId"),
        ({"text": "x"}, "text"),
        ({"text": "x" * 10_000}, "text"),
        ({"event": "a\0b"}, "event"),
        ({"properties__amount": "1"}, "properties__amount"),
        ({"after": "zzz"}, "after"),
        ({"cursor": pagination.encode({"id": 1}), "after": pagination.encode({"id": 1})}, "after"),
    ],
    ids=str,
)
def test_a_hostile_filter_of_events_is_refused_by_its_name(ask, db, query, field):
    answer = ask("get", "events", **query)

    assert (answer.status, answer.error["field"]) == (400, field)


def test_another_environment_has_a_feed_of_its_own(ask, live_env, asha, send):
    Event.objects.create(environment=live_env, name="elsewhere", source="server", verdict="accepted")
    mine = send()

    assert [each["id"] for each in ask("get", "events").data] == [mine.pk]


def test_an_accepted_event_is_handed_on_again_in_test(ask, asha, send):
    event = send()

    answer = ask("post", f"events/{event.pk}/replay")

    assert answer.status == 200
    assert (set(answer.data["taken"]), answer.data["parked"]) == (
        {each.name for each in subscribers.subscribers()},
        [],
    )
    assert ask("post", f"events/{event.pk + 1}/replay").status == 404
    assert ask("post", f"events/{send(user_id='u_9').pk}/replay").error["code"] == "event_not_accepted"


def test_a_parked_event_is_listed_and_replayed(ask, test_env, asha, send):
    event = send()
    row = ParkedEvent.objects.create(
        environment=test_env,
        event_id=event.pk,
        received_at=event.received_at,
        subscriber="nobody",
        error="KeyError",
    )

    listed = ask("get", "parked-events", replayed=False)
    replayed = ask("post", f"parked-events/{row.pk}/replay").data

    assert listed.data == [
        {
            "id": row.pk,
            "event": event.pk,
            "subscriber": "nobody",
            "error": "KeyError",
            "attempts": 1,
            "parkedAt": stamp(row.parked_at),
            "replayedAt": None,
        }
    ]
    assert (replayed["taken"], replayed["attempts"], replayed["replayedAt"]) == (False, 2, None)
    assert ask("get", "parked-events", replayed=True).data == []
