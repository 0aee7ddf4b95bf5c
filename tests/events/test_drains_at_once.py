"""Several drains at once: each takes other people's events, and nobody's are told twice or out of turn."""

import threading
from collections import defaultdict

import pytest
from django.db import connection, transaction

from glu_admin import config
from glu_admin.api.errors import ApiError
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from tests.campaigns.racing import Held, lock, sessions, wait_until_blocked
from tests.events.conftest import NOW, event, tell
from tests.factories import EndUserFactory
from users.events import drain, parked, replay, tally, waiting
from users.events.models import Event, EventTally, ParkedEvent, PendingEvent
from users.identity import merging
from users.models import EndUser
from users.privacy import erasure
from users.registration import register
from users.registration_form import parse

pytestmark = pytest.mark.django_db(transaction=True)
SHARD = "SELECT FROM users_shard WHERE number = %s FOR UPDATE"


@pytest.fixture
def shared_env(transactional_db):
    return keys.create_workspace("Brewline").environments.get(kind="test")


def people(environment, count):
    return [EndUserFactory(environment=environment, user_id=f"u_{n}") for n in range(count)]


def ids(heard):
    return [each.event_id for each in heard]


def test_a_shard_that_somebody_empties_is_left_to_them(shared_env, heard):
    first, _other = people(shared_env, 2)
    tell(shared_env, event("u_0", event_id="a"), event("u_1", event_id="b"))

    with sessions(1) as (busy,):
        emptying = Held(busy, lock(SHARD, first.pk % drain.SHARDS))
        drain.drain(now=NOW)
        assert ids(heard) == ["b"]
        emptying.commit()
    drain.drain(now=NOW)

    assert ids(heard) == ["b", "a"]


def test_a_drain_does_only_the_shards_that_it_was_given(shared_env, heard):
    _first, other = people(shared_env, 2)
    tell(shared_env, event("u_0", event_id="a"), event("u_1", event_id="b"))

    drain.drain(now=NOW, shards=[other.pk % drain.SHARDS])

    assert ids(heard) == ["b"]


def test_drains_at_once_tell_everything_once_and_in_order_and_count_it(shared_env, only_subscribers):
    told = defaultdict(list)
    only_subscribers("listener", lambda config, events: [told[e.user_pk].append(e.event_id) for e in events])
    only_subscribers("tally", tally.count, shared=True)
    people(shared_env, 20)
    sent = defaultdict(list)
    for n in range(600):
        sent[f"u_{n % 20}"].append(str(n))
    tell(shared_env, *(event(f"u_{n % 20}", name=f"name {n % 7}", event_id=str(n)) for n in range(600)))
    start, failures = threading.Barrier(4), []

    def work():
        try:
            start.wait(10)
            while PendingEvent.objects.exists():
                drain.drain(now=NOW, most=60)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failures == []
    names = dict(EndUser.objects.values_list("pk", "user_id"))
    assert {names[pk]: events for pk, events in told.items()} == sent
    assert sum(EventTally.objects.values_list("total", flat=True)) == 600


def test_a_replay_waits_for_the_drain_of_the_same_person(shared_env, only_subscribers):
    [person] = people(shared_env, 1)
    tell(shared_env, event("u_0"))
    told, is_broken = [], True

    def listener(config, events):
        if is_broken:
            raise ValueError
        told.extend(ids(events))

    only_subscribers("listener", listener)
    drain.drain(now=NOW)
    is_broken = False
    aside = ParkedEvent.objects.get()

    with sessions(2) as (busy, support):
        emptying = Held(busy, lock(SHARD, person.pk % drain.SHARDS))
        replaying = support.run(lambda: parked.replay(aside, Actor("support"), now=NOW))
        wait_until_blocked()
        assert told == []
        emptying.commit()
        assert replaying.result(20)

    assert len(told) == 1


