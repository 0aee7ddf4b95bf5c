"""How people enter and leave a segment by what they do, read of JSON. Pure.

{"event": "purchase", "where": [conditions on properties], "leave": {"event", "where"} or null,
"afterDays": n or null}: in by the event, out by the other one or so many days after the entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from users.segments import behaviour_form, fields, words
from users.segments.rule import RuleError, Where

MOST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of this name whose properties meet all conditions."""

    event: str
    where: tuple[Where, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    enter: Happening
    leave: Happening | None = None
    after_days: int | None = None


def parse(data: object, path: str = "entry") -> Entry:
    """Raises RuleError with the path of the fault."""
    said = _object(data, path, ("event", "where", "leave", "afterDays"))
    leave = said.get("leave")
    return Entry(
        _happening(said, path),
        None if leave is None else _leave(leave, f"{path}.leave"),
        _days(said.get("afterDays"), f"{path}.afterDays"),
    )


def dump(entry: Entry) -> dict[str, Any]:
    """The JSON of an entry; parsed again, it is equal."""
    leave = None if entry.leave is None else _dumped(entry.leave)
    return {**_dumped(entry.enter), "leave": leave, "afterDays": entry.after_days}


def sentence(entry: Entry) -> str:
    """Who is in, in words: "purchase where amount is more than 300, for 30 days"."""
    parts = [f"{entry.enter.event}{words.where(entry.enter.where)}"]
    if entry.leave:
        parts.append(f"until {entry.leave.event}{words.where(entry.leave.where)}")
    if entry.after_days:
        parts.append(f"for {entry.after_days} days" if entry.after_days > 1 else "for 1 day")
    return ", ".join(parts)


def _object(data: object, path: str, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise RuleError(path, 'Write an object: {"event": "purchase", "where": [], …}.')
    unknown = next((key for key in data if key not in known), None)
    if unknown is not None:
        shown = str(unknown)[:40].encode(errors="replace").decode()
        raise RuleError(f"{path}.{shown}", f"Here may only be {', '.join(known)}.")
    return data


def _leave(data: object, path: str) -> Happening:
    return _happening(_object(data, path, ("event", "where")), path)


def _happening(said: Mapping[str, Any], path: str) -> Happening:
    event = fields.name(said.get("event"), f"{path}.event", "An event's name")
    where = said.get("where")
    if where is None:
        return Happening(event)
    if not isinstance(where, list) or len(where) > behaviour_form.MOST_WHERE:
        told = f"Write a list of up to {behaviour_form.MOST_WHERE} conditions on properties."
        raise RuleError(f"{path}.where", told)
    read = [
        behaviour_form.property_condition(each, f"{path}.where[{place}]") for place, each in enumerate(where)
    ]
    return Happening(event, tuple(read))


def _days(value: object, path: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_DAYS:
        raise RuleError(path, f"Write whole days, from 1 to {MOST_DAYS:,}, or null.")
    return value


def _dumped(happening: Happening) -> dict[str, Any]:
    where = [behaviour_form.dump_where(each) for each in happening.where]
    return {"event": happening.event, "where": where}
