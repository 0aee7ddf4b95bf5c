"""A subscriber that only remembers, and a short way to tell events."""

from datetime import UTC, datetime
from itertools import count

import pytest

from glu_admin import config
from users.events import forms, ingest, subscribers

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_serial = count(1)


def event(client_id="u_1", name="order", event_id=None, **properties):
    """An event as an app sends it."""
    return {
        "event_id": event_id or f"e-{next(_serial)}",
        "event_name": name,
        "user_id": client_id,
        "timestamp": "2026-11-20T11:59:00Z",
        "event_properties": properties,
    }


def tell(environment, *events, now=NOW):
    """Their verdicts, in order."""
    sent = [forms.read(each, now=now) for each in events]
    return [each.verdict for each in ingest.take(config.get(environment.id), sent, source="server", now=now)]


@pytest.fixture
def only_subscribers():
    """No subscriber but those that the test names."""
    before = dict(subscribers._subscribers)
    subscribers._subscribers.clear()
    yield subscribers.subscribe
    subscribers._subscribers.clear()
    subscribers._subscribers.update(before)


@pytest.fixture
def heard(only_subscribers):
    """What a well-behaved subscriber was told."""
    told = []
    only_subscribers("listener", lambda config, events: told.extend(events))
    return told
