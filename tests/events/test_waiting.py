"""What nobody known did is kept for a day, and applied in order when the person registers."""

from copy import copy
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from glu_admin import config
from glu_admin.workspaces import keys
from tests.campaigns.racing import Held, lock, sessions, wait_until_blocked
from tests.events.conftest import NOW, event, tell
from tests.factories import EndUserFactory
from users import tasks
from users.events import drain, waiting
from users.events.models import Event, PendingEvent, SeenEvent
from users.models import EndUser
from users.registration import register
from users.registration_form import parse

pytestmark = pytest.mark.django_db


def ids(heard):
    return [each.event_id for each in heard]


def known(environment, **fields):
    return EndUserFactory(environment=environment, **{"user_id": "late"} | fields)


def release(person, *client_ids, now=NOW):
    return waiting.release(
        config.get(person.environment_id), person.pk, client_ids or [person.user_id], now=now
    )


def test_what_waits_is_handed_on_in_order_once_the_person_registers(test_env, heard):
    tell(test_env, *(event("late", event_id=str(n)) for n in range(5)))
    assert drain.drain(now=NOW) == 0

    person = known(test_env)
    released = release(person)
    tell(test_env, event("late", event_id="5"))
    drain.drain(now=NOW)

    assert released == 5
    assert ids(heard) == ["0", "1", "2", "3", "4", "5"]
    assert {each.user_pk for each in heard} == {person.pk}
    assert set(Event.objects.values_list("verdict", "user_id")) == {("accepted", person.pk)}


def test_all_ids_of_a_person_are_released_and_no_other(test_env, live_env, heard):
    tell(test_env, event("late", event_id="a"), event("cookie", event_id="b"), event("other", event_id="c"))
    tell(live_env, event("late", event_id="d"))

    release(known(test_env), "late", "cookie")
    drain.drain(now=NOW)

    assert ids(heard) == ["a", "b"]
    assert Event.objects.filter(verdict="waiting").count() == 2


def test_a_release_finds_nothing_twice(test_env, heard):
    tell(test_env, event("late"))
    person = known(test_env)

    assert [release(person), release(person)] == [1, 0]
    drain.drain(now=NOW)
    assert len(heard) == 1


def test_what_waits_for_longer_than_a_day_is_refused(test_env, heard):
    tell(test_env, event("late", event_id="old"), now=NOW - timedelta(hours=24))
    tell(test_env, event("late", event_id="new"), now=NOW - timedelta(hours=23, minutes=59))

    assert waiting.sweep(now=NOW) == 1
    release(known(test_env))
    drain.drain(now=NOW)

    refused = Event.objects.get(event_id="old")
    assert (refused.verdict, refused.reason, refused.field) == ("rejected", "unknown_user", "user_id")
    assert ids(heard) == ["new"]


def test_a_release_never_takes_what_is_older_than_a_day_though_no_sweep_came(test_env, heard):
    tell(test_env, event("late"), now=NOW - timedelta(hours=24))

    assert release(known(test_env)) == 0


def test_an_event_that_was_refused_after_a_day_may_be_sent_again(test_env, heard):
    tell(test_env, event("late", event_id="a"), event("late", event_id="ü"), now=NOW - timedelta(days=2))
    waiting.sweep(now=NOW)

    assert not SeenEvent.objects.exists()
    known(test_env)
    assert tell(test_env, event("late", event_id="a"), event("late", event_id="ü")) == ["accepted"] * 2


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_refusals_go_on_until_none_is_left(test_env, monkeypatch, chunk):
    monkeypatch.setattr(waiting, "CHUNK", chunk)
    tell(test_env, *(event("late") for _ in range(5)), now=NOW - timedelta(days=2))

    assert waiting.sweep(now=NOW) == 5


