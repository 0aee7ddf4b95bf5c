"""One event as it was sent, checked: either fit to be taken, or refused with reason and field. Pure.

`read` knows the contract's names; partners hand their own to `check`, so that a refusal names
what is to be mended where the sender wrote it. Nothing here raises on bad input.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from users.events.moments import NoMoment, moment
from users.events.remarks import remark

ID_LIMIT, NAME_LIMIT = 255, 128
RESERVED = "glu."  # names of events that tell what campaigns themselves did
SIZE_LIMIT = 20 * 1024  # bytes of an event's properties as JSON
DEPTH_LIMIT = 32
SHOWN_BYTES, SHOWN_CHARACTERS = 4096, 2000  # of a refused event that is kept to be looked at

LARGEST, SMALLEST = 2.0**63, 1e-30  # of numbers

_control = re.compile(r"[\x00-\x1f\x7f]")
_long_number = re.compile(rb"\de[+-]?\d\d|\d{19}")
_same_digits = bytes.maketrans(b"123456789", b"000000000")


PROBLEMS = {
    "nested_too_deep": f"is nested in more than {DEPTH_LIMIT} levels.",
    "nul_character": "holds a NUL character, which can't be stored.",
    "number_out_of_range": "holds a number of 2^63 or more, or one next to nothing. Send it as text.",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What a sender calls the parts of an event."""

    event_id: str = "event_id"
    name: str = "event_name"
    client_id: str = "user_id"
    happened_at: str = "timestamp"
    properties: str = "event_properties"


CONTRACT = Names()
FIELDS = frozenset(("event_id", "event_name", "user_id", "timestamp", "event_properties"))


class Sent(NamedTuple):
    """An event that can be taken. `json` is the properties as they are stored."""

    event_id: str
    name: str
    client_id: str
    happened_at: datetime
    properties: dict[str, Any]
    warnings: tuple[str, ...] = ()
    json: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that can't be taken: why, and as much of it as can be shown and stored."""

    event_id: str | None
    name: str | None
    client_id: str | None
    reason: str
    field: str
    message: str
    payload: Any


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line, or a whole body, that is not JSON."""

    text: bytes
    problem: str


class _Refused(Exception):
    def __init__(self, reason: str, field: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.field, self.message = reason, field, message


def read(raw: object, *, now: datetime) -> Sent | Refusal:
    """An event under the contract's names."""
    if not isinstance(raw, dict):
        return _not_an_object(raw)
    get = raw.get
    warnings = () if raw.keys() <= FIELDS else _unknown(raw)
    parts = (
        get("event_id"),
        get("event_name"),
        get("user_id"),
        get("timestamp"),
        get("event_properties"),
    )
    return check(parts, raw, now=now, warnings=warnings)


def check(
    parts: tuple[Any, Any, Any, Any, Any],
    payload: Any,
    *,
    now: datetime,
    names: Names = CONTRACT,
    warnings: tuple[str, ...] = (),
) -> Sent | Refusal:
    """The event of (id, name, person, time, properties) as they were sent; `payload` is all of it."""
    event_id, name, client_id, happened_at, properties = parts
    try:
        event_id = _text(event_id, names.event_id, ID_LIMIT)
        name = _name(name, names.name)
        client_id = _text(client_id, names.client_id, ID_LIMIT)
        at, about_time = _moment(happened_at, names.happened_at, now)
        json = _json(properties, names.properties)
        remarks = warnings + about_time + _odd_names(properties)
        return Sent(event_id, name, client_id, at, properties, remarks, json)
    except _Refused as why:
        return refuse(parts, payload, why.reason, why.field, why.message)


def refuse(
    parts: tuple[Any, Any, Any, Any, Any], payload: Any, reason: str, field: str, message: str
) -> Refusal:
    """A refusal that keeps what can be stored of the event."""
    return Refusal(
        event_id=shown_text(parts[0], ID_LIMIT),
        name=shown_text(parts[1], NAME_LIMIT),
        client_id=shown_text(parts[2], ID_LIMIT),
        reason=reason,
        field=_control.sub("?", field)[:140],
        message=message,
        payload=shown(payload),
    )


