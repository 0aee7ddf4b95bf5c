"""Amplitude's event streaming to a webhook, in its export format or by a template. Pure.

A template may use the contract's names. What tells of a user instead of an event has no event
type; it is kept to be seen.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from users.events.forms import Names, Refusal, Sent
from users.events.sources import parts

IDS = ("$insert_id", "insert_id", "uuid", "event_id")
PEOPLE = ("user_id", "device_id")
TIMES = ("event_time", "client_event_time", "time", "timestamp")


def read(raw: Mapping[str, Any], *, now: datetime) -> list[Sent | Refusal]:
    events = raw.get("events")
    if isinstance(events, list) and events:
        return [each for one in events for each in _event(parts.mapping(one), now)]
    return _event(raw, now)


def _event(raw: Mapping[str, Any], now: datetime) -> list[Sent | Refusal]:
    if "user_properties" in raw and not raw.keys() & {"event_type", "event_name"}:
        message = "This tells of a user, not of an event. Send events only."
        return parts.no_event(raw, message, "event_type")
    if raw.get("event_type") == "$identify":
        return parts.no_event(raw, "An identify call is no event. Take it out of the filter.", "event_type")
    names = Names(
        event_id=parts.known(raw, *IDS),
        name=parts.known(raw, "event_type", "event_name"),
        client_id=parts.known(raw, *PEOPLE),
        happened_at=parts.known(raw, *TIMES),
        properties="event_properties",
    )
    sent = (
        parts.first(raw, *IDS),
        parts.first(raw, "event_type", "event_name"),
        parts.first(raw, *PEOPLE),
        parts.first(raw, *TIMES),
        raw.get("event_properties"),
    )
    return [parts.event(sent, raw, now=now, names=names, expected=("timestamp_as_number",))]


def example() -> dict[str, Any]:
    return {
        "$insert_id": "5e2d8f04-0b4c-4b52-8b2c-3ee0f3c1a9d7",
        "uuid": "c1f8b6de-a8b1-11ef-9cd2-0242ac120002",
        "amplitude_id": 832109487511,
        "event_type": "Order Completed",
        "event_time": "2026-11-22 09:30:00.123000",
        "server_upload_time": "2026-11-22 09:30:01.456000",
        "user_id": "u_1042",
        "device_id": "pixel-7",
        "platform": "Android",
        "event_properties": {"amount": 25.5, "currency": "INR"},
        "user_properties": {"tier": "gold"},
    }