@pytest.mark.parametrize("of", ["parked", "event"])
def test_a_replay_that_waited_for_an_erasure_has_no_effect_and_says_so(shared_env, only_subscribers, of):
    [person] = people(shared_env, 1)
    tell(shared_env, event("u_0"))
    told, is_broken = [], True

    def listener(config, events):
        if is_broken:
            raise ValueError
        told.extend(ids(events))

    only_subscribers("listener", listener)
    drain.drain(now=NOW)
    is_broken = False
    aside, support = ParkedEvent.objects.get(), Actor("support")
    steps = {
        "parked": lambda: parked.replay(aside, support, now=NOW),
        "event": lambda: replay.replay_event(shared_env, aside.event_id, support, now=NOW),
    }

    codes = {"parked": "parked_event_not_found", "event": "event_not_found"}

    with sessions(2) as (erasing, replaying):
        under_way = Held(erasing, lambda: erasure.erase(person, support, now=NOW))
        replayed = replaying.run(steps[of])
        wait_until_blocked()
        under_way.commit()
        with pytest.raises(ApiError) as refused:
            replayed.result(20)

    assert (refused.value.code, refused.value.status) == (codes[of], 404)
    assert told == []


def test_a_replay_that_waited_for_a_merge_is_for_the_user_and_holds_the_users_events(
    shared_env, only_subscribers
):
    """Else a drain could tell of the user at the same time."""
    person, visitor = apart(shared_env)
    tell(shared_env, event("v"))
    only_subscribers("listener", lambda config, events: None)
    drain.drain(now=NOW)
    number, free = Event.objects.get().pk, []

    def merge():
        lock(SHARD, visitor.pk % drain.SHARDS)()
        sign_in(shared_env)

    with sessions(3) as (registering, replaying, draining):

        def listener(config, events):
            held = draining.run(lambda: is_held(person.pk % drain.SHARDS)).result(10)
            free.append((events[0].user_pk, held))

        only_subscribers("listener", listener)
        merged = Held(registering, merge)
        replayed = replaying.run(lambda: replay.replay_event(shared_env, number, Actor("support"), now=NOW))
        wait_until_blocked()
        merged.commit()
        assert replayed.result(20).taken == ("listener",)

    assert free == [(person.pk, True)]


def is_held(shard):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{SHARD} SKIP LOCKED", [shard])
        return cursor.fetchone() is None


def apart(environment):
    """A user and a visitor whose events are in different shards."""
    person = EndUserFactory(environment=environment, user_id="u_1")
    visitor = EndUserFactory(environment=environment, user_id=None, anonymous_id="v")
    assert person.pk % drain.SHARDS != visitor.pk % drain.SHARDS
    return person, visitor


def sign_in(environment):
    form = parse({"userId": "u_1", "anonymousId": "v"})
    return register(config.get(environment.id), form, now=NOW)


def test_what_a_visitor_did_is_told_before_what_the_user_did_after_the_merge(shared_env, heard):
    person, _visitor = apart(shared_env)
    assert waiting.follow in merging._folds
    tell(shared_env, event("v", event_id="before"), event("v", event_id="too"))

    sign_in(shared_env)
    tell(shared_env, event("u_1", event_id="after"))
    drain.drain(now=NOW, shards=[person.pk % drain.SHARDS])

    assert ids(heard) == ["before", "too", "after"]
    assert {each.user_pk for each in heard} == {person.pk}


def test_a_merge_waits_for_the_drain_that_has_the_visitors_events(shared_env, only_subscribers):
    person, visitor = apart(shared_env)
    tell(shared_env, event("v", event_id="before"))
    told = []
    only_subscribers("listener", lambda config, events: told.extend(ids(events)))

    with sessions(2) as (draining, registering):
        under_way = Held(draining, lambda: drain.drain(now=NOW))
        merge = registering.run(lambda: sign_in(shared_env))
        wait_until_blocked()
        under_way.commit()
        merge.result(20)

    assert EndUser.objects.get(pk=visitor.pk).merged_into_id == person.pk
    assert told == ["before"]
    assert not PendingEvent.objects.exists()


def test_a_drain_that_meets_a_merge_leaves_the_events_to_the_users_shard(shared_env, heard):
    person, visitor = apart(shared_env)
    tell(shared_env, event("v", event_id="before"))

    with sessions(2) as (registering, draining):
        merge = Held(registering, lambda: sign_in(shared_env))
        drained = draining.run(lambda: drain.drain(now=NOW, shards=[visitor.pk % drain.SHARDS]))
        wait_until_blocked()
        merge.commit()
        assert drained.result(20) == 0
    assert heard == []
    drain.drain(now=NOW)

    assert [(each.event_id, each.user_pk) for each in heard] == [("before", person.pk)]
