"""Segment's webhook destination: its calls as they are, one or several a request. Pure.

Track calls are events. The other calls describe people and pages: they are kept to be seen,
with a word on which calls to forward.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from users.events.forms import Names, Refusal, Sent
from users.events.sources import parts

OTHER_CALLS = ("identify", "page", "screen", "group", "alias")


def read(raw: Mapping[str, Any], *, now: datetime) -> list[Sent | Refusal]:
    batch = raw.get("batch")
    if batch == []:
        return parts.no_event(raw, "batch is empty.", "batch")
    if isinstance(batch, list):
        return [each for call in batch for each in _call(parts.mapping(call), now)]
    return _call(raw, now)


def _call(raw: Mapping[str, Any], now: datetime) -> list[Sent | Refusal]:
    kind = raw.get("type", "track")
    if kind in OTHER_CALLS:
        return parts.no_event(raw, f"A call of type {kind} is no event. Forward track calls only.", "type")
    names = Names(
        event_id="messageId",
        name="event",
        client_id=parts.known(raw, "userId", "anonymousId"),
        happened_at=parts.known(raw, "timestamp", "originalTimestamp", "sentAt"),
        properties="properties",
    )
    sent = (
        parts.first(raw, "messageId"),
        raw.get("event"),
        parts.first(raw, "userId", "anonymousId"),
        parts.first(raw, "timestamp", "originalTimestamp", "sentAt"),
        raw.get("properties"),
    )
    return [parts.event(sent, raw, now=now, names=names)]


def example() -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Order Completed",
        "userId": "u_1042",
        "anonymousId": "6a0c1f52-3c1c-4d0e-9a2e-0d8f3b6f7a11",
        "messageId": "ajs-next-1732267800-7f3a",
        "timestamp": "2026-11-22T09:30:00.000Z",
        "properties": {"order_id": "A-1001", "revenue": 25.5, "currency": "INR"},
        "context": {"library": {"name": "analytics.js", "version": "2.11.1"}},
    }
