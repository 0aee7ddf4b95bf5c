"""Conditions on what people did, read of JSON: which events, how many or how much, and when. Pure."""

from collections.abc import Mapping
from typing import Any

import orjson

from users.segments import fields, moments, values
from users.segments.operators import MEASURED, OPERATORS
from users.segments.rule import Did, Measure, RuleError, Value, Where, Window

KEYS = ("event", "where", "measure", "operator", "value", "window")
MOST_WHERE = 10
MOST_TIMES = 1_000_000_000

Json = Mapping[str, Any]


def condition(
    data: Json, path: str, *, type_: str | None = None, on_property: bool = False
) -> tuple[str, Value]:
    """The operator of a condition and the value that it takes; `type_` is a core field's."""
    operator = OPERATORS.get(data["operator"]) if isinstance(data.get("operator"), str) else None
    where = f"{path}.operator" if path else "operator"
    if operator is None:
        raise RuleError(where, f"The operators are {', '.join(OPERATORS)}.")
    if (on_property and not operator.on_properties) or (type_ is None and operator.types == {"id"}):
        what = "a property of an event" if on_property else "this field; it is for core.gluId"
        raise RuleError(where, f'"{operator.name}" is not for {what}.')
    if type_ is not None and type_ not in operator.types:
        fitting = ", ".join(each.name for each in OPERATORS.values() if type_ in each.types)
        raise RuleError(where, f"This field takes only {fitting}.")
    return operator.name, operator.read(data.get("value"), f"{path}.value" if path else "value")


def read(data: Json, path: str) -> Did:
    """Raises RuleError; the keys are known to be among KEYS."""
    base = f"{path}." if path else ""
    operator = data.get("operator")
    if not isinstance(operator, str) or operator not in MEASURED:
        raise RuleError(f"{base}operator", f"Of an event it is {', '.join(MEASURED)}.")
    measure = _measure(data.get("measure", "count"), f"{base}measure")
    return Did(
        event=fields.name(data["event"], f"{base}event", "An event's name"),
        where=_where(data.get("where"), f"{base}where"),
        measure=measure,
        operator=operator,
        value=_amount(data.get("value"), f"{base}value", measure),
        window=_window(data.get("window"), f"{base}window"),
    )


def _where(data: object, path: str) -> tuple[Where, ...]:
    if data is None:
        return ()
    if not isinstance(data, list) or len(data) > MOST_WHERE:
        raise RuleError(path, f"Write a list of up to {MOST_WHERE} conditions on properties.")
    return tuple(property_condition(each, f"{path}[{place}]") for place, each in enumerate(data))


def property_condition(data: object, path: str) -> Where:
    """{"property": "amount", "operator": "greater_than", "value": 300}; raises RuleError."""
    if not isinstance(data, dict) or not data.keys() <= {"property", "operator", "value"}:
        raise RuleError(path, 'Write {"property": …, "operator": …, "value": …}.')
    name = fields.name(data.get("property"), f"{path}.property", "A property's name")
    return Where(name, *condition(data, path, on_property=True))


def _measure(data: object, path: str) -> Measure:
    if data == "count":
        return Measure()
    if isinstance(data, dict) and len(data) == 1:
        ((kind, name),) = data.items()
        if kind in ("sum", "distinct"):
            return Measure(kind, fields.name(name, f"{path}.{kind}", "A property's name"))
    raise RuleError(path, 'Write "count", {"sum": "amount"} or {"distinct": "sku"}.')


def _amount(value: object, path: str, measure: Measure) -> int | float:
    if measure.kind == "sum":
        return values.number(value, path)
    times = values.whole(value, path)
    if not 0 <= times <= MOST_TIMES:
        raise RuleError(path, f"Write a number from 0 to {MOST_TIMES:,}.")
    return times


def _window(data: object, path: str) -> Window | None:
    if data is None:
        return None
    if isinstance(data, dict) and data.keys() == {"lastDays"}:
        return Window(last_days=values.days(data["lastDays"], f"{path}.lastDays"))
    if not isinstance(data, dict) or not data or not data.keys() <= {"from", "to"}:
        raise RuleError(path, 'Write {"lastDays": 14}, or {"from": "2026-01-01", "to": "2026-02-01"}.')
    since, until = (
        values.date(data[end], f"{path}.{end}") if end in data else None for end in ("from", "to")
    )
    if since and until and moments.known(since) >= moments.known(until):
        raise RuleError(f"{path}.to", "The time ends before it begins.")
    return Window(since=since, until=until)


def dump(did: Did) -> dict[str, Any]:
    return {
        "event": did.event,
        "where": [dump_where(each) for each in did.where],
        "measure": "count" if did.measure.kind == "count" else {did.measure.kind: did.measure.property},
        "operator": did.operator,
        "value": values.dumped(did.value),
        "window": _dump_window(did.window),
    }


def dump_where(where: Where) -> dict[str, Any]:
    written = {"property": where.property, "operator": where.operator}
    takes_none = OPERATORS[where.operator].value == "none"
    return written if takes_none else written | {"value": values.dumped(where.value)}


def _dump_window(window: Window | None) -> dict[str, Any] | None:
    if window is None:
        return None
    if window.last_days:
        return {"lastDays": window.last_days}
    return {end: at for end, at in (("from", window.since), ("to", window.until)) if at}


def canonical(did: Did) -> Did:
    """The same condition in the one order in which its digest is taken."""
    ordered = {_key(dump_where(each)): each for each in did.where}
    where = tuple(each for _, each in sorted(ordered.items()))
    return Did(did.event, where, did.measure, did.operator, did.value, did.window)


def _key(written: dict[str, Any]) -> bytes:
    return orjson.dumps(written, option=orjson.OPT_SORT_KEYS)
