"""People with a past."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import EndUserFactory
from users.history import changes
from users.models import Event

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1", registered_at=NOW - 60 * MINUTE)


@pytest.fixture
def changed(test_env):
    """Append a change of a person, some minutes after NOW."""

    def append(person, minutes, described, kind="changed"):
        changes.record(
            person.environment_id,
            person.pk,
            kind,
            source="sdk",
            changes=described,
            at=NOW + minutes * MINUTE,
        )

    return append


@pytest.fixture
def sent():
    """Store an event, some minutes after NOW."""

    def store(environment, minutes, name, *, person=None, client_id=None, verdict="accepted", **fields):
        return Event.objects.create(
            environment=environment,
            user=person,
            client_id=client_id or (person and person.user_id),
            event_id=f"e-{name}-{minutes}",
            name=name,
            happened_at=NOW + minutes * MINUTE,
            received_at=NOW + minutes * MINUTE,
            source="server",
            verdict=verdict,
            **fields,
        )

    return store
