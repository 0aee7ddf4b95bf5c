"""One stream of what happened with a person: complete, in order, page by page."""

import random

import pytest
from django.db import connection

from glu_admin.api.errors import ApiError
from glu_admin.observability import context
from tests.factories import EndUserFactory
from tests.history.conftest import MINUTE, NOW
from users.history import sources, timeline

pytestmark = pytest.mark.django_db


def titles(environment, *people, **wanted):
    entries, _ = timeline.of_person(environment, [person.pk for person in people], **wanted)
    return [entry.title for entry in entries]


def test_it_tells_what_happened_newest_first(test_env, person, changed, sent):
    changed(person, 0, {}, kind="registered")
    changed(person, 1, {"attributes.tier": ["silver", "gold"]})
    sent(test_env, 2, "order_placed", person=person)
    changed(person, 3, {"email": None, "attributes.n": [None, 2], "attributes.m": [True, None]})
    sent(test_env, 4, "app_opened", person=person, verdict="duplicate")
    changed(person, 5, {}, kind="blocked")

    assert titles(test_env, person) == [
        "Blocked",
        "Event app_opened, sent twice",
        "m removed, it was true, and 2 more",
        "Event order_placed",
        "tier changed from silver to gold",
        "Registered",
    ]


def test_an_entry_tells_all_that_is_known(test_env, person, changed, sent):
    context.set_request_id("q")
    changed(person, 1, {"attributes.tier": ["silver", "gold"]})
    event = sent(
        test_env,
        2,
        "order_placed",
        person=person,
        properties={"amount": 12},
        warnings=["clock_skew"],
        request_id="r",
    )

    happened, change, _ = timeline.of_person(test_env, [person.pk])[0]

    assert (happened.at, happened.kind) == (NOW + 2 * MINUTE, "event")
    assert happened.detail == {
        "id": event.pk,
        "name": "order_placed",
        "eventId": "e-order_placed-2",
        "userId": "u_1",
        "happenedAt": "2026-11-20T12:02:00+00:00",
        "source": "server",
        "verdict": "accepted",
        "reason": None,
        "field": None,
        "warnings": ["clock_skew"],
        "properties": {"amount": 12},
        "requestId": "r",
    }
    assert change.detail == {
        "kind": "changed",
        "source": "sdk",
        "changes": {"attributes.tier": ["silver", "gold"]},
        "requestId": "q",
    }


def test_a_registration_that_history_has_forgotten_is_known_from_the_person(test_env, person, changed):
    changed(person, 1, {"attributes.tier": [None, "gold"]})

    entries, following = timeline.of_person(test_env, [person.pk])

    assert [(entry.at, entry.title) for entry in entries] == [
        (NOW + MINUTE, "tier set to gold"),
        (NOW - 60 * MINUTE, "Registered"),
    ]
    assert following is None


def test_what_waits_or_was_refused_under_the_persons_ids_is_there(test_env, person, sent):
    sent(test_env, 1, "order_placed", client_id="u_1", verdict="waiting")
    sent(test_env, 2, "order_paid", client_id="u_1", verdict="rejected", reason="too_big", field="properties")
    sent(test_env, 3, "order_placed", client_id="u_2", verdict="waiting")

    assert titles(test_env, person, kinds=["event"]) == [
        "Event order_paid, refused",
        "Event order_placed, waiting",
    ]


def test_it_follows_the_visitors_that_the_person_was(test_env, person, changed, sent):
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="v_1", merged_into=person)
    changed(visitor, 1, {"attributes.tier": [None, "gold"]})
    sent(test_env, 2, "app_opened", person=visitor)
    sent(test_env, 3, "app_closed", client_id="v_1", verdict="rejected")

    assert titles(test_env, person, visitor, limit=3) == [
        "Event app_closed, refused",
        "Event app_opened",
        "tier set to gold",
    ]


def test_nobody_elses_past_is_in_it(test_env, live_env, person, changed, sent):
    stranger = EndUserFactory(environment=test_env, user_id="u_2")
    namesake = EndUserFactory(environment=live_env, user_id="u_1")
    for each in (stranger, namesake):
        changed(each, 1, {"attributes.tier": [None, "gold"]})
        sent(each.environment, 2, "order_placed", person=each)
    sent(live_env, 3, "order_placed", client_id="u_1", verdict="waiting")

    assert titles(test_env, person) == ["Registered"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_join_to_the_whole_without_a_gap_or_a_double(test_env, person, changed, sent, limit):
    order = random.Random(limit)  # noqa: S311  the same order each time
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="v_1", merged_into=person)
    for n in range(40):
        # many at the same moment, and some that came with a clock that goes before
        minute = n // 8 + order.choice((0, 0, 0, -2))
        if order.random() < 0.5:
            changed(order.choice((person, visitor)), minute, {"attributes.n": [None, n]})
        else:
            sent(test_env, minute, f"e{n}", person=order.choice((person, visitor)))
    pks = [person.pk, visitor.pk]
    whole, nothing = timeline.of_person(test_env, pks, limit=200)

    pages, cursor = [], None
    while cursor is not None or not pages:
        page, cursor = timeline.of_person(test_env, pks, before=cursor, limit=limit)
        assert 0 < len(page) <= limit
        pages += page

    assert nothing is None
    assert len(whole) == 42
    assert len({(entry.kind, entry.ref) for entry in pages}) == 42
    assert {(entry.kind, entry.ref) for entry in pages} == {(entry.kind, entry.ref) for entry in whole}


