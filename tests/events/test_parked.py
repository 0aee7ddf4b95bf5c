"""A parked event is handed on again when somebody asks, and taken once."""

from datetime import timedelta

import pytest

from glu_admin.api.errors import ApiError
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry
from tests.events.conftest import NOW, event, tell
from tests.factories import EndUserFactory
from users.events import drain, parked, replay, subscribers, sweeps
from users.events.models import Event, ParkedEvent

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
SUPPORT = Actor("support")


class Picky:
    """A subscriber that takes nothing until it is mended."""

    def __init__(self):
        self.taken, self.is_mended = [], False

    def __call__(self, config, events):
        if not self.is_mended:
            raise KeyError("amount")
        self.taken += [each.event_id for each in events]


@pytest.fixture
def picky(only_subscribers):
    made = Picky()
    only_subscribers("picky", made)
    return made


@pytest.fixture
def aside(test_env, picky):
    """An event that was parked."""
    EndUserFactory(environment=test_env, user_id="u_1")
    tell(test_env, event(event_id="a"))
    drain.drain(now=NOW)
    return ParkedEvent.objects.get()


def test_a_mended_subscriber_takes_it_once(aside, picky):
    picky.is_mended = True

    assert parked.replay(aside, SUPPORT, now=LATER)
    assert parked.replay(aside, SUPPORT, now=LATER + timedelta(hours=1))

    assert picky.taken == ["a"]
    aside.refresh_from_db()
    assert (aside.replayed_at, aside.attempts) == (LATER, 2)
    entry = AuditEntry.objects.get(action="parked_event.replay")
    assert (entry.actor, entry.object_id) == ("support", str(aside.pk))


def test_one_that_fails_again_stays_parked_and_says_why(aside, picky):
    ParkedEvent.objects.update(error="something older")

    assert not parked.replay(aside, SUPPORT, now=LATER)

    assert (aside.replayed_at, aside.attempts, aside.error) == (None, 2, "KeyError: 'amount'")
    assert AuditEntry.objects.get(action="parked_event.replay").changes == {
        "error": [None, "KeyError: 'amount'"]
    }


def test_one_whose_event_or_subscriber_is_gone_says_so(aside, picky):
    subscribers._subscribers.clear()
    assert not parked.replay(aside, SUPPORT, now=LATER)
    assert aside.error == "Nothing called picky takes events any more."

    Event.objects.all().delete()
    assert not parked.replay(aside, SUPPORT, now=LATER)
    assert aside.error.startswith("The event is gone")


def test_one_that_is_parked_no_more_is_answered_in_words(aside, picky):
    picky.is_mended = True
    ParkedEvent.objects.all().delete()

    with pytest.raises(ApiError) as refused:
        parked.replay(aside, SUPPORT, now=LATER)

    assert (refused.value.code, refused.value.status) == ("parked_event_not_found", 404)
    assert picky.taken == []
    assert not AuditEntry.objects.filter(action="parked_event.replay").exists()


def test_what_is_parked_of_an_event_that_is_gone_is_forgotten(aside):
    assert sweeps.forget_parked() == 0
    Event.objects.all().delete()

    assert sweeps.forget_parked() == 1
    assert not ParkedEvent.objects.exists()


def test_in_test_an_event_is_handed_to_everybody_again(test_env, aside, picky):
    told = []
    subscribers.subscribe("listener", lambda config, events: told.extend(events))

    answer = replay.replay_event(test_env, aside.event_id, SUPPORT, now=LATER)

    assert (answer.taken, answer.parked) == (("listener",), ("picky",))
    assert [each.event_id for each in told] == ["a"]
    aside.refresh_from_db()
    assert (aside.attempts, aside.parked_at) == (2, LATER)
    assert AuditEntry.objects.filter(action="event.replay", object_id=str(aside.event_id)).count() == 1


def test_a_replayed_event_that_is_parked_again_is_open_again(test_env, aside, picky):
    picky.is_mended = True
    parked.replay(aside, SUPPORT, now=LATER)
    picky.is_mended = False

    replay.replay_event(test_env, aside.event_id, SUPPORT, now=LATER)

    aside.refresh_from_db()
    assert (aside.replayed_at, aside.attempts) == (None, 3)


def test_in_live_nothing_is_replayed(live_env, only_subscribers):
    EndUserFactory(environment=live_env, user_id="u_1")
    tell(live_env, event())

    with pytest.raises(ApiError) as refused:
        replay.replay_event(live_env, Event.objects.get().pk, SUPPORT, now=LATER)

    assert (refused.value.code, refused.value.status) == ("replay_only_in_test", 409)


def test_only_an_accepted_event_of_the_environment_is_replayed(test_env, live_env, only_subscribers):
    EndUserFactory(environment=live_env, user_id="u_1")
    tell(live_env, event())
    tell(test_env, event("nobody", event_id="waits"))

    codes = []
    for number in (Event.objects.get(environment=live_env).pk, Event.objects.get(event_id="waits").pk):
        with pytest.raises(ApiError) as refused:
            replay.replay_event(test_env, number, SUPPORT, now=LATER)
        codes.append((refused.value.code, refused.value.status))

    assert codes == [("event_not_found", 404), ("event_not_accepted", 409)]
