"""Accepted events as they are kept, for those that hand one on again.

Until the person is locked, an erasure or a merge may come in between: only what `locked` gives
is still so.
"""

from uuid import UUID

import orjson
from django.db import connection, transaction

from users.events.shards import SHARDS
from users.events.subscribers import Happened

_EVENT = """
SELECT e.id, e.received_at, coalesce(u.merged_into_id, u.id), e.client_id, e.event_id, e.name,
    e.happened_at, e.properties::text
FROM users_event e JOIN users_enduser u ON u.id = e.user_id AND u.environment_id = e.environment_id
WHERE e.environment_id = %s AND e.id = %s AND e.verdict = 'accepted'
"""


def locked(environment_id: UUID, number: int) -> Happened | None:
    """The event of this number; None if it is not there, or was never accepted.

    No drain hands on events of this person until the end of the caller's transaction.
    """
    while event := _accepted(environment_id, number):  # a second time for a visitor who became known
        savepoint = transaction.savepoint()
        _lock(event.user_pk % SHARDS)
        again = _accepted(environment_id, number)
        if again is None or again.user_pk % SHARDS == event.user_pk % SHARDS:
            return again
        transaction.savepoint_rollback(savepoint)  # which unlocks: who holds two may deadlock
    return None


def _accepted(environment_id: UUID, number: int) -> Happened | None:
    with connection.cursor() as cursor:
        cursor.execute(_EVENT, [environment_id, number])
        row = cursor.fetchone()
    if row is None:
        return None
    pk, received_at, user_pk, client_id, event_id, name, happened_at, properties = row
    return Happened(
        pk, received_at, user_pk, client_id, event_id, name, happened_at, orjson.loads(properties)
    )


def _lock(shard: int) -> None:
    """Wait until no drain has the events of these people in hand, and let none begin."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM users_shard WHERE number = %s FOR UPDATE", [shard])