def test_the_sweep_releases_whoever_is_known_by_now_by_any_id(test_env, live_env, heard):
    tell(test_env, *(event(client, event_id=client) for client in ("late", "cookie", "old-cookie", "v", "x")))
    tell(live_env, event("late", event_id="live"))
    adopted = known(test_env, anonymous_id="cookie")
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="v")
    EndUserFactory(
        environment=test_env, user_id=None, anonymous_id="old-cookie", merged_into=adopted, merged_at=NOW
    )

    assert waiting.sweep(now=NOW) == 4
    drain.drain(now=NOW)

    assert {each.event_id: each.user_pk for each in heard} == {
        "late": adopted.pk,
        "cookie": adopted.pk,
        "old-cookie": adopted.pk,
        "v": visitor.pk,
    }
    assert sorted(Event.objects.filter(verdict="waiting").values_list("event_id", flat=True)) == ["live", "x"]


def test_the_frequent_sweep_looks_at_the_last_minutes_and_the_hourly_one_at_the_whole_day(test_env):
    """A crowd that never registers is not to be looked for four times a minute."""
    now = timezone.now()
    tell(test_env, event("late", event_id="new"), now=now - waiting.MISSED / 2)
    tell(test_env, event("late", event_id="old"), now=now - waiting.MISSED * 2)
    tell(test_env, event("late", event_id="oldest"), now=now - waiting.WAIT + timedelta(minutes=1))
    tell(test_env, event("nobody", event_id="too old"), now=now - waiting.WAIT)
    known(test_env)

    def waits():
        return list(Event.objects.filter(verdict="waiting").order_by("id").values_list("event_id", flat=True))

    tasks.sweep_waiting()
    assert waits() == ["old", "oldest"]
    tasks.sweep_events()
    assert waits() == []
    assert PendingEvent.objects.count() == 3


@pytest.mark.parametrize("statement", ["_RELEASE_KNOWN", "_REFUSE"])
def test_a_sweep_reads_only_what_it_looks_for(test_env, statement):
    """Along an index, though nearly everything there is waits."""
    crowd = Event(environment=test_env, client_id="nobody", verdict="waiting", received_at=NOW)
    Event.objects.bulk_create([copy(crowd) for _ in range(2000)])
    since = NOW + timedelta(hours=1) if statement == "_RELEASE_KNOWN" else NOW - timedelta(hours=1)
    values = {"since": since, "until": since + timedelta(minutes=5), "chunk": 5000}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE users_event")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING off) {getattr(waiting, statement)}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Seq Scan on users_event_y" not in plan
    assert "received_at_idx" in plan
    assert "rows=2000" not in plan.replace(".00", "")


@pytest.fixture
def shared_env(transactional_db):
    return keys.create_workspace("Brewline").environments.get(kind="test")


@pytest.mark.django_db(transaction=True)
def test_an_event_that_came_while_its_person_registered_is_not_lost_and_not_overtaken(shared_env, heard):
    """It saw nobody, and the registration saw nothing waiting: both were under way."""
    with sessions(1) as (registering,):
        registration = Held(registering, lambda: release(known(shared_env)))
        assert tell(shared_env, event("late", event_id="first")) == ["waiting"]
        assert registration.commit() == 0
    tell(shared_env, event("late", event_id="second"))

    drain.drain(now=NOW)

    assert ids(heard) == ["first", "second"]
    assert waiting.sweep(now=NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_an_event_missed_in_that_moment_is_found_by_the_sweep_if_no_other_follows(shared_env, heard):
    with sessions(1) as (registering,):
        registration = Held(registering, lambda: release(known(shared_env)))
        tell(shared_env, event("late", event_id="only"))
        registration.commit()

    assert drain.drain(now=NOW) == 0
    assert waiting.sweep(now=NOW) == 1
    drain.drain(now=NOW)
    assert ids(heard) == ["only"]


@pytest.mark.django_db(transaction=True)
def test_two_that_release_at_once_hand_on_once(shared_env, heard):
    tell(shared_env, event("late"))
    person = known(shared_env)

    with sessions(2) as (one, other):
        first = Held(one, lambda: release(person))
        blocked = other.run(lambda: release(person))
        wait_until_blocked()
        assert first.commit() == 1
        assert blocked.result(20) == 0
    drain.drain(now=NOW)

    assert len(heard) == 1
    assert Event.objects.get().verdict == "accepted"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("days", [0, 2])
def test_a_sweep_leaves_what_is_being_released_and_waits_for_nobody(shared_env, heard, days):
    """What it holds itself, another registration would wait for."""
    tell(shared_env, event("late", event_id="a"), event("other", event_id="b"))
    person, _ = known(shared_env), known(shared_env, user_id="other")

    with sessions(2) as (one, other):
        first = Held(one, lambda: release(person))
        assert other.run(lambda: waiting.sweep(now=NOW + timedelta(days=days))).result(20) == 1
        assert first.commit() == 1

    assert waiting.sweep(now=NOW) == 0
    assert set(Event.objects.values_list("event_id", "verdict")) == {
        ("a", "accepted"),
        ("b", "rejected" if days else "accepted"),
    }


def along_the_index(step):
    """As in a large table: rows come in the order of the clients' ids or of the moments."""

    def work():
        with connection.cursor() as cursor:
            for each in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):
                cursor.execute(f"SET enable_{each} = off")
        return step()

    return work


