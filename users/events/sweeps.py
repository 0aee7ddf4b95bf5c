"""Forgets what need not be kept: ids of old events, old months, what is parked of events that are gone."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection

from glu_admin import partitions

SEEN_FOR = timedelta(days=30)
CHUNK = 20_000

# Pages of 20,000: no transaction that others would have to wait for.
_FORGET_SEEN = """
DELETE FROM users_seenevent WHERE (environment_id, digest) IN (
    SELECT environment_id, digest FROM users_seenevent WHERE seen_at < %(before)s LIMIT %(chunk)s)
"""
# An erasure or the end of its month took the event; there is nothing left to replay.
_FORGET_PARKED = """
DELETE FROM users_parkedevent parked WHERE NOT EXISTS (
    SELECT FROM users_event e WHERE e.id = parked.event_id AND e.received_at = parked.received_at)
"""
log = structlog.get_logger("glu.events")


def register_tables() -> None:
    """Tell the partitions' sweep how long people's history is kept."""
    partitions.register("users_event", settings.KEEP_MONTHS["events"])
    partitions.register("users_userchange", settings.KEEP_MONTHS["changes"])
    partitions.register("users_sdksignal", settings.KEEP_MONTHS["signals"])


def sweep(*, now: datetime) -> None:
    """All of it. Each statement is a transaction of its own, and may be repeated."""
    partitions.sweep(now)
    forgotten, parked = forget_seen(now=now), forget_parked()
    if forgotten or parked:
        log.info("events.forgotten", seen=forgotten, parked=parked)


def forget_seen(*, now: datetime, chunk: int = CHUNK) -> int:
    """Ids that are older than 30 days: an event that comes again now is taken as new."""
    forgotten = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET_SEEN, {"before": now - SEEN_FOR, "chunk": chunk})
            deleted: int = cursor.rowcount
        forgotten += deleted
        if deleted < chunk:
            return forgotten


def forget_parked() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_PARKED)
        return int(cursor.rowcount)
