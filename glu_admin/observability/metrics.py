"""What /metrics counts, and the functions that count it.

Each process counts for itself. With several web processes, or for what workers count, name
one folder by PROMETHEUS_MULTIPROC_DIR for all processes of the machine: the scrape then
adds them up. What only the database knows is read when the scrape asks.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.db import connection
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from glu_admin.observability import heartbeat

TOGETHER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

if TOGETHER:
    Path(TOGETHER).mkdir(parents=True, exist_ok=True)
registry = CollectorRegistry()
REQUESTS = Counter("glu_requests", "Requests answered.", ("route", "method", "status"), registry=registry)
LATENCY = Histogram(
    "glu_request_seconds", "Time to an answer.", ("route", "method"), buckets=SECONDS, registry=registry
)
PLAYS = Counter("glu_plays", "Plays committed.", ("result",), registry=registry)
REWARDS = Counter("glu_rewards", "Rewards given.", ("type",), registry=registry)
UNSIGNED = Counter(
    "glu_unsigned_users", "Registrations without a valid proof.", ("cause",), registry=registry
)
DELIVERIES = Counter("glu_deliveries", "Webhook tries by outcome.", ("outcome",), registry=registry)
DRAINED = Counter("glu_events_drained", "Events handed to their subscribers.", registry=registry)


@dataclass(frozen=True)
class Gauge:
    """A figure that only the database knows."""

    name: str
    text: str
    value: float


_sources: list[Callable[[], Iterable[Gauge]]] = []


def read_at_scrape(source: Callable[[], Iterable[Gauge]]) -> None:
    """Let the scrape ask `source` too; call it from AppConfig.ready()."""
    if source not in _sources:
        _sources.append(source)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    count, latency = _of_route(route, method, status)
    count.inc()
    latency.observe(seconds)


@lru_cache(maxsize=2048)
def _of_route(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """What counts this kind of request, bound once: to look it up by labels would cost each 3 µs."""
    return REQUESTS.labels(route, method, status), LATENCY.labels(route, method)


def count_play(*, won: bool) -> None:
    """Call after the play's commit."""
    PLAYS.labels("won" if won else "lost").inc()


def count_reward(reward_type: str) -> None:
    """Call after the reward's commit."""
    REWARDS.labels(reward_type).inc()


def count_unsigned(cause: str) -> None:
    """A userId that came without its userHash, or with a wrong one."""
    UNSIGNED.labels(cause).inc()


def count_delivery(outcome: str) -> None:
    """One try: "delivered", "failed", "exhausted", "held" or "cancelled"."""
    DELIVERIES.labels(outcome).inc()


def count_drained(events: int) -> None:
    """Call after the drain's commit."""
    DRAINED.inc(events)


class FromDatabase(Collector):
    """What waits, and whether a worker lives; three small queries over partial indexes."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM webhooks_outboxmessage WHERE fanned_out_at IS NULL")
            waiting = cursor.fetchone()[0]
            cursor.execute(
                "SELECT count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'leased'),"
                " coalesce(extract(epoch FROM now() - min(next_at)), 0)"
                " FROM webhooks_delivery WHERE state IN ('pending', 'leased')"
            )
            pending, leased, oldest = cursor.fetchone()
        age = heartbeat.worker_age()
        yield _gauge("glu_outbox_waiting", "Outbox messages not yet handed to endpoints.", waiting)
        yield _gauge("glu_deliveries_pending", "Webhook deliveries that wait for their time.", pending)
        yield _gauge("glu_deliveries_sending", "Webhook deliveries that a worker holds.", leased)
        yield _gauge("glu_delivery_overdue_seconds", "By how much the oldest one is late.", max(0, oldest))
        if age is not None:
            yield _gauge("glu_worker_heartbeat_age_seconds", "Since a worker was last seen.", age)
        for source in _sources:
            for each in source():
                yield _gauge(each.name, each.text, each.value)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=float(value))


def exposition() -> bytes:
    """The text that Prometheus scrapes."""
    if not TOGETHER:
        counted = generate_latest(registry)
    else:
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # the library's
        counted = generate_latest(together)
    read = CollectorRegistry()
    read.register(_DATABASE)
    return counted + generate_latest(read)


_DATABASE = FromDatabase()