def claim(environment, person, *clients):
    columns = "e.environment_id, e.id"
    people = {(environment.id, client): person.pk for client in clients}
    return waiting.claim(people, columns, now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["claim", "sweep", "refuse"])
def test_those_that_release_the_same_events_at_once_never_deadlock(shared_env, other):
    """One goes from the last event to the first by the clients' ids, the other the other way."""
    tell(shared_env, event("c", event_id="1"), event("b", event_id="2"), event("a", event_id="3"))
    person = known(shared_env, user_id="a", anonymous_id="b")
    EndUserFactory(environment=shared_env, user_id=None, anonymous_id="c", merged_into=person, merged_at=NOW)
    middle = Event.objects.get(event_id="2").pk
    steps = {
        "claim": lambda: len(claim(shared_env, person, "a", "b", "c")),
        "sweep": lambda: waiting.sweep(now=NOW),
        "refuse": lambda: waiting.sweep(now=NOW + timedelta(days=2)),
    }

    with sessions(3) as (holding, releasing, sweeping):
        held = Held(holding, lock("SELECT FROM users_event WHERE id = %s FOR UPDATE", middle))
        released = releasing.run(along_the_index(lambda: release(person, "a", "b", "c")))
        wait_until_blocked()
        swept = sweeping.run(along_the_index(steps[other]))
        if other == "claim":
            wait_until_blocked(2)
        else:
            swept.result(20)
        held.commit()
        assert released.result(20) + swept.result(20) == 3

    assert not Event.objects.filter(verdict="waiting").exists()


@pytest.mark.django_db(transaction=True)
def test_a_registration_whose_release_fails_is_answered_as_done_and_its_events_come_later(
    shared_env, heard, monkeypatch
):
    """The person is written; that events of theirs wait a little longer is no fault of the call."""
    tell(shared_env, event("late"))
    monkeypatch.setattr(waiting, "_RELEASE", "SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)")

    registered = register(config.get(shared_env.id), parse({"userId": "late"}), now=NOW)

    assert registered.created
    assert EndUser.objects.get().user_id == "late"
    monkeypatch.undo()
    assert waiting.sweep(now=NOW) == 1
    drain.drain(now=NOW)
    assert len(heard) == 1


@pytest.mark.django_db(transaction=True)
def test_a_release_that_fails_undoes_nothing_else_of_its_transaction(shared_env, monkeypatch):
    monkeypatch.setattr(waiting, "_RELEASE", "SET LOCAL statement_timeout = 1; SELECT pg_sleep(5)")

    with transaction.atomic():
        assert release(known(shared_env)) == 0

    assert EndUser.objects.get().user_id == "late"


@pytest.mark.django_db(transaction=True)
def test_a_release_that_a_deadlock_ended_is_made_once_more(shared_env, monkeypatch):
    tell(shared_env, event("late"))
    execute, faults = waiting._execute, [OperationalError("deadlock detected")]

    def stumbling(*args):
        if faults:
            raise faults.pop()
        return execute(*args)

    monkeypatch.setattr(waiting, "_execute", stumbling)

    assert release(known(shared_env)) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_released_in_a_registration_that_fails_goes_on_waiting(shared_env, heard):
    tell(shared_env, event("late"))

    with transaction.atomic():
        release(known(shared_env))
        transaction.set_rollback(True)

    assert Event.objects.get().verdict == "waiting"
    assert not PendingEvent.objects.exists()