def made_id(*parts: object) -> str:
    """An id for an event that came without one: the same content gives the same id."""
    try:
        json = orjson.dumps(parts, default=str, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # nested too deep, for which it will be refused
        json = b""
    return hashlib.sha256(json).hexdigest()[:32]


def shown(payload: Any) -> dict[str, Any]:
    """What came, as a JSON object that is small and can be stored."""
    if isinstance(payload, Unreadable):
        return {"cut": _clean(payload.text[:SHOWN_CHARACTERS].decode(errors="replace"))}
    try:
        json = orjson.dumps(payload, default=str)
    except orjson.JSONEncodeError:
        return {"cut": "nested too deep to be shown"}
    if isinstance(payload, dict) and len(json) <= SHOWN_BYTES and not _problem(payload, json):
        return payload
    return {"cut": _clean(json[:SHOWN_CHARACTERS].decode(errors="replace"))}


def storable(content: dict[str, Any]) -> str:
    """The JSON of an object that can be stored whole, else ""."""
    try:
        return _json(content, "content")
    except _Refused:
        return ""


def _not_an_object(raw: object) -> Refusal:
    nothing = (None, None, None, None, None)
    if isinstance(raw, Unreadable):
        return refuse(nothing, raw, "malformed_json", "", f"This is not JSON: {raw.problem}.")
    message = 'An event must be a JSON object: {"event_id": "…", "event_name": "…", …}.'
    return refuse(nothing, raw, "not_an_object", "", message)


def _unknown(raw: dict[str, Any]) -> tuple[str, ...]:
    """Keys that the contract doesn't know; a few are enough to tell the sender."""
    return tuple(remark("unknown_field", _clean(key)) for key in raw if key not in FIELDS)[:3]


def _text(value: Any, field: str, most: int) -> str:
    if isinstance(value, str) and 0 < len(value) <= most and value.isprintable() and not value.isspace():
        return value
    if value is None or (isinstance(value, str) and not value.strip()):
        raise _Refused("missing", field, f"{field} is missing. Send it as text.")
    if not isinstance(value, str):
        raise _Refused("wrong_type", field, f'{field} must be text; put it into quotes: "{field}": "…".')
    if len(value) > most:
        message = f"{field} may have {most} characters; it has {len(value)}."
        raise _Refused("too_long", field, message)
    if _control.search(value):
        raise _Refused("control_character", field, f"{field} holds a control character; leave it out.")
    return value


def _name(value: Any, field: str) -> str:
    name = _text(value, field, NAME_LIMIT)
    if name.startswith(RESERVED):
        message = f"Names that begin with {RESERVED} are of events that campaigns make. Choose another name."
        raise _Refused("reserved_name", field, message)
    return name


def _moment(value: Any, field: str, now: datetime) -> tuple[datetime, tuple[str, ...]]:
    if value is None or value == "":
        raise _Refused("missing", field, f"{field} is missing. Send it as text: 2026-11-22T09:30:00Z.")
    try:
        return moment(value, now)
    except NoMoment as why:
        raise _Refused(why.reason, field, f"{field}: {why.message}") from None


def _json(value: Any, field: str) -> str:
    """The properties as JSON, once they are known to be storable."""
    if value is None:
        raise _Refused("missing", field, f"{field} is missing. Send {{}} if there is nothing to say.")
    if not isinstance(value, dict):
        raise _Refused("wrong_type", field, f'{field} must be an object: {{"name": "value"}}.')
    try:
        json = orjson.dumps(value)
    except orjson.JSONEncodeError:
        message = f"{field} {PROBLEMS['nested_too_deep']}"
        raise _Refused("nested_too_deep", field, message) from None
    if len(json) > SIZE_LIMIT:
        message = f"An event's {field} may have {SIZE_LIMIT} bytes as JSON; these have {len(json)}."
        raise _Refused("too_large", field, message)
    if problem := _problem(value, json):
        raise _Refused(problem, field, f"{field} {PROBLEMS[problem]}")
    return json.decode()


def _problem(value: Any, json: bytes) -> str:
    """Why JSON can't be stored; "" if it can. Cheap unless there is reason for a closer look."""
    brackets = json.count(b"{") + json.count(b"[")
    if brackets <= DEPTH_LIMIT and b"\\u0000" not in json and not _has_long_number(json):
        return ""
    level = [value]
    for _ in range(DEPTH_LIMIT + 1):
        if any(isinstance(each, str) and "\0" in each for each in level):
            return "nul_character"
        if any(isinstance(each, float) and _is_out_of_range(each) for each in level):
            return "number_out_of_range"
        level = [inner for each in level if isinstance(each, dict | list) for inner in _inside(each)]
        if not level:
            return ""
    return "nested_too_deep"


def _has_long_number(json: bytes) -> bool:
    """Whether a number may be one; most events hold nothing like it, which is sooner seen this way."""
    digits = json.translate(_same_digits)
    if b"0" * 19 in digits or b"0e0" in digits or b"0e-" in digits or b"0e+" in digits:
        return bool(_long_number.search(json))
    return False


def _is_out_of_range(number: float) -> bool:
    """PostgreSQL writes a number with all its digits: these would grow a hundredfold, and what
    comes back is no number to everybody."""
    return abs(number) >= LARGEST or 0 < abs(number) < SMALLEST


def _inside(container: dict[str, Any] | list[Any]) -> list[Any]:
    return [*container, *container.values()] if isinstance(container, dict) else container


def _odd_names(properties: dict[str, Any]) -> tuple[str, ...]:
    """Names that are kept, but that no rule could be made with."""
    if any(map(is_odd, properties)):
        return tuple(remark("property_name", _clean(name)) for name in properties if is_odd(name))[:3]
    return ()


def is_odd(name: str) -> bool:
    if name.isidentifier():
        return len(name) > NAME_LIMIT
    return not 0 < len(name) <= NAME_LIMIT or name.isdecimal() or bool(_control.search(name))


def shown_text(value: object, most: int) -> str | None:
    """An id or name for the row of a refused event, if it was text or a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return _clean(str(value)[:most]) or None


def _clean(text: str) -> str:
    return _control.sub("�", text)
