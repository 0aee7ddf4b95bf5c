"""Writes down which event a subscriber could not take, and why, until it is replayed."""

from datetime import datetime

import structlog
from django.db import connection

from glu_admin.config import EnvironmentConfig
from users.events.models import ParkedEvent
from users.events.subscribers import Happened, Subscriber

MOST_CHARACTERS = ParkedEvent._meta.get_field("error").max_length
MOST_ATTEMPTS = 32_767  # what its column holds
# an event that was handed on anew and failed again is open again
_PARK = f"""
INSERT INTO users_parkedevent AS parked
    (environment_id, event_id, received_at, subscriber, error, attempts, parked_at)
VALUES (%s, %s, %s, %s, %s, 1, %s)
ON CONFLICT (event_id, subscriber) DO UPDATE SET
    error = excluded.error, attempts = least(parked.attempts + 1, {MOST_ATTEMPTS}),
    parked_at = excluded.parked_at, replayed_at = NULL
"""
log = structlog.get_logger("glu.events")


def park(
    config: EnvironmentConfig, subscriber: Subscriber, event: Happened, fault: Exception, *, now: datetime
) -> None:
    """In the transaction of those events that the subscriber did take."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PARK, [config.id, event.id, event.received_at, subscriber.name, described(fault), now]
        )
    log.warning(
        "event.parked",
        number=event.id,
        subscriber=subscriber.name,
        error=type(fault).__name__,
        environment=str(config.id),
    )


def described(fault: Exception) -> str:
    """One line; the details that PostgreSQL adds on further lines hold values of rows."""
    line = str(fault).partition("\n")[0].replace("\0", "")
    return f"{type(fault).__name__}: {line}"[:MOST_CHARACTERS]
