"""Hands accepted events to everybody who subscribed, and takes them off the queue.

A shard holds some people's events. Whoever has its lock takes the oldest, tells the
subscribers, and commits: what they wrote and that it was handed on are kept together or not
at all, so a drain that is killed repeats nothing. Several drains take different shards.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from glu_admin import config as configs
from glu_admin.observability import metrics
from users.events import patience, waiting
from users.events.bell import ring
from users.events.handing import hand, was_cancelled
from users.events.shards import SHARDS
from users.events.subscribers import Happened, subscribers

__all__ = ["BATCH", "SHARDS", "drain", "ring"]

BATCH = 1_000

# The shard whose first event is the oldest, of those that nobody else empties now.
_LOCK = """
SELECT shard.number FROM users_shard shard CROSS JOIN LATERAL (
    SELECT event_id FROM users_pendingevent
    WHERE shard = shard.number ORDER BY event_id LIMIT 1
) oldest
WHERE shard.number = ANY(%s)
ORDER BY oldest.event_id LIMIT 1
FOR UPDATE OF shard SKIP LOCKED
"""
_COLUMNS = (
    "e.environment_id, e.id, e.received_at, e.user_id, e.client_id, e.event_id, e.name,"
    " e.happened_at, e.properties::text"
)
# A statement of its own after the lock: one that began before it could still see what the last
# holder took. OFFSET 0 keeps the planner from reading whole months for some events.
_TAKE = f"""
WITH taken AS (
    DELETE FROM users_pendingevent WHERE shard = %(shard)s AND event_id = ANY(ARRAY(
        SELECT event_id FROM users_pendingevent WHERE shard = %(shard)s
        ORDER BY event_id LIMIT %(limit)s))
    RETURNING event_id, received_at
)
SELECT {_COLUMNS}, (SELECT coalesce(merged_into_id, id) FROM users_enduser WHERE id = e.user_id)
FROM taken CROSS JOIN LATERAL (
    SELECT * FROM users_event WHERE id = taken.event_id AND received_at = taken.received_at OFFSET 0
) e
"""
log = structlog.get_logger("glu.events")
Batch = defaultdict[UUID, list[Happened]]


def drain(*, now: datetime, shards: Iterable[int] | None = None, most: int = 5_000) -> int:
    """Hand on up to about `most` events, the oldest first; how many they were.

    A shard that meets a fault of the database is left as it was, for the next drain.
    """
    left = set(range(SHARDS) if shards is None else shards)
    drained = 0
    while left and drained < most:
        taken = _empty_one(left, min(BATCH, most - drained), now)
        if taken is None:
            break
        drained += taken
    return drained


def _empty_one(left: set[int], limit: int, now: datetime) -> int | None:
    """Empty one of these shards by one batch; None if there is nothing to do in any."""
    shard, taken, batch = None, 0, Batch(list)
    try:
        with transaction.atomic():
            shard = _lock(left)
            if shard is None:
                return None
            taken, batch = _take(shard, patience.size(shard, limit), now)
            _hand_on(batch, now, is_patient=not patience.is_spent(shard))
    except (OperationalError, InterfaceError) as fault:
        if shard is None or connection.in_atomic_block:
            raise
        log.warning("events.drain_aborted", shard=shard, error=str(fault).partition("\n")[0])
        connection.close_if_unusable_or_obsolete()
        if was_cancelled(fault):
            patience.cancelled(shard, taken, _newest(batch))
        left.discard(shard)
        return 0
    patience.passed(shard, _newest(batch))
    metrics.count_drained(taken)
    return taken


def _newest(batch: Batch) -> int:
    return max((events[-1].id for events in batch.values()), default=0)


def _lock(shards: set[int]) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(shards)])
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def _take(shard: int, limit: int, now: datetime) -> tuple[int, Batch]:
    """How many left the queue, and the events by environment, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"shard": shard, "limit": limit})
        rows = cursor.fetchall()
    people = {(row[0], row[4]): row[9] for row in rows}
    late = waiting.claim(people, _COLUMNS, now=now) if people else []
    rows += [(*row, row[3]) for row in late]
    rows.sort(key=lambda row: row[1])
    batch = Batch(list)
    for row in rows:
        batch[row[0]].append(_happened(row))
    return len(rows), batch


def _happened(row: tuple[Any, ...]) -> Happened:
    _, pk, received_at, _, client_id, event_id, name, happened_at, properties, user_pk = row
    return Happened(
        pk, received_at, user_pk, client_id, event_id, name, happened_at, orjson.loads(properties)
    )


def _hand_on(batch: Batch, now: datetime, *, is_patient: bool) -> None:
    """Subscriber by subscriber, environments in one order everywhere, so that no two drains deadlock."""
    for subscriber in subscribers():
        for environment_id in sorted(batch):
            config = configs.get(environment_id)
            if config is not None:  # else it was deleted, with its people and all that they did
                hand(config, subscriber, batch[environment_id], now=now, is_patient=is_patient)
