"""Accepted events as they are kept, for those that hand one on again."""

from uuid import UUID

import orjson
from django.db import connection

from users.events.shards import SHARDS
from users.events.subscribers import Happened

_EVENT = """
SELECT e.id, e.received_at, coalesce(u.merged_into_id, u.id), e.client_id, e.event_id, e.name,
    e.happened_at, e.properties::text
FROM users_event e JOIN users_enduser u ON u.id = e.user_id AND u.environment_id = e.environment_id
WHERE e.environment_id = %s AND e.id = %s AND e.verdict = 'accepted'
"""


def accepted(environment_id: UUID, number: int) -> Happened | None:
    """The event of this number; None if it is not there, or was never accepted."""
    with connection.cursor() as cursor:
        cursor.execute(_EVENT, [environment_id, number])
        row = cursor.fetchone()
    if row is None:
        return None
    pk, received_at, user_pk, client_id, event_id, name, happened_at, properties = row
    return Happened(
        pk, received_at, user_pk, client_id, event_id, name, happened_at, orjson.loads(properties)
    )


def lock_person(event: Happened) -> None:
    """Wait until no drain hands on events of this person, and let none begin, to the transaction's end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM users_shard WHERE number = %s FOR UPDATE", [event.user_pk % SHARDS])
