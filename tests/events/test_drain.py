"""The drain hands each accepted event on once, in order, whatever a subscriber does with it."""

import pytest
from django.db import InternalError, OperationalError, connection, transaction

from glu_admin.workspaces import keys
from glu_admin.workspaces.models import Environment
from tests.events.conftest import NOW, event, tell
from tests.factories import EndUserFactory
from users.events import drain, handing, subscribers
from users.events.models import Event, ParkedEvent, PendingEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1")


def ids(events):
    return [each.event_id for each in events]


def test_an_accepted_event_is_handed_on_once_with_all_that_was_said(test_env, mia, heard):
    tell(test_env, event(event_id="a", name="order", amount=3, items=["tea"]))

    assert drain.drain(now=NOW) == 1
    assert drain.drain(now=NOW) == 0

    stored = Event.objects.get()
    assert heard == [
        subscribers.Happened(
            id=stored.pk,
            received_at=NOW,
            user_pk=mia.pk,
            client_id="u_1",
            event_id="a",
            name="order",
            happened_at=stored.happened_at,
            properties={"amount": 3, "items": ["tea"]},
        )
    ]
    assert not PendingEvent.objects.exists()


def test_only_accepted_events_are_handed_on(test_env, mia, heard):
    verdicts = tell(
        test_env,
        event(event_id="a"),
        event(event_id="a"),
        event("nobody", event_id="b"),
        {"event_id": "c"},
    )

    drain.drain(now=NOW)

    assert verdicts == ["accepted", "duplicate", "waiting", "rejected"]
    assert ids(heard) == ["a"]


def test_a_persons_events_come_in_the_order_in_which_they_were_received(test_env, mia, heard):
    EndUserFactory(environment=test_env, user_id="u_2")
    told = [event(("u_1", "u_2")[n % 2], event_id=str(n)) for n in range(40)]
    for first in range(0, 40, 8):
        tell(test_env, *told[first : first + 8])

    drain.drain(now=NOW, most=7)
    drain.drain(now=NOW)

    for person in ("u_1", "u_2"):
        mine = [each["event_id"] for each in told if each["user_id"] == person]
        assert [each.event_id for each in heard if each.client_id == person] == mine


def test_a_drain_takes_about_as_many_as_it_is_asked_to(test_env, mia, heard):
    tell(test_env, *(event() for _ in range(20)))

    assert drain.drain(now=NOW, most=8) == 8
    assert len(heard) == 8
    assert PendingEvent.objects.count() == 12


def test_each_environment_is_told_apart(test_env, live_env, mia, only_subscribers):
    EndUserFactory(environment=live_env, user_id="u_1")
    told = []
    only_subscribers("listener", lambda config, events: told.append((config.id, ids(events))))
    tell(test_env, event(event_id="test"))
    tell(live_env, event(event_id="live"))

    drain.drain(now=NOW)

    assert sorted(told) == sorted([(test_env.id, ["test"]), (live_env.id, ["live"])])


def test_events_of_an_environment_that_is_gone_leave_the_queue(test_env, mia, heard):
    gone = keys.create_workspace("Gone").environments.get(kind="test")
    EndUserFactory(environment=gone, user_id="u_1")
    tell(gone, event())
    tell(test_env, event(event_id="stays"))
    Environment.objects.filter(pk=gone.pk).delete()

    drain.drain(now=NOW)

    assert ids(heard) == ["stays"]
    assert not PendingEvent.objects.exists()


def test_what_a_visitor_did_is_told_of_the_person_the_visitor_became(test_env, mia, heard):
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="v")
    tell(test_env, event("v", event_id="before"))
    visitor.merged_into = mia
    visitor.save()

    drain.drain(now=NOW)

    assert [(each.event_id, each.user_pk) for each in heard] == [("before", mia.pk)]


def refusing(*poison):
    """A subscriber that writes each event's id down and can't take some."""

    def take(config, events):
        for each in events:
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO took (id) VALUES (%s)", [each.event_id])
            if each.event_id in poison:
                raise ValueError(f"can't take {each.event_id}\nwith its details")

    return take


