"""One delivery: made, sent, written down, in that order and apart from one another.

Nothing is held while the receiver takes its time: no transaction, no connection. Whatever
happens between sending and writing, the lease runs out and the same id is sent again.
"""

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction

from glu_admin import config, crypto
from glu_admin.config import EnvironmentConfig
from glu_admin.observability import metrics
from glu_admin.webhooks import backoff, endpoints, outbox, signatures
from glu_admin.webhooks.addresses import Network
from glu_admin.webhooks.destination import Destination, DestinationError
from glu_admin.webhooks.leases import Lease
from glu_admin.webhooks.models import Delivery, Endpoint
from glu_admin.webhooks.sending import Answer, post
from glu_admin.webhooks.turns import turn

State = Delivery.State
RETRY_PAUSES = (0.2, 1.0, 3.0, 10.0)  # seconds; together well within a lease
log = structlog.get_logger("glu.webhooks")


@dataclass(frozen=True)
class Parcel:
    """A webhook ready to go."""

    destination: Destination
    allowed: tuple[Network, ...]
    headers: dict[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Verdict:
    """What an attempt means for its delivery; `wait` is set while there is another try."""

    state: State
    tries: int
    postponed: int
    wait: timedelta | None = None


def utc_now() -> datetime:
    return datetime.now(UTC)


def deliver(lease: Lease, *, jitter: float | None = None, at: datetime | None = None) -> Verdict | None:
    """Send what the lease is for; None if there was nothing to send, or the lease was lost.

    `at` replaces the clocks, for whoever replays a schedule.
    """
    started = at or utc_now()
    try:
        with turn():
            parcel = prepare(lease, started)
            if parcel is None:
                cancel(lease)
                return None
    except DestinationError as error:
        answer = Answer(None, str(error)[:200], b"", 0)
    else:
        answer = post(
            parcel.destination,
            parcel.headers,
            parcel.body,
            seconds=settings.WEBHOOK_TIMEOUT_SECONDS,
            allowed=parcel.allowed,
        )
    spread = random.uniform(-1, 1) if jitter is None else jitter  # noqa: S311  only spreads the load
    return _conclude_patiently(lease, answer, started=started, jitter=spread, at=at)


def prepare(lease: Lease, now: datetime) -> Parcel | None:
    """The webhook as it is sent now; None if the fact is no longer to be told."""
    environment = config.get(lease.environment_id)
    if environment is None:
        return None
    body = outbox.body_of(environment, lease.kind, lease.subject_id)
    if body is None:
        return None
    endpoint = Endpoint.objects.filter(environment=lease.environment_id, id=lease.endpoint_id).first()
    if endpoint is None:
        return None
    content = signatures.compact(body)
    destination, allowed = endpoints.destination_of(endpoint, is_test=environment.is_test)
    headers = _headers(lease, environment, endpoint, now, content)
    return Parcel(destination, allowed, headers, content)


def _headers(
    lease: Lease, environment: EnvironmentConfig, endpoint: Endpoint, now: datetime, body: bytes
) -> dict[str, str]:
    keys = endpoints.signing_keys(environment, endpoint, now)
    headers = {
        "User-Agent": "Glu-Admin-Webhooks/1",
        "webhook-attempt": str(lease.attempt),
        **signatures.standard_headers(keys.secrets, str(lease.delivery_id), now, body),
    }
    if keys.token is not None:
        headers[signatures.CG_HEADER] = signatures.cg_signature(keys.token, body)
        if endpoint.legacy_header:
            headers[signatures.OLD_CG_HEADER] = headers[signatures.CG_HEADER]
    return headers


def _conclude_patiently(
    lease: Lease, answer: Answer, *, started: datetime, jitter: float, at: datetime | None
) -> Verdict | None:
    # what was sent and not written down is sent again: a database that restarts is worth a wait
    for pause in RETRY_PAUSES:
        try:
            with turn():
                return conclude(lease, answer, started=started, jitter=jitter, at=at)
        except OperationalError:
            time.sleep(pause)
    with turn():
        return conclude(lease, answer, started=started, jitter=jitter, at=at)


def conclude(
    lease: Lease, answer: Answer, *, started: datetime, jitter: float, at: datetime | None = None
) -> Verdict | None:
    """Write the attempt down, and what follows from it; None if the lease was lost meanwhile."""
    verdict = judge(lease, answer, now=started, jitter=jitter)
    with transaction.atomic():
        if not _record(lease, answer, verdict, started, at):
            log.warning("webhook.lease_lost", delivery=str(lease.delivery_id), lease=lease.number)
            return None
        if answer.status == 410:
            endpoints.disable_gone(lease.environment_id, lease.endpoint_id)
    metrics.count_delivery("failed" if verdict.wait is not None else verdict.state.value)
    log.info(
        "webhook.delivered" if answer.is_success else "webhook.failed",
        delivery=str(lease.delivery_id),
        endpoint=str(lease.endpoint_id),
        attempt=lease.attempt,
        status=answer.status,
        milliseconds=answer.milliseconds,
    )
    return verdict


def judge(lease: Lease, answer: Answer, *, now: datetime, jitter: float) -> Verdict:
    """Pure: what an answer means."""
    if answer.is_success:
        return Verdict(State.DELIVERED, lease.tries + 1, lease.postponed)
    asked = backoff.postponement(answer.status, answer.retry_after, lease.postponed, now)
    if asked is not None:
        return Verdict(State.PENDING, lease.tries, lease.postponed + 1, asked)
    tries = lease.tries + 1
    wait = backoff.wait_after(tries, jitter)
    if answer.status == 410:
        # the endpoint is switched off; what it misses goes out when it is switched on again
        return Verdict(State.HELD, tries, lease.postponed, timedelta(0))
    return Verdict(State.EXHAUSTED if wait is None else State.PENDING, tries, lease.postponed, wait)


# The endpoint's row is held still: whoever switches it on meanwhile waits, and finds what is held.
_RECORD = """
WITH endpoint AS MATERIALIZED (
    SELECT status FROM webhooks_endpoint
    WHERE id = %(endpoint)s AND environment_id = %(environment)s FOR KEY SHARE
), mine AS (
    UPDATE webhooks_delivery delivery
    SET state = CASE WHEN %(state)s = 'pending' AND endpoint.status = 'disabled' THEN 'held'
            ELSE %(state)s END,
        tries = %(tries)s, postponed = %(postponed)s, lease_until = NULL,
        next_at = coalesce(coalesce(%(at)s, statement_timestamp()) + %(wait)s::interval, next_at),
        delivered_at = CASE %(state)s WHEN 'delivered' THEN coalesce(%(at)s, statement_timestamp()) END
    FROM endpoint
    WHERE delivery.id = %(delivery)s AND delivery.environment_id = %(environment)s
        AND state = 'leased' AND lease_no = %(lease)s
    RETURNING delivery.id, delivery.environment_id
)
INSERT INTO webhooks_attempt
    (environment_id, delivery_id, number, started_at, milliseconds, status, problem, sealed_answer)
SELECT environment_id, id, %(number)s, %(started)s, %(milliseconds)s, %(status)s, %(problem)s, %(answer)s
FROM mine
"""


def _record(lease: Lease, answer: Answer, verdict: Verdict, started: datetime, at: datetime | None) -> bool:
    """Whether the lease was still ours, and everything is written."""
    values: dict[str, Any] = {
        "state": verdict.state.value,
        "tries": verdict.tries,
        "postponed": verdict.postponed,
        "wait": verdict.wait,
        "delivery": lease.delivery_id,
        "endpoint": lease.endpoint_id,
        "environment": lease.environment_id,
        "lease": lease.number,
        "number": lease.attempt,
        "started": started,
        "at": at,
        "milliseconds": answer.milliseconds,
        "status": answer.status,
        "problem": answer.problem,
        "answer": _seal_answer(lease, answer.head),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, values)
        return bool(cursor.rowcount)


def answer_place(delivery_id: object, number: int) -> str:
    """What the beginning of an answer is sealed to."""
    return f"webhook-answer:{delivery_id}:{number}"


def _seal_answer(lease: Lease, head: bytes) -> bytes | None:
    environment = config.get(lease.environment_id)
    if environment is None or not head:
        return None
    return crypto.seal(environment.key, head, answer_place(lease.delivery_id, lease.attempt))


def cancel(lease: Lease) -> None:
    """The fact is no longer to be told, by anyone."""
    Delivery.objects.filter(
        environment=lease.environment_id, id=lease.delivery_id, state=State.LEASED, lease_no=lease.number
    ).update(state=State.CANCELLED, lease_until=None)
