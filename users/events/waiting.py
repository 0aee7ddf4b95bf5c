"""Events of people whom nobody knows yet: kept for a day, and applied when they register.

Registration releases them at once. What it could not see, because both happened in the same
moment, the drain picks up before the person's next event, and the sweep in any case.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from glu_admin.config import EnvironmentConfig
from users.events.bell import ring
from users.events.shards import SHARDS

WAIT = timedelta(hours=24)
CHUNK = 5_000

# Whoever comes second waits for the row, finds that it waits no more, and leaves it.
_RELEASE = f"""
WITH released AS (
    UPDATE users_event SET verdict = 'accepted', user_id = %(user)s
    WHERE environment_id = %(environment)s AND client_id = ANY(%(clients)s) AND verdict = 'waiting'
        AND received_at > %(since)s
    RETURNING id, received_at
)
INSERT INTO users_pendingevent (shard, event_id, received_at, environment_id)
SELECT %(user)s %% {SHARDS}, id, received_at, %(environment)s FROM released
"""
_CLAIM = """
UPDATE users_event e SET verdict = 'accepted', user_id = known.user_id
FROM unnest(%(environments)s::uuid[], %(clients)s::text[], %(users)s::bigint[])
    AS known (environment_id, client_id, user_id)
WHERE e.environment_id = known.environment_id AND e.client_id = known.client_id
    AND e.verdict = 'waiting' AND e.received_at > %(since)s
RETURNING {columns}
"""
# Waits for a drain that has the rows in hand: what comes for the person after the merge is not
# to overtake them. Of the visitor's events only the newest are looked at, those that may be there.
_FOLLOW = """
UPDATE users_pendingevent pending SET shard = %(to)s FROM users_event e
WHERE pending.shard = %(of)s AND pending.event_id = e.id AND pending.received_at = e.received_at
    AND e.environment_id = %(environment)s AND e.user_id = %(alias)s
    AND e.id >= (SELECT min(event_id) FROM users_pendingevent WHERE shard = %(of)s)
"""
# Found as an event's person is: by the client's id, as a visitor, as one who became known.
_WHO = """
coalesce(
    (SELECT u.id FROM users_enduser u
     WHERE u.environment_id = e.environment_id AND u.user_id = e.client_id),
    (SELECT u.id FROM users_enduser u WHERE u.environment_id = e.environment_id
        AND u.anonymous_id = e.client_id AND u.user_id IS NULL AND u.merged_into_id IS NULL),
    (SELECT coalesce(u.merged_into_id, u.id) FROM users_enduser u
     WHERE u.environment_id = e.environment_id AND u.anonymous_id = e.client_id
        AND u.anonymous_id IS NOT NULL AND (u.user_id IS NOT NULL OR u.merged_into_id IS NOT NULL)
     ORDER BY coalesce(u.merged_at, u.updated_at) DESC LIMIT 1)
)
"""
_RELEASE_KNOWN = f"""
WITH known AS MATERIALIZED (
    SELECT e.id, e.received_at, {_WHO} AS user_id FROM users_event e
    WHERE e.verdict = 'waiting' AND e.received_at > %(since)s
), released AS (
    UPDATE users_event e SET verdict = 'accepted', user_id = known.user_id FROM known
    WHERE e.id = known.id AND e.received_at = known.received_at AND e.verdict = 'waiting'
        AND known.user_id IS NOT NULL
    RETURNING e.id, e.received_at, e.environment_id, e.user_id
)
INSERT INTO users_pendingevent (shard, event_id, received_at, environment_id)
SELECT user_id %% {SHARDS}, id, received_at, environment_id FROM released
"""
# Its id is free again: an event that was never applied may be sent anew.
_REFUSE = """
WITH due AS (
    SELECT id, received_at FROM users_event
    WHERE verdict = 'waiting' AND received_at <= %(since)s LIMIT %(chunk)s
), refused AS (
    UPDATE users_event e SET verdict = 'rejected', reason = 'unknown_user', field = 'user_id' FROM due
    WHERE e.id = due.id AND e.received_at = due.received_at AND e.verdict = 'waiting'
    RETURNING e.environment_id, e.event_id
), forgotten AS (
    DELETE FROM users_seenevent seen USING refused
    WHERE seen.environment_id = refused.environment_id
        AND seen.digest = encode(substring(sha256(convert_to(refused.event_id, 'UTF8')) FOR 16), 'hex')::uuid
)
SELECT count(*) FROM refused
"""
log = structlog.get_logger("glu.events")


def release(config: EnvironmentConfig, user_pk: int, client_ids: Sequence[str], *, now: datetime) -> int:
    """Apply what waited for this person, who is known by these ids now; how many events it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            _RELEASE,
            {
                "environment": config.id,
                "user": user_pk,
                "clients": list(client_ids),
                "since": now - WAIT,
            },
        )
        released = int(cursor.rowcount)
    if released:
        transaction.on_commit(ring)
    return released


def follow(environment_id: UUID, alias_pk: int, user_pk: int, _: datetime) -> None:
    """In a merge: what the visitor did and nobody was told of yet goes before what the user does next."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FOLLOW,
            {
                "environment": environment_id,
                "alias": alias_pk,
                "of": alias_pk % SHARDS,
                "to": user_pk % SHARDS,
            },
        )


def claim(people: Mapping[tuple[UUID, str], int], columns: str, *, now: datetime) -> list[tuple[Any, ...]]:
    """The events that still wait for one of these people, accepted now; the caller hands them on."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM.format(columns=columns),
            {
                "environments": [environment_id for environment_id, _ in people],
                "clients": [client_id for _, client_id in people],
                "users": list(people.values()),
                "since": now - WAIT,
            },
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def sweep(*, now: datetime) -> int:
    """Release what waits for people who are known by now, and refuse what waited too long.

    How many events it was in all.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE_KNOWN, {"since": now - WAIT})
        released = int(cursor.rowcount)
    if released:
        transaction.on_commit(ring)
    refused = _refuse(now)
    if released or refused:
        log.info("events.waiting_swept", released=released, refused=refused)
    return released + refused


def _refuse(now: datetime) -> int:
    refused = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_REFUSE, {"since": now - WAIT, "chunk": CHUNK})
            count = int(cursor.fetchone()[0])
        refused += count
        if count < CHUNK:
            return refused
