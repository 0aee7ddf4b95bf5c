"""The devices of people: one row for each, written in the very statement that writes the person.

A call that names no device speaks of the one named last; the person's own row keeps that one
whole. A push token belongs to one device: whoever brings it takes it from all others.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from users.models import Device

PUSH_TOKENS = {"firebaseToken": "firebase_token", "apnsDeviceToken": "apns_device_token"}
_FACTS = {
    "device_type": "deviceType",
    "device_name": "deviceName",
    "app_version": "appVersion",
    "cookie_id": "cookieId",
    "firebase_token": "firebaseToken",
    "apns_device_token": "apnsDeviceToken",
}
_ID = "coalesce(written.device ->> 'deviceId', '')"

# Both follow a CTE `written` with the columns environment_id, id and device of the person's row.
# The values are the row's, so that of two calls at once the device says what the person says.
UPSERT = (
    "INSERT INTO users_device AS d (environment_id, user_id, device_id, first_seen_at, last_seen_at,"
    f" {', '.join(_FACTS)})"
    f" SELECT written.environment_id, written.id, {_ID}, %s::timestamptz, %s::timestamptz,"
    f" {', '.join(f"coalesce(written.device ->> '{name}', '')" for name in _FACTS.values())}"
    " FROM written WHERE written.device <> '{}'"
    " ON CONFLICT (environment_id, user_id, device_id) DO UPDATE SET last_seen_at = excluded.last_seen_at,"
    f" {', '.join(f'{column} = excluded.{column}' for column in _FACTS)}"
)
_HOLDERS = (
    "UPDATE users_device o SET {sets} FROM written"
    " WHERE ({holds}) AND o.environment_id = written.environment_id"
    f" AND (o.user_id, o.device_id) <> (written.id, {_ID})"
    " RETURNING o.environment_id, o.user_id, o.device_id"
)
_FORGET = (
    "UPDATE users_enduser e SET device = e.device - %s::text[] FROM taken, written"
    " WHERE e.environment_id = taken.environment_id AND e.id = taken.user_id AND e.id <> written.id"
    " AND coalesce(e.device ->> 'deviceId', '') = taken.device_id"
)


def parts(brought: Mapping[str, Any], *, now: datetime) -> tuple[list[str], list[Any]]:
    """The CTEs, and their values, that write the device and move the push tokens of `brought`."""
    ctes = [f"device AS ({UPSERT})"]
    values: list[Any] = [now, now]
    names = [name for name in PUSH_TOKENS if brought.get(name)]
    if names:
        columns, tokens = [PUSH_TOKENS[name] for name in names], [brought[name] for name in names]
        sets = ", ".join(
            f"{each} = CASE o.{each} WHEN %s::varchar THEN '' ELSE o.{each} END" for each in columns
        )
        holds = " OR ".join(f"md5(o.{each}) = md5(%s::varchar) AND o.{each} <> ''" for each in columns)
        ctes += [f"taken AS ({_HOLDERS.format(sets=sets, holds=holds)})", f"forgotten AS ({_FORGET})"]
        values += [*tokens, *tokens, names]
    return ctes, values


def is_another(stored: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Whether a call speaks of another device than the one that is stored."""
    return "deviceId" in sent and (sent["deviceId"] or "") != (stored.get("deviceId") or "")


def of(environment_id: UUID, user_pks: Sequence[int]) -> list[Device]:
    """The devices of a person, by all ids (`people.ids_of`); the one seen last comes first."""
    rows = Device.objects.filter(environment_id=environment_id, user_id__in=list(user_pks))
    found: dict[str, Device] = {}
    for row in rows.order_by("-last_seen_at", "-id"):  # a visitor's device is the user's too
        found.setdefault(row.device_id, row)
    return list(found.values())
