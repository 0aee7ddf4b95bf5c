"""What the users' own tables put on a timeline: changes of the person, and events.

Each reads as many rows as are shown, along an index, however long the history is.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from glu_admin.workspaces.models import Environment
from users.history import timeline, titles
from users.history.timeline import Entry

PROFILE, EVENT = "profile", "event"

_CHANGES = """
SELECT change.id, change.at, change.kind, change.source, change.changes::text, change.request_id
  FROM unnest(%(pks)s::bigint[]) AS person (pk)
 CROSS JOIN LATERAL (
       SELECT * FROM users_userchange
        WHERE environment_id = %(environment)s AND user_id = person.pk AND id < %(before)s
        ORDER BY id DESC LIMIT %(limit)s
       ) change
 ORDER BY change.id DESC LIMIT %(limit)s
"""
# Whose registration is not in the history: imported, or from before the oldest month that is kept.
_REGISTRATIONS = """
SELECT u.id, u.registered_at FROM users_enduser u
 WHERE u.environment_id = %(environment)s AND u.id = ANY(%(pks)s) AND -u.id < %(before)s
   AND NOT EXISTS (
       SELECT FROM users_userchange c
        WHERE c.environment_id = u.environment_id AND c.user_id = u.id AND c.kind = 'registered')
 ORDER BY u.id LIMIT %(limit)s
"""
_EVENT = (
    "id, received_at, happened_at, name, verdict, reason, field, source, event_id, client_id,"
    " request_id, warnings::text, properties::text"
)
# the second half: events that wait or were refused before anybody looked whose they are
_EVENTS = f"""
SELECT * FROM (
    SELECT event.* FROM unnest(%(pks)s::bigint[]) AS person (pk)
     CROSS JOIN LATERAL (
           SELECT {_EVENT} FROM users_event
            WHERE environment_id = %(environment)s AND user_id = person.pk AND id < %(before)s
            ORDER BY id DESC LIMIT %(limit)s
           ) event
    UNION ALL
    SELECT event.* FROM (
           SELECT DISTINCT each.sent FROM users_enduser u
            CROSS JOIN LATERAL (VALUES (u.user_id), (u.anonymous_id)) AS each (sent)
            WHERE u.environment_id = %(environment)s AND u.id = ANY(%(pks)s) AND each.sent IS NOT NULL
           ) person
     CROSS JOIN LATERAL (
           SELECT {_EVENT} FROM users_event
            WHERE environment_id = %(environment)s AND client_id = person.sent
              AND client_id IS NOT NULL AND user_id IS NULL AND id < %(before)s
            ORDER BY id DESC LIMIT %(limit)s
           ) event
) found
ORDER BY id DESC LIMIT %(limit)s
"""
_VERDICTS = {"waiting": ", waiting", "duplicate": ", sent twice", "rejected": ", refused"}


def register() -> None:
    timeline.register(PROFILE, "Profile", profile)
    timeline.register(EVENT, "Events", events)


def profile(environment: Environment, pks: Sequence[int], after: str | None, limit: int) -> list[Entry]:
    """Registered, changed, merged, blocked; a registration without a row comes last, by its person."""
    before = timeline.number(after)
    values = {"environment": environment.id, "pks": list(pks), "before": before, "limit": limit}
    found = [_change(row) for row in _rows(_CHANGES, values)] if before > 0 else []
    if len(found) < limit:
        values |= {"before": min(before, 0), "limit": limit - len(found)}
        found += [_registration(*row) for row in _rows(_REGISTRATIONS, values)]
    return found


def events(environment: Environment, pks: Sequence[int], after: str | None, limit: int) -> list[Entry]:
    """What the person did, with the verdict on each, in the order in which it came."""
    values = {
        "environment": environment.id,
        "pks": list(pks),
        "before": timeline.number(after),
        "limit": limit,
    }
    return [_event(row) for row in _rows(_EVENTS, values)]


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _change(row: tuple[Any, ...]) -> Entry:
    number, at, kind, source, text, request_id = row
    changes = orjson.loads(text)
    detail = {"kind": kind, "source": source, "changes": changes, "requestId": request_id or None}
    return Entry(at, PROFILE, titles.of_change(kind, changes), detail, str(number))


def _registration(pk: int, at: datetime) -> Entry:
    detail: dict[str, Any] = {"kind": "registered", "source": None, "changes": {}, "requestId": None}
    return Entry(at, PROFILE, titles.of_change("registered", {}), detail, str(-pk))


def _event(row: tuple[Any, ...]) -> Entry:
    number, received_at, happened_at, name, verdict, reason, field, *rest = row
    source, event_id, client_id, request_id, warnings, properties = rest
    detail = {
        "id": number,
        "name": name,
        "eventId": event_id,
        "userId": client_id,
        "happenedAt": happened_at and happened_at.isoformat(),
        "source": source,
        "verdict": verdict,
        "reason": reason or None,
        "field": field or None,
        "warnings": orjson.loads(warnings),
        "properties": orjson.loads(properties),
        "requestId": request_id or None,
    }
    title = f"Event {name or 'without a name'}{_VERDICTS.get(verdict, '')}"
    return Entry(received_at, EVENT, title, detail, str(number))
