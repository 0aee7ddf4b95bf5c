"""Who sends what: a due delivery is leased for a minute of the database's clock.

A lease has a number. Whatever a worker writes later names that number, so one that was
asleep while its lease ran out changes nothing. A lease that ran out is taken again: a
worker that dies loses time, never a webhook.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

LEASE_SECONDS = 60
IN_FLIGHT = 4  # at most so many at once to one endpoint, whoever sends them

# Endpoints are locked, not waited for: another worker that looks at one now serves it.
# The oldest is asked for, because only the index of what is due has them in that order:
# whatever the statistics say, years of delivered ones are never read.
_ENDPOINTS = """
SELECT endpoint.id FROM webhooks_endpoint endpoint CROSS JOIN LATERAL (
    SELECT FROM webhooks_delivery
    WHERE endpoint_id = endpoint.id AND state IN ('pending', 'leased')
        AND next_at <= coalesce(%(at)s, statement_timestamp())
        AND (state = 'pending' OR lease_until <= coalesce(%(at)s, statement_timestamp()))
    ORDER BY next_at LIMIT 1
) oldest
WHERE endpoint.status = 'active'
FOR NO KEY UPDATE OF endpoint SKIP LOCKED
"""
# A statement of its own after the lock, so that it counts what others leased before. What an
# endpoint has in flight counts as turns it had: one that hangs never goes before an idle one.
_LEASE = """
WITH endpoint AS (
    SELECT each.id, count(busy.id) AS busy, greatest(0, %(in_flight)s - count(busy.id)) AS room
    FROM unnest(%(endpoints)s::uuid[]) AS each (id)
    LEFT JOIN webhooks_delivery busy ON busy.endpoint_id = each.id AND busy.state = 'leased'
        AND busy.lease_until > coalesce(%(at)s, statement_timestamp())
    GROUP BY each.id
), due AS (
    SELECT found.id, found.next_at,
        endpoint.busy + row_number() OVER (PARTITION BY endpoint.id ORDER BY found.next_at) AS turn
    FROM endpoint CROSS JOIN LATERAL (
        SELECT id, next_at FROM webhooks_delivery
        WHERE endpoint_id = endpoint.id AND state IN ('pending', 'leased')
            AND next_at <= coalesce(%(at)s, statement_timestamp())
            AND (state = 'pending' OR lease_until <= coalesce(%(at)s, statement_timestamp()))
        ORDER BY next_at LIMIT endpoint.room FOR UPDATE SKIP LOCKED
    ) found
), picked AS (
    SELECT id FROM due ORDER BY turn, next_at LIMIT %(limit)s
)
UPDATE webhooks_delivery delivery
SET state = 'leased', lease_no = lease_no + 1,
    lease_until = coalesce(%(at)s, statement_timestamp()) + make_interval(secs => %(seconds)s)
FROM picked, webhooks_outboxmessage message
WHERE delivery.id = picked.id AND message.id = delivery.message_id
RETURNING delivery.id, delivery.environment_id, delivery.endpoint_id, delivery.lease_no,
    delivery.tries, delivery.postponed, message.kind, message.subject_id
"""


@dataclass(frozen=True)
class Lease:
    """The right to send one delivery now."""

    delivery_id: UUID
    environment_id: UUID
    endpoint_id: UUID
    number: int
    tries: int
    postponed: int
    kind: str
    subject_id: UUID

    @property
    def attempt(self) -> int:
        """The number of the attempt that this lease is for."""
        return self.tries + self.postponed + 1


def take(limit: int, *, at: datetime | None = None) -> list[Lease]:
    """Lease what is due, one endpoint after the other in turn. `at` replaces the database's clock."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ENDPOINTS, {"at": at})
        endpoints = [row[0] for row in cursor.fetchall()]
        if not endpoints:
            return []
        cursor.execute(
            _LEASE,
            {
                "at": at,
                "endpoints": endpoints,
                "in_flight": IN_FLIGHT,
                "limit": limit,
                "seconds": LEASE_SECONDS,
            },
        )
        return [Lease(*row) for row in cursor.fetchall()]
