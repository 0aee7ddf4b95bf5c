"""WebEngage's event webhooks: one event a request, its own data apart from the system's. Pure.

The request's id is a header, so an event without an id of its own is known again by its content.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from users.events.forms import Names, Refusal, Sent
from users.events.sources import parts

IDS = ("event_id", "eventId", "id")
EVENT = ("event_name", "eventName")
PEOPLE = ("user_id", "userId", "cuid", "anonymous_id", "anonymousId", "luid")
TIMES = ("event_time", "eventTime")
DATA = ("event_data", "eventData")


def read(raw: Mapping[str, Any], *, now: datetime) -> list[Sent | Refusal]:
    events = raw.get("events")
    if isinstance(events, list) and events:
        return [_event(parts.mapping(each), now) for each in events]
    return [_event(raw, now)]


def _event(raw: Mapping[str, Any], now: datetime) -> Sent | Refusal:
    names = Names(
        event_id=parts.known(raw, *IDS),
        name=parts.known(raw, *EVENT),
        client_id=parts.known(raw, *PEOPLE),
        happened_at=parts.known(raw, *TIMES),
        properties=parts.known(raw, *DATA),
    )
    sent = (
        parts.first(raw, *IDS),
        parts.first(raw, *EVENT),
        parts.first(raw, *PEOPLE),
        parts.first(raw, *TIMES),
        parts.first(raw, *DATA),
    )
    return parts.event(sent, raw, now=now, names=names, expected=("timestamp_as_number", "event_id_missing"))


def example() -> dict[str, Any]:
    return {
        "event_name": "order_completed",
        "category": "application",
        "event_time": "2026-11-22T09:30:00+0000",
        "user_id": "u_1042",
        "license_code": "~2024b5b2",
        "event_data": {"amount": 25.5, "currency": "INR"},
        "system_data": {"sdk_id": 2, "platform": "Android", "app_version": "4.2.0"},
    }
