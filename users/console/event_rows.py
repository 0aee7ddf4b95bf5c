"""One line of the live events page: what it says in words, and who may see what it carries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from glu_admin.api.json import dumps
from glu_admin.console import masking, snippets
from users.models import Event, ParkedEvent

TONES = {"accepted": "good", "waiting": "warn", "duplicate": "info", "rejected": "bad"}
SKEW_IN_WORDS = "clock_"
MOST_PAYLOAD = 4000  # characters; the rest is for the API
CUT = "\n… cut; the API has all of it"
ANY_USER = "USER_ID"


@dataclass(frozen=True)
class Line:
    event: Event
    who: str
    verdict: str
    tone: str
    notes: tuple[str, ...]
    user_id: str
    payload: str
    is_cut: bool
    parked: tuple[ParkedEvent, ...]


def lines(
    events: Iterable[Event], parked: Iterable[ParkedEvent], *, in_full: bool, payloads: bool
) -> list[Line]:
    """The lines of `events`; ids are masked unless `in_full`, values are hidden unless `payloads`."""
    set_aside: dict[int, list[ParkedEvent]] = {}
    for each in parked:
        set_aside.setdefault(each.event_id, []).append(each)
    return [
        _line(event, tuple(set_aside.get(event.id, ())), in_full=in_full, payloads=payloads)
        for event in events
    ]


def curl(line: Line, base: str, write_key: str) -> str:
    """The request that sends this event once more, as it came; "" for one that is too long to show.

    Whoever may not see the person's id fills in one.
    """
    event = line.event
    if line.is_cut:
        return ""
    sent = event.properties if event.verdict == Event.Verdict.REJECTED else _sent(event, line.user_id)
    return snippets.event(base, write_key, sent).text


def _sent(event: Event, user_id: str) -> dict[str, Any]:
    return {
        "event_id": event.event_id,
        "event_name": event.name,
        "user_id": user_id,
        "timestamp": event.happened_at and event.happened_at.isoformat(),
        "event_properties": event.properties,
    }


def _line(event: Event, parked: tuple[ParkedEvent, ...], *, in_full: bool, payloads: bool) -> Line:
    payload = _payload(event.properties, payloads=payloads)
    warned = event.verdict == Event.Verdict.ACCEPTED and bool(event.warnings)
    return Line(
        event=event,
        who=masking.person(None, event.client_id, in_full=in_full) if event.client_id else "nobody",
        verdict="Accepted with warnings" if warned else event.get_verdict_display(),
        tone="warn" if warned or parked else TONES[event.verdict],
        notes=_notes(event),
        user_id=(event.client_id or "") if in_full else ANY_USER,
        payload=payload if len(payload) <= MOST_PAYLOAD else f"{payload[:MOST_PAYLOAD]}{CUT}",
        is_cut=len(payload) > MOST_PAYLOAD,
        parked=parked,
    )


def _notes(event: Event) -> tuple[str, ...]:
    """Why, in words: the code of a refusal reads as words, and names its field."""
    notes = []
    if event.reason:
        words = event.reason.replace("_", " ")
        notes.append(f"{words}: {event.field}" if event.field else words)
    notes += [str(code).replace("_", " ") for code in event.warnings]
    return tuple(notes)


def _payload(properties: Any, *, payloads: bool) -> str:
    """Readable JSON; for those who may not see values, each value is its type."""
    shown = properties if payloads else _types(properties)
    return dumps(shown, option=orjson.OPT_INDENT_2).decode()


def _types(properties: Any) -> Any:
    if isinstance(properties, Mapping):
        return {name: _type(value) for name, value in properties.items()}
    return _type(properties)


def _type(value: Any) -> str:
    kinds = {bool: "true or false", str: "text", int: "number", float: "number", list: "list", dict: "object"}
    return kinds.get(type(value), "empty")
