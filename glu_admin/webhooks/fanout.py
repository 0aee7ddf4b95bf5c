"""From one fact to one delivery for each endpoint that subscribes to it.

One statement marks the facts and makes their deliveries, so a crash does both or neither,
and two workers never take the same fact.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

BATCH = 500

# An endpoint that is switched off misses nothing: its deliveries are held. Its row is held
# still, so that whoever switches it on meanwhile sees the held ones, or is seen by them.
_FAN_OUT = """
WITH batch AS (
    SELECT id, environment_id, kind FROM webhooks_outboxmessage
    WHERE fanned_out_at IS NULL {which}
), made AS (
    INSERT INTO webhooks_delivery
        (id, environment_id, message_id, endpoint_id, state, tries, postponed, next_at, lease_no, created_at)
    SELECT gen_random_uuid(), batch.environment_id, batch.id, endpoint.id,
           CASE endpoint.status WHEN 'active' THEN 'pending' ELSE 'held' END,
           0, 0, clock_timestamp(), 0, clock_timestamp()
    FROM batch JOIN webhooks_endpoint endpoint
        ON endpoint.environment_id = batch.environment_id AND endpoint.kinds ? batch.kind
    FOR KEY SHARE OF endpoint
    ON CONFLICT (message_id, endpoint_id) DO NOTHING
)
UPDATE webhooks_outboxmessage message SET fanned_out_at = clock_timestamp()
FROM batch WHERE message.id = batch.id
"""
_OLDEST = _FAN_OUT.format(which="ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED")
_ABOUT = _FAN_OUT.format(
    which="AND environment_id = %s AND kind = %s AND subject_id = ANY(%s) ORDER BY id FOR UPDATE"
)


def fan_out(limit: int = BATCH) -> int:
    """Take the oldest facts that wait; returns how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OLDEST, [limit])
        return int(cursor.rowcount)


def fan_out_about(environment_id: UUID, kind: str, subjects: Sequence[UUID]) -> None:
    """Make the deliveries of these facts now, in the caller's transaction, if they wait."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOUT, [environment_id, kind, list(subjects)])
