"""An event whose handling the database cancels each time is found and parked; a busy hour parks nothing."""

import pytest
from django.db import connection

from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from tests.events.conftest import NOW, event, tell
from tests.factories import EndUserFactory
from users.events import drain, parked, patience
from users.events.models import ParkedEvent, PendingEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def env(transactional_db):
    patience.forget()
    yield keys.create_workspace("Brewline").environments.get(kind="test")
    patience.forget()


def take_too_long():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 5; SELECT pg_sleep(2)")


class Listener:
    """Takes too long for a slow event, and for all as long as the server is busy."""

    def __init__(self):
        self.told, self.busy, self.batches = [], 0, []

    def __call__(self, config, events):
        self.batches.append(len(events))
        if self.busy or any("slow" in each.properties for each in events):
            self.busy = max(0, self.busy - 1)
            take_too_long()
        self.told += [each.event_id for each in events]


@pytest.fixture
def listener(only_subscribers):
    made = Listener()
    only_subscribers("listener", made)
    return made


def drains_until_empty(most):
    for count in range(most):
        if not PendingEvent.objects.exists():
            return count
        drain.drain(now=NOW)
    raise AssertionError(f"{PendingEvent.objects.count()} events are left after {most} drains")


def send(env, count, *slow):
    EndUserFactory(environment=env, user_id="u_1")
    tell(env, *(event(event_id=str(n), **({"slow": 1} if n in slow else {})) for n in range(count)))


def test_the_event_that_is_cancelled_each_time_is_parked_and_the_others_are_told_in_order(env, listener):
    send(env, 100, 41)

    drains_until_empty(12)

    assert listener.told == [str(n) for n in range(100) if n != 41]
    found = ParkedEvent.objects.get()
    assert (found.subscriber, "statement timeout" in found.error) == ("listener", True)


def test_an_event_alone_in_its_shard_is_parked_after_a_few_tries(env, listener):
    send(env, 1, 0)

    drain.drain(now=NOW)
    assert not ParkedEvent.objects.exists()
    drains_until_empty(patience.ALONE + 1)

    assert ParkedEvent.objects.count() == 1


def test_two_such_events_are_both_parked(env, listener):
    send(env, 40, 3, 30)

    drains_until_empty(20)

    assert ParkedEvent.objects.count() == 2
    assert len(listener.told) == 38


def test_a_server_that_is_busy_for_a_while_parks_nothing(env, listener):
    send(env, 100)
    listener.busy = 4

    drains_until_empty(12)

    assert listener.told == [str(n) for n in range(100)]
    assert not ParkedEvent.objects.exists()


def test_after_the_trouble_batches_are_large_again(env, listener):
    send(env, 20, 0)
    drains_until_empty(12)
    listener.batches.clear()

    tell(env, *(event() for _ in range(20)))
    drain.drain(now=NOW)

    assert listener.batches == [20]


def test_one_that_is_cancelled_again_at_a_replay_stays_parked(env, listener):
    send(env, 1, 0)
    drains_until_empty(patience.ALONE + 2)
    aside = ParkedEvent.objects.get()

    assert not parked.replay(aside, Actor("support"), now=NOW)

    assert (aside.attempts, "statement timeout" in aside.error) == (2, True)
