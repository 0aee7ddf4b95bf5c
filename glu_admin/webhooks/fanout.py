"""From one fact to one delivery for each endpoint that subscribes to it.

One statement marks the facts and makes their deliveries, so a crash does both or neither,
and two workers never take the same fact.
"""

from django.db import connection, transaction

BATCH = 500

# An endpoint that is switched off misses nothing: its deliveries are held. Its row is held
# still, so that whoever switches it on meanwhile sees the held ones, or is seen by them.
_FAN_OUT = """
WITH batch AS (
    SELECT id, environment_id, kind FROM webhooks_outboxmessage
    WHERE fanned_out_at IS NULL ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
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


def fan_out(limit: int = BATCH) -> int:
    """Take the oldest facts that wait; returns how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FAN_OUT, [limit])
        return int(cursor.rowcount)
