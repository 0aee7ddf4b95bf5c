"""What the users' own tables hold of a person beside the person's row: devices, changes, events.

All of it goes with the person. An erasure finds every row along an index.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from django.db import connection
from django.db.models import QuerySet

from glu_admin.workspaces.models import Environment
from users.events.models import SdkSignal
from users.events.shards import SHARDS
from users.models import Device, EndUser, UserChange
from users.privacy import parts

# Also what waits, or was refused before anybody looked whose it is: the id that was sent names it.
_MINE = """
    environment_id = %(environment)s AND (
        user_id = ANY(%(pks)s) OR user_id IS NULL AND client_id IS NOT NULL AND client_id = ANY(%(sent)s))
"""
_EVENTS = f"""
SELECT id, event_id, name, client_id, happened_at, received_at, source, verdict, reason, field,
       warnings::text, properties::text, request_id
  FROM users_event WHERE {_MINE} AND id > %(after)s ORDER BY id LIMIT %(page)s
"""
_ERASE_EVENTS = f"""
WITH gone AS (
    DELETE FROM users_event WHERE {_MINE} RETURNING id
), pending AS (
    DELETE FROM users_pendingevent USING gone
     WHERE shard = ANY(%(shards)s) AND event_id = gone.id
), parked AS (
    DELETE FROM users_parkedevent USING gone WHERE event_id = gone.id
)
SELECT count(*) FROM gone
"""
# What campaigns tell one person of another; apps can't send events under these names.
_FORGET_MENTIONS = """
UPDATE users_event SET properties = properties - '{name,userId,referredBy,referrerName}'::text[]
 WHERE environment_id = %(environment)s AND user_id = ANY(%(others)s) AND starts_with(name, 'glu.')
   AND (properties ->> 'gluId' = ANY(%(ids)s) OR properties ->> 'referredBy' = ANY(%(ids)s))
"""


def register() -> None:
    parts.register("devices", devices, erase_devices, count=parts.counted(_devices))
    parts.register("changes", changes, erase_changes, count=parts.counted(_changes))
    parts.register("events", events, erase_events, count=count_events, hold=hold_shards)
    parts.register("signals", signals, erase_signals, count=parts.counted(_signals))


def sent_ids(environment: Environment, pks: Sequence[int]) -> list[str]:
    """The ids under which apps and servers send what this person does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id, anonymous_id FROM users_enduser WHERE environment_id = %s AND id = ANY(%s)",
            [environment.id, list(pks)],
        )
        return sorted({each for row in cursor.fetchall() for each in row if each})


def glu_ids(environment: Environment, pks: Sequence[int]) -> list[str]:
    """The ids that this house gave the person, and the visitors who it was."""
    rows = EndUser.objects.filter(environment=environment, pk__in=list(pks))
    return [str(each) for each in rows.values_list("glu_id", flat=True)]


def forget_mentions(environment: Environment, others: Sequence[int], ids: Sequence[str]) -> int:
    """Take a person with these ids out of what campaigns told `others`; how many events said it."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FORGET_MENTIONS, {"environment": environment.id, "others": list(others), "ids": list(ids)}
        )
        return int(cursor.rowcount)


def devices(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in _devices(environment, pks).order_by("id"):
        yield {
            "deviceId": row.device_id,
            "deviceType": row.device_type,
            "deviceName": row.device_name,
            "appVersion": row.app_version,
            "cookieId": row.cookie_id,
            "firebaseToken": row.firebase_token,
            "apnsDeviceToken": row.apns_device_token,
            "firstSeenAt": row.first_seen_at.isoformat(),
            "lastSeenAt": row.last_seen_at.isoformat(),
        }


def erase_devices(environment: Environment, pks: Sequence[int]) -> int:
    return _devices(environment, pks).delete()[0]


def _devices(environment: Environment, pks: Sequence[int]) -> QuerySet[Device]:
    return Device.objects.filter(environment=environment, user_id__in=list(pks))


def changes(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in parts.paged(_changes(environment, pks)):
        yield {
            "at": row.at.isoformat(),
            "kind": row.kind,
            "source": row.source,
            "changes": row.changes,
            "requestId": row.request_id,
        }


def erase_changes(environment: Environment, pks: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL glu.maintenance = 'on'")
        cursor.execute(
            "DELETE FROM users_userchange WHERE environment_id = %s AND user_id = ANY(%s)",
            [environment.id, list(pks)],
        )
        erased = int(cursor.rowcount)
        cursor.execute("SET LOCAL glu.maintenance = 'off'")
    return erased


def _changes(environment: Environment, pks: Sequence[int]) -> QuerySet[UserChange]:
    return UserChange.objects.filter(environment=environment, user_id__in=list(pks))


def events(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Page by page: some people do a lot."""
    values = _values(environment, pks) | {"after": 0, "page": parts.PAGE}
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_EVENTS, values)
            rows = cursor.fetchall()
        yield from map(_event, rows)
        if len(rows) < parts.PAGE:
            return
        values["after"] = rows[-1][0]


def count_events(environment: Environment, pks: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM users_event WHERE {_MINE}", _values(environment, pks))
        return int(cursor.fetchone()[0])


def hold_shards(environment: Environment, pks: Sequence[int]) -> None:
    """Wait until no drain has events of this person in hand, and let none begin."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM users_shard WHERE number = ANY(%s) ORDER BY number FOR UPDATE",
            [_shards(pks)],
        )


def erase_events(environment: Environment, pks: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ERASE_EVENTS, _values(environment, pks))
        return int(cursor.fetchone()[0])


def signals(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in parts.paged(_signals(environment, pks)):
        yield {
            "kind": row.kind,
            "name": row.name,
            "userId": row.client_id,
            "receivedAt": row.received_at.isoformat(),
            "content": row.content,
        }


def erase_signals(environment: Environment, pks: Sequence[int]) -> int:
    return _signals(environment, pks).delete()[0]


def _signals(environment: Environment, pks: Sequence[int]) -> QuerySet[SdkSignal]:
    found = SdkSignal.objects.filter(environment=environment, client_id__in=sent_ids(environment, pks))
    return found.exclude(client_id="")


def _event(row: tuple[Any, ...]) -> dict[str, Any]:
    _, event_id, name, client_id, happened_at, received_at, *rest = row
    source, verdict, reason, field, warnings, properties, request_id = rest
    return {
        "eventId": event_id,
        "name": name,
        "userId": client_id,
        "happenedAt": happened_at and happened_at.isoformat(),
        "receivedAt": received_at.isoformat(),
        "source": source,
        "verdict": verdict,
        "reason": reason,
        "field": field,
        "warnings": orjson.loads(warnings),
        "properties": orjson.loads(properties),
        "requestId": request_id,
    }


def _values(environment: Environment, pks: Sequence[int]) -> dict[str, Any]:
    return {
        "environment": environment.id,
        "pks": list(pks),
        "sent": sent_ids(environment, pks),
        "shards": _shards(pks),
    }


def _shards(pks: Sequence[int]) -> list[int]:
    return sorted({pk % SHARDS for pk in pks})