def test_what_happens_between_two_pages_moves_nothing(test_env, person, changed, sent):
    for minute in range(6):
        sent(test_env, minute, f"e{minute}", person=person)
    first, cursor = timeline.of_person(test_env, [person.pk], limit=3)

    sent(test_env, 7, "new", person=person)
    changed(person, 8, {"attributes.n": [1, 2]})
    second, _ = timeline.of_person(test_env, [person.pk], before=cursor, limit=3)

    assert [entry.detail["name"] for entry in (*first, *second)] == ["e5", "e4", "e3", "e2", "e1", "e0"]


def test_kinds_choose_what_is_shown(test_env, person, changed, sent):
    changed(person, 1, {"attributes.n": [1, 2]})
    sent(test_env, 2, "order_placed", person=person)

    assert titles(test_env, person, kinds=["event"]) == ["Event order_placed"]
    assert titles(test_env, person, kinds=["profile"]) == ["n changed from 1 to 2", "Registered"]
    assert timeline.kinds() | {"profile": "Profile", "event": "Events"} == timeline.kinds()


def test_an_unknown_kind_is_refused_by_name(test_env, person):
    with pytest.raises(ApiError, match="There is no kind 'nudge'") as refusal:
        timeline.of_person(test_env, [person.pk], kinds=["nudge"])

    assert (refusal.value.status, refusal.value.field) == (400, "kind")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        timeline._written({"event": "1; DROP TABLE users_event"}),
        timeline._written({"event": "9" * 30}),
        timeline._written({"profile": ""}),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(test_env, person, cursor):
    with pytest.raises(ApiError, match="is not one of ours"):
        timeline.of_person(test_env, [person.pk], before=cursor)


@pytest.mark.parametrize("ref", ["1", "x.y", f"{10**30}.{'0' * 32}", "1.abc"])
def test_a_moment_that_is_not_ours_is_refused(ref):
    with pytest.raises(ApiError):
        timeline.moment(ref)


def test_a_moment_is_read_as_it_was_written():
    at, key = NOW.replace(microsecond=123456), timeline.moment(None)[1]

    assert timeline.moment(timeline.moment_ref(at, key)) == (at, key)


@pytest.mark.parametrize("statement", [sources._CHANGES, sources._EVENTS])
def test_no_table_is_read_whole_for_one_person(test_env, person, statement):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users_enduser (environment_id, glu_id, user_id, referral_code, device, profile,"
            " identities, attributes, token_version, is_test, is_demo, registered_at, updated_at,"
            " last_seen_at) SELECT %s, gen_random_uuid(), 'x' || n, 'C' || n, '{}', '{}', '{}', '{}', 1,"
            " false, false, now(), now(), now() FROM generate_series(1, 500) n",
            [test_env.id],
        )
        cursor.execute(
            "INSERT INTO users_event (environment_id, user_id, client_id, received_at, source, verdict,"
            " reason, field, warnings, properties, request_id)"
            " SELECT environment_id, CASE WHEN n % 4 > 0 THEN id END, user_id, now(), 'server', 'accepted',"
            " '', '', '[]', '{}', '' FROM users_enduser, generate_series(1, 20) n"
        )
        cursor.execute(
            "INSERT INTO users_userchange (environment_id, user_id, kind, source, changes, request_id, at)"
            " SELECT environment_id, id, 'changed', 'sdk', '{}', '', now()"
            " FROM users_enduser, generate_series(1, 20) n"
        )
        cursor.execute("ANALYZE users_event, users_userchange, users_enduser")
        values = {"environment": test_env.id, "pks": [person.pk], "before": 2**62, "limit": 51}
        cursor.execute(f"EXPLAIN {statement}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > 400")
        filled = {row[0] for row in cursor.fetchall()}

    assert {"users_enduser"} < {name for name in filled if name.startswith("users_")}
    assert len([name for name in filled if name.startswith(("users_event_", "users_userchange_"))]) >= 2
    assert not [name for name in filled if f"Seq Scan on {name}" in plan]
