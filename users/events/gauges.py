"""What Prometheus is told of the drain: how much waits for it, for how long, and what is parked."""

from collections.abc import Iterator

from django.db import connection

from glu_admin.observability.metrics import Gauge

_ASKED = """
SELECT (SELECT count(*) FROM users_pendingevent),
    (SELECT coalesce(extract(epoch FROM now() - min(received_at)), 0) FROM users_pendingevent),
    (SELECT count(*) FROM users_parkedevent WHERE replayed_at IS NULL)
"""


def gauges() -> Iterator[Gauge]:
    with connection.cursor() as cursor:
        cursor.execute(_ASKED)
        pending, age, parked = cursor.fetchone()
    yield Gauge("glu_events_pending", "Accepted events not yet handed to subscribers.", pending)
    yield Gauge("glu_events_pending_age_seconds", "How long the oldest of them waits.", max(0, age))
    yield Gauge("glu_events_parked", "Events that a subscriber could not take.", parked)
