"""Appends events: the only writer of new Event rows.

A call is one statement. An event id that was taken before makes a duplicate, whoever raced for
it; a person is found by the id that was sent, be it the client's, a visitor's, or the one of a
visitor who became known; what nobody knows waits. Refused events are rows too.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction

from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from glu_admin.observability.context import request_id
from users.events import definitions
from users.events.bell import ring
from users.events.forms import Refusal, Sent
from users.events.shards import SHARDS

DUPLICATE = "An event with this id was taken before; this one changes nothing."
BLOCKED = "This user is blocked. Unblock the user in the console first."
ARRAYS = (
    "client_ids", "event_ids", "names", "moments", "digests",
    "verdicts", "reasons", "fields", "warnings", "properties",
)  # fmt: skip

# The arrays go through `raw`, so that the planner can't see how long they are: it would plan
# each call anew. The digests are written in order, so that two calls can't block each other.
TAKE = f"""
WITH raw AS MATERIALIZED (SELECT
    %(client_ids)s::text[] AS client_ids, %(event_ids)s::text[] AS event_ids, %(names)s::text[] AS names,
    %(moments)s::timestamptz[] AS moments, %(digests)s::uuid[] AS digests,
    %(verdicts)s::text[] AS verdicts, %(reasons)s::text[] AS reasons, %(fields)s::text[] AS fields,
    %(warnings)s::jsonb[] AS warnings, %(properties)s::jsonb[] AS properties
), found AS MATERIALIZED (
    SELECT sent.*, coalesce(
        (SELECT CASE WHEN u.blocked_at IS NULL THEN u.id ELSE -u.id END FROM users_enduser u
         WHERE u.environment_id = %(env)s::uuid AND u.user_id = sent.client_id),
        (SELECT CASE WHEN u.blocked_at IS NULL THEN u.id ELSE -u.id END FROM users_enduser u
         WHERE u.environment_id = %(env)s::uuid AND u.anonymous_id = sent.client_id
            AND u.user_id IS NULL AND u.merged_into_id IS NULL),
        (SELECT CASE WHEN u.blocked_at IS NULL THEN u.id ELSE -u.id END
         FROM users_enduser known JOIN users_enduser u
            ON u.environment_id = known.environment_id AND u.id = coalesce(known.merged_into_id, known.id)
         WHERE known.environment_id = %(env)s::uuid AND known.anonymous_id = sent.client_id
            AND known.anonymous_id IS NOT NULL
            AND (known.user_id IS NOT NULL OR known.merged_into_id IS NOT NULL)
         ORDER BY coalesce(known.merged_at, known.updated_at) DESC LIMIT 1)
    ) AS person
    FROM raw, unnest(client_ids, event_ids, names, moments, digests, verdicts, reasons, fields, warnings,
        properties) WITH ORDINALITY AS sent (client_id, event_id, name, happened_at, digest, verdict,
        reason, field, warnings, properties, place)
), seen AS (
    INSERT INTO users_seenevent (environment_id, digest, seen_at)
    SELECT %(env)s::uuid, digest, %(now)s::timestamptz FROM found
    WHERE digest IS NOT NULL AND coalesce(person, 1) > 0
    ORDER BY digest ON CONFLICT DO NOTHING RETURNING digest
), judged AS MATERIALIZED (
    SELECT nextval('users_event_number') AS id, abs(person) AS person, place, client_id, event_id, name,
        happened_at, warnings, properties, field,
        CASE WHEN digest IS NULL THEN verdict WHEN person < 0 THEN 'rejected'
            WHEN digest NOT IN (SELECT digest FROM seen) THEN 'duplicate'
            WHEN person IS NULL THEN 'waiting' ELSE 'accepted' END AS verdict,
        CASE WHEN digest IS NOT NULL AND person < 0 THEN 'user_blocked' ELSE reason END AS reason
    FROM found
), kept AS (
    INSERT INTO users_event (id, environment_id, user_id, client_id, event_id, name, happened_at,
        received_at, source, verdict, reason, field, warnings, properties, request_id)
    SELECT id, %(env)s::uuid, person, client_id, event_id, name, happened_at, %(now)s::timestamptz,
        %(source)s, verdict, reason, field, warnings, properties, %(request_id)s
    FROM judged
), pending AS (
    INSERT INTO users_pendingevent (shard, event_id, received_at, environment_id)
    SELECT person %% {SHARDS}, id, %(now)s::timestamptz, %(env)s::uuid
    FROM judged WHERE verdict = 'accepted'
)
SELECT place, id, verdict, reason FROM judged
"""


class Verdict(NamedTuple):
    """What became of one event. `number` is the id of its row."""

    event_id: str | None
    verdict: str
    reason: str = ""
    field: str = ""
    message: str = ""
    warnings: tuple[str, ...] = ()
    number: int = 0


def take(
    config: EnvironmentConfig, events: Sequence[Sent | Refusal], *, source: str, now: datetime
) -> list[Verdict]:
    """Append the events; a verdict each, in their order. Wakes the drain after the commit."""
    judged = definitions.apply(config, events)
    rows = sorted(hot.rows(TAKE, values(config, judged, source=source, now=now)))
    if any(verdict == "accepted" for _, _, verdict, _ in rows):
        _ring_after_commit()
    return [_verdict(event, row) for event, row in zip(judged, rows, strict=True)]


def _ring_after_commit() -> None:
    # on_commit would open Django's own connection, only to find that there is no transaction
    if connection.in_atomic_block:
        transaction.on_commit(ring)
    else:
        ring()


def _verdict(event: Sent | Refusal, row: tuple[Any, ...]) -> Verdict:
    _, number, verdict, reason = row
    if isinstance(event, Refusal):
        return Verdict(event.event_id, verdict, event.reason, event.field, event.message, number=number)
    if reason == "user_blocked":
        return Verdict(event.event_id, verdict, reason, "user_id", BLOCKED, event.warnings, number)
    message = DUPLICATE if verdict == "duplicate" else ""
    return Verdict(event.event_id, verdict, "", "", message, event.warnings, number)


def values(
    config: EnvironmentConfig, events: Sequence[Sent | Refusal], *, source: str, now: datetime
) -> dict[str, Any]:
    """What the statement takes: the columns of the events, each as an array of PostgreSQL.

    A JSON array of text without control characters is one too, once its brackets are changed.
    """
    columns = zip(*_rows(events), strict=True)
    arrays = {
        name: f"{{{orjson.dumps(column)[1:-1].decode()}}}"
        for name, column in zip(ARRAYS, columns, strict=True)
    }
    return arrays | {"env": config.id, "now": now, "source": source, "request_id": request_id()}


def _rows(events: Sequence[Sent | Refusal]) -> Iterator[tuple[Any, ...]]:
    taken: set[str] = set()
    for event in events:
        if isinstance(event, Refusal):
            payload = orjson.dumps(event.payload).decode()
            ids = (event.client_id, event.event_id, event.name)
            yield (*ids, None, None, "rejected", event.reason, event.field, "[]", payload)
            continue
        digest: str | None = sha256(event.event_id.encode()).hexdigest()[:32]
        verdict = "duplicate" if digest in taken else None
        if verdict:
            digest = None
        else:
            taken.add(str(digest))
        warnings = orjson.dumps(event.warnings).decode() if event.warnings else "[]"
        yield (
            event.client_id,
            event.event_id,
            event.name,
            event.happened_at,
            digest,
            verdict,
            "",
            "",
            warnings,
            event.json or orjson.dumps(event.properties).decode(),
        )
