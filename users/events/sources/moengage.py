"""MoEngage Streams: a list of events a request, each with its own id. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from users.events.forms import Names, Refusal, Sent
from users.events.sources import parts

NAMES = Names("event_uuid", "event_name", "uid", "event_time", "event_attributes")


def read(raw: Mapping[str, Any], *, now: datetime) -> list[Sent | Refusal]:
    events = raw.get("events")
    if isinstance(events, list):
        if not events:
            return parts.no_event(raw, "events is empty.", "events")
        return [_event(parts.mapping(each), now) for each in events]
    return [_event(raw, now)]


def _event(raw: Mapping[str, Any], now: datetime) -> Sent | Refusal:
    sent = (
        parts.first(raw, "event_uuid"),
        parts.first(raw, "event_name", "event_code"),
        parts.first(raw, "uid"),
        parts.first(raw, "event_time"),
        raw.get("event_attributes"),
    )
    return parts.event(sent, raw, now=now, names=NAMES, expected=("timestamp_as_number",))


def example() -> dict[str, Any]:
    return {
        "app_name": "Brewline",
        "source": "MOENGAGE",
        "moe_request_id": "3c5f2a54-9a0d-4f8e-a5f4-2b0a6d3b8c01",
        "events": [
            {
                "event_name": "Order Completed",
                "event_code": "order_completed",
                "event_uuid": "0b6f1c9e-58d7-4a6b-9b0e-7f2f5d1f6a20",
                "event_time": 1732267800,
                "event_type": "USER_ACTION_EVENT",
                "event_source": "ANDROID",
                "uid": "u_1042",
                "event_attributes": {"amount": 25.5, "currency": "INR"},
                "user_attributes": {"moengage_user_id": "6740413b"},
                "device_attributes": {"moengage_device_id": "f0a1"},
            }
        ],
    }
