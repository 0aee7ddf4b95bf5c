"""What is said, or about to be said, of some subjects: to show it, and to take it back.

For erasures. What is taken back is cancelled in the caller's transaction; of what is being sent
at that very moment nobody can know whether it arrives, and the list says so.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connection

from glu_admin import config as configs
from glu_admin.webhooks import fanout, receiver
from glu_admin.webhooks.models import Delivery, Received

_DELIVERIES = """
SELECT d.id, m.subject_id, m.kind, e.url, d.state, d.tries + d.postponed, d.created_at, d.delivered_at,
    (SELECT a.status FROM webhooks_attempt a WHERE a.delivery_id = d.id ORDER BY a.number DESC LIMIT 1)
FROM webhooks_outboxmessage m
JOIN webhooks_delivery d ON d.message_id = m.id
JOIN webhooks_endpoint e ON e.id = d.endpoint_id
WHERE m.environment_id = %(environment)s AND m.kind = %(kind)s AND m.subject_id = ANY(%(subjects)s)
    AND (d.created_at, d.id) < (%(before)s, %(before_id)s)
ORDER BY d.created_at DESC, d.id DESC LIMIT %(limit)s
"""
_NAMES = (
    "deliveryId", "subjectId", "kind", "endpoint", "state", "tries", "createdAt", "deliveredAt", "lastStatus",
)  # fmt: skip
# Whoever leases one at this moment is waited for, and found to be sending it.
_CANCEL = """
UPDATE webhooks_delivery delivery SET state = 'cancelled', lease_until = NULL
FROM (
    SELECT d.id, d.state, m.kind, m.subject_id, e.url
    FROM webhooks_outboxmessage m
    JOIN webhooks_delivery d ON d.message_id = m.id
    JOIN webhooks_endpoint e ON e.id = d.endpoint_id
    WHERE m.environment_id = %(environment)s AND m.kind = %(kind)s AND m.subject_id = ANY(%(subjects)s)
        AND d.state IN ('pending', 'leased', 'held')
    ORDER BY d.id FOR UPDATE OF d
) before
WHERE delivery.id = before.id
RETURNING before.id, before.url, before.kind, before.subject_id, before.state
"""
_FORGET_ANSWERS = """
UPDATE webhooks_attempt a SET sealed_answer = NULL
FROM webhooks_outboxmessage m JOIN webhooks_delivery d ON d.message_id = m.id
WHERE m.environment_id = %(environment)s AND m.kind = %(kind)s AND m.subject_id = ANY(%(subjects)s)
    AND a.delivery_id = d.id AND a.sealed_answer IS NOT NULL
"""
END = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


def deliveries(
    environment_id: UUID,
    kind: str,
    subjects: Sequence[UUID],
    *,
    before: tuple[datetime, UUID] = END,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """How these facts reached each endpoint, newest first; moments are datetimes."""
    values = _values(environment_id, kind, subjects)
    values |= {"before": before[0], "before_id": before[1], "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_DELIVERIES, values)
        found = [dict(zip(_NAMES, row, strict=True)) for row in cursor.fetchall()]
    return [each | {"endpoint": bare(each["endpoint"])} for each in found]


def count(environment_id: UUID, kind: str, subjects: Sequence[UUID]) -> int:
    """How many deliveries `deliveries` would tell of."""
    about = {"message__kind": kind, "message__subject_id__in": list(subjects)}
    return Delivery.objects.filter(message__environment_id=environment_id, **about).count()


def cancel(environment_id: UUID, kind: str, subjects: Sequence[UUID]) -> list[dict[str, Any]]:
    """Send no more about these subjects; what was on its way, one entry a delivery."""
    fanout.fan_out_about(environment_id, kind, subjects)
    with connection.cursor() as cursor:
        cursor.execute(_CANCEL, _values(environment_id, kind, subjects))
        return [
            {
                "deliveryId": str(delivery_id),
                "endpoint": bare(url),
                "kind": kind,
                "subjectId": str(subject_id),
                "mayHaveArrived": state == Delivery.State.LEASED,
            }
            for delivery_id, url, kind, subject_id, state in cursor.fetchall()
        ]


def forget(environment_id: UUID, kind: str, subjects: Sequence[UUID]) -> int:
    """Forget what receivers said about these subjects, as it may repeat what they were sent."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_ANSWERS, _values(environment_id, kind, subjects))
        forgotten = int(cursor.rowcount)
    return forgotten + _forget_received(environment_id, subjects)


def bare(url: str) -> str:
    """An endpoint's address without a query, which may hold a secret."""
    return urlsplit(url)._replace(query="", fragment="").geturl()


def _forget_received(environment_id: UUID, subjects: Sequence[UUID]) -> int:
    """What the built-in receiver keeps is sealed, so each is opened; there are 200 at most."""
    config = configs.get(environment_id)
    if config is None or not config.is_test or not subjects:
        return 0
    names = [str(each) for each in subjects]
    rows = Received.objects.filter(environment=environment_id)
    theirs = [row.pk for row in rows if _is_about(receiver.body_of(config, row), names)]
    return rows.filter(pk__in=theirs).delete()[0]


def _is_about(body: str, names: Sequence[str]) -> bool:
    return any(name in body for name in names)


def _values(environment_id: UUID, kind: str, subjects: Sequence[UUID]) -> dict[str, Any]:
    return {"environment": environment_id, "kind": kind, "subjects": list(subjects)}