@pytest.fixture
def took(db):
    """What refusing subscribers have written, in order, with the transaction's fate."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE took (place serial, id text)")

    def read():
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM took ORDER BY place")
            return [row[0] for row in cursor.fetchall()]

    yield read
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS took")


@pytest.mark.parametrize("poison", [(), ("0",), ("9",), ("3", "4"), tuple("0123456789")])
def test_poison_is_parked_and_all_others_are_taken_in_order(test_env, mia, only_subscribers, took, poison):
    only_subscribers("picky", refusing(*poison))
    tell(test_env, *(event(event_id=str(n)) for n in range(10)))

    drain.drain(now=NOW)

    assert took() == [str(n) for n in range(10) if str(n) not in poison]
    parked = ParkedEvent.objects.order_by("event_id")
    assert [Event.objects.get(pk=each.event_id).event_id for each in parked] == list(poison)
    assert {each.error for each in parked} == {f"ValueError: can't take {each}" for each in poison}
    assert {(each.subscriber, each.attempts, each.parked_at) for each in parked} <= {("picky", 1, NOW)}
    assert not PendingEvent.objects.exists()


def test_poison_of_one_subscriber_is_food_for_another(test_env, mia, only_subscribers, took):
    told = []
    only_subscribers("picky", refusing("1"))
    only_subscribers("listener", lambda config, events: told.extend(ids(events)))
    tell(test_env, *(event(event_id=str(n)) for n in range(3)))

    drain.drain(now=NOW)

    assert told == ["0", "1", "2"]
    assert took() == ["0", "2"]


def test_subscribers_whose_rows_are_shared_come_last(only_subscribers):
    only_subscribers("tally", print, shared=True)
    only_subscribers("progress", print)

    assert [each.name for each in subscribers.subscribers()] == ["progress", "tally"]


def broken_by(sql):
    def take(config, events):
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return take


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "fault",
    [
        "DO $$ BEGIN RAISE deadlock_detected; END $$",
        "DO $$ BEGIN RAISE lock_not_available; END $$",
        "DO $$ BEGIN RAISE query_canceled; END $$",
        "SELECT pg_terminate_backend(pg_backend_pid())",
    ],
)
def test_a_fault_of_the_database_parks_nothing_and_is_tried_again(test_env, mia, only_subscribers, fault):
    told = []
    only_subscribers("listener", lambda config, events: told.extend(ids(events)))
    only_subscribers("unlucky", broken_by(fault))
    tell(test_env, event(event_id="a"))

    assert drain.drain(now=NOW) == 0

    assert PendingEvent.objects.count() == 1
    assert not ParkedEvent.objects.exists()
    only_subscribers("unlucky", lambda config, events: None)
    assert drain.drain(now=NOW) == 1
    assert told == ["a", "a"]


@pytest.mark.django_db(transaction=True)
def test_a_shard_with_a_fault_does_not_hold_up_the_others(test_env, only_subscribers):
    first, other = (EndUserFactory(environment=test_env, user_id=f"u_{n}") for n in (1, 2))
    assert first.pk % drain.SHARDS != other.pk % drain.SHARDS

    def unlucky(config, events):
        if events[0].user_pk == first.pk:
            raise OperationalError("the disk is full")

    only_subscribers("unlucky", unlucky)
    tell(test_env, event("u_1"), event("u_2"))

    assert drain.drain(now=NOW) == 1
    assert PendingEvent.objects.get().shard == first.pk % drain.SHARDS


@pytest.mark.parametrize(
    ("condition", "passing"),
    [
        ("deadlock_detected", True),
        ("disk_full", True),
        ("program_limit_exceeded", False),
        ("unique_violation", False),
        ("data_exception", False),
        ("internal_error", False),
    ],
)
def test_only_what_may_be_better_next_time_is_tried_again(db, condition, passing):
    with pytest.raises(Exception) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE {condition}; END $$")

    assert handing.is_passing(raised.value) is passing
    assert not handing.is_passing(InternalError())
