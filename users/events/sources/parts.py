"""What the partners' formats have in common: numbers for ids, times without a zone. Pure."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from users.events.forms import Names, Refusal, Sent, check, made_id, refuse

Parts = tuple[Any, Any, Any, Any, Any]
ENVELOPES = ("batch", "events", "profiles")  # under these a partner sends several at once
# what a partner sends again within this time is the same, where it names neither id nor time
AGAIN = timedelta(minutes=10)

_without_zone = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?")


def first(raw: Mapping[str, Any], *names: str) -> Any:
    """The value of the first of these keys that says something."""
    return next((raw[name] for name in names if raw.get(name) not in (None, "")), None)


def known(raw: Mapping[str, Any], *names: str) -> str:
    """The first of these keys that is there, or else the first: what a refusal points at."""
    return next((name for name in names if raw.get(name) not in (None, "")), names[0])


def held(raw: Any) -> int:
    """How many events an object may turn out to hold, told before any of them is read."""
    parts = mapping(raw)
    lists = [parts[name] for name in ENVELOPES if isinstance(parts.get(name), list)]
    return max(map(len, lists), default=1)


def text(value: Any) -> Any:
    """An id as text: to some partners numbers are ids too."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def in_utc(value: Any) -> Any:
    """A time as a partner writes it: without a zone it is UTC, and a number is a Unix time."""
    if isinstance(value, str) and _without_zone.fullmatch(value):
        return f"{value}Z"
    return value


def event(
    parts: Parts, payload: Any, *, now: datetime, names: Names, expected: tuple[str, ...] = ()
) -> Sent | Refusal:
    """`forms.check`, with an id and a time where the partner sent none.

    `expected` are remarks that say nothing new of this partner.
    """
    event_id, name, client_id, happened_at, properties = parts
    remarks: tuple[str, ...] = ()
    at = in_utc(happened_at)
    if at is None:
        remarks += ("timestamp_missing",)
        at = now.isoformat()
    if event_id is None:
        remarks += ("event_id_missing",)
        when = happened_at if happened_at is not None else int(now.timestamp() // AGAIN.total_seconds())
        event_id = made_id(name, client_id, when, properties)
    properties = {} if properties is None else properties
    checked = check(
        (text(event_id), name, text(client_id), at, properties),
        payload,
        now=now,
        names=names,
        warnings=remarks,
    )
    if expected and isinstance(checked, Sent):
        return _without(checked, expected)
    return checked


def _without(sent: Sent, remarks: tuple[str, ...]) -> Sent:
    kept = tuple(each for each in sent.warnings if each not in remarks)
    return Sent(sent.event_id, sent.name, sent.client_id, sent.happened_at, sent.properties, kept, sent.json)


def no_event(raw: Mapping[str, Any], message: str, field: str = "") -> list[Sent | Refusal]:
    """What a partner sends beside events; it is kept to be seen, and is no fault."""
    return [refuse((None, None, None, None, None), raw, "not_an_event", field, message)]
