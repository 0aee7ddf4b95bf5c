"""Events that came before the person was known are applied by the registration that makes them known."""

from datetime import UTC, datetime

import pytest

from glu_admin import config
from users.models import Event, PendingEvent
from users.registration import register
from users.registration_form import parse

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def opened(test_env):
    return config.get(test_env.id)


@pytest.fixture
def waiting(test_env):
    def keep(client_id):
        return Event.objects.create(
            environment=test_env, client_id=client_id, name="Sign Up", verdict="waiting", received_at=NOW
        )

    return keep


@pytest.mark.parametrize(
    ("before", "call", "client_id"),
    [
        ([], {"userId": "u_1"}, "u_1"),
        ([], {"anonymousId": "v"}, "v"),
        ([], {"userId": "u_1", "anonymousId": "v"}, "v"),
        ([{"anonymousId": "v"}], {"userId": "u_1", "anonymousId": "v"}, "u_1"),
        ([{"userId": "u_1"}], {"userId": "u_1", "anonymousId": "v"}, "v"),
        ([{"userId": "u_1"}, {"anonymousId": "v"}], {"userId": "u_1", "anonymousId": "v"}, "v"),
    ],
)
def test_who_becomes_known_by_an_id_gets_the_events_that_waited_for_it(
    opened, waiting, before, call, client_id
):
    for each in before:
        register(opened, parse(each), now=NOW)
    event = waiting(client_id)

    person = register(opened, parse(call), now=NOW).record

    event.refresh_from_db()
    assert (event.verdict, event.user_id) == ("accepted", person.id)
    assert PendingEvent.objects.get().event_id == event.pk


def test_events_of_others_go_on_waiting(opened, waiting):
    event = waiting("u_2")

    register(opened, parse({"userId": "u_1"}), now=NOW)

    event.refresh_from_db()
    assert (event.verdict, event.user_id) == ("waiting", None)
