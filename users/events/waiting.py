"""Events of people whom nobody knows yet: kept for a day, and applied when they register.

Registration releases them at once. What it could not see, because both happened in the same
moment, the drain picks up before the person's next event, and the sweep in any case.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from glu_admin.config import EnvironmentConfig
from users.events.bell import ring
from users.events.parking import described
from users.events.shards import SHARDS

WAIT = timedelta(hours=24)
# an event and a registration that did not see each other have both ended long before
MISSED = timedelta(minutes=5)
SLICE = timedelta(minutes=15)  # no sweep of a busy day is one long statement
AHEAD = datetime.max.replace(tzinfo=UTC)  # the clocks of two servers differ
CHUNK = 5_000

# Rows are locked in the order of their ids everywhere, so that no two deadlock. Whoever comes
# second waits for a row, finds that it waits no more, and leaves it. The ids go on as an array:
# the planner takes it for short, and looks each up instead of reading whole months.
_RELEASE = f"""
WITH held AS MATERIALIZED (
    SELECT id FROM users_event
    WHERE environment_id = %(environment)s AND client_id = ANY(%(clients)s) AND verdict = 'waiting'
        AND received_at > %(since)s
    ORDER BY id FOR UPDATE
), released AS (
    UPDATE users_event SET verdict = 'accepted', user_id = %(user)s
    WHERE id = ANY(ARRAY(SELECT id FROM held)) AND received_at > %(since)s
    RETURNING id, received_at
)
INSERT INTO users_pendingevent (shard, event_id, received_at, environment_id)
SELECT %(user)s %% {SHARDS}, id, received_at, %(environment)s FROM released
"""
_CLAIM = """
WITH held AS MATERIALIZED (
    SELECT e.id, known.user_id
    FROM unnest(%(environments)s::uuid[], %(clients)s::text[], %(users)s::bigint[])
        AS known (environment_id, client_id, user_id)
    JOIN users_event e ON e.environment_id = known.environment_id AND e.client_id = known.client_id
    WHERE e.verdict = 'waiting' AND e.received_at > %(since)s
    ORDER BY e.id FOR UPDATE OF e
)
UPDATE users_event e SET verdict = 'accepted', user_id = held.user_id FROM held
WHERE e.id = ANY(ARRAY(SELECT id FROM held)) AND e.id = held.id AND e.received_at > %(since)s
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
# A sweep waits for nobody, as others would wait for what it holds: what is skipped here is being
# released by somebody else, or comes with the next sweep.
_RELEASE_KNOWN = f"""
WITH known AS MATERIALIZED (
    SELECT e.id, {_WHO} AS user_id FROM users_event e
    WHERE e.verdict = 'waiting' AND e.received_at > %(since)s AND e.received_at <= %(until)s
), held AS MATERIALIZED (
    SELECT id FROM users_event
    WHERE id = ANY(ARRAY(SELECT id FROM known WHERE user_id IS NOT NULL)) AND verdict = 'waiting'
        AND received_at > %(since)s AND received_at <= %(until)s
    FOR UPDATE SKIP LOCKED
), released AS (
    UPDATE users_event e SET verdict = 'accepted', user_id = known.user_id FROM known
    WHERE e.id = ANY(ARRAY(SELECT id FROM held)) AND e.id = known.id
        AND e.received_at > %(since)s AND e.received_at <= %(until)s
    RETURNING e.id, e.received_at, e.environment_id, e.user_id
)
INSERT INTO users_pendingevent (shard, event_id, received_at, environment_id)
SELECT user_id %% {SHARDS}, id, received_at, environment_id FROM released
"""
# Its id is free again: an event that was never applied may be sent anew.
_REFUSE = """
WITH held AS MATERIALIZED (
    SELECT id, received_at FROM users_event
    WHERE verdict = 'waiting' AND received_at <= %(since)s
    ORDER BY received_at LIMIT %(chunk)s FOR UPDATE SKIP LOCKED
), refused AS (
    UPDATE users_event e SET verdict = 'rejected', reason = 'unknown_user', field = 'user_id'
    WHERE e.id = ANY(ARRAY(SELECT id FROM held))
        AND e.received_at BETWEEN (SELECT min(received_at) FROM held) AND %(since)s
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
    """Apply what waited for this person, who is known by these ids now; how many events it was.

    What fails twice is left to the drain or the sweep: the caller's own writes stand.
    """
    values = {
        "environment": config.id,
        "user": user_pk,
        "clients": list(client_ids),
        "since": now - WAIT,
    }
    for is_last in (False, True):
        try:
            released = _execute(_RELEASE, values)
        except (OperationalError, InterfaceError) as fault:
            if connection.needs_rollback:  # the caller's transaction is lost as well
                raise
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
            if is_last:
                log.warning("events.release_left", user=user_pk, error=described(fault))
        else:
            if released:
                transaction.on_commit(ring)
            return released
    return 0


def _execute(sql: str, values: Mapping[str, Any]) -> int:
    """How many rows it wrote. A fault undoes no more than this statement."""
    with transaction.atomic() if connection.in_atomic_block else nullcontext(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


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


def sweep(*, now: datetime, back: timedelta = WAIT) -> int:
    """Release what waits for people who are known by now, and refuse what waited too long.

    It looks `back` so far: of a crowd that never registers, all of a day may wait. How many
    events it was in all.
    """
    released, since = 0, now - back
    while since < now:
        until = min(since + SLICE, now)
        released += _release_known(since, AHEAD if until == now else until)
        since = until
    refused = _refuse(now)
    if released or refused:
        log.info("events.waiting_swept", released=released, refused=refused)
    return released + refused


def _release_known(since: datetime, until: datetime) -> int:
    released = _execute(_RELEASE_KNOWN, {"since": since, "until": until})
    if released:
        transaction.on_commit(ring)
    return released


def _refuse(now: datetime) -> int:
    refused = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_REFUSE, {"since": now - WAIT, "chunk": CHUNK})
            count = int(cursor.fetchone()[0])
        refused += count
        if count < CHUNK:
            return refused
