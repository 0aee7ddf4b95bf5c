"""The rows that every rule may have: a field of the person, an event, another segment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glu_admin.workspaces.models import Environment
from users.models import AttributeDefinition, EventTally, Segment
from users.segments import fields
from users.segments.console import rows, typed
from users.segments.console.rows import Input, RowError, RowKind, Typed
from users.segments.operators import MEASURED, OPERATORS

MOST_OFFERED = 200  # attributes, the commonest first
USUAL = {"date": "in_last_days", "number": "at_least", "list": "contains"}
MEASURES = {"count": "times", "sum": "sum of", "distinct": "different values of"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue knows of an attribute: its type, if it has one, and common values."""

    type: str
    label: str
    top: tuple[str, ...]


def register() -> None:
    rows.register(RowKind("field", "Attribute or field", _field_inputs, _write_field, _read_field, "field"))
    rows.register(RowKind("event", "Did an event", _event_inputs, _write_event, _read_event, "event"))
    rows.register(
        RowKind("segment", "Is in a segment", _segment_inputs, _write_segment, _read_segment, "segment")
    )


def known_attributes(env: Environment) -> dict[str, Known]:
    """By field name, as the catalogue has them."""
    found = AttributeDefinition.objects.filter(environment=env).order_by("-have_it", "name")
    return {f"attributes.{each.name}": _known(each) for each in found[:MOST_OFFERED]}


def _known(row: AttributeDefinition) -> Known:
    main = row.declared_type or max(row.types, key=row.types.get, default="")
    share = f" · {100 * row.have_it // row.people}%" if row.people else ""
    top = tuple(str(value) for value, _ in row.top_values if isinstance(value, str | int | float))
    return Known(main, f"{row.name} ({main or 'any type'}{share})", top)


def _type(field: str, attributes: Mapping[str, Known]) -> str:
    source, _, key = field.partition(".")
    if source == "core":
        return fields.CORE[key].type if key in fields.CORE else ""
    return attributes[field].type if field in attributes else ""


def _fields(attributes: Mapping[str, Known], chosen: str) -> rows.Choices:
    groups = [("Attributes", [(field, each.label) for field, each in attributes.items()])]
    core = [(f"core.{each.name}", each.label.capitalize()) for each in fields.CORE.values()]
    groups.append(("Person", core))
    for part, keys in fields.PARTS.items():
        if keys:
            named = [(f"{part}.{key}", fields.label(part, key).capitalize()) for key in keys]
            groups.append((part.capitalize(), named))
    if chosen and not any(chosen == field for _, group in groups for field, _ in group):
        groups.insert(0, ("As written", [(chosen, chosen)]))
    return groups


def _operators(type_: str, chosen: str) -> rows.Choices:
    fitting = [
        (each.name, each.label)
        for each in OPERATORS.values()
        if not type_ or type_ in each.types or each.name == chosen
    ]
    return [("", [pair for pair in fitting if type_ or pair[0] != "in_percentage"])]


def _field_inputs(env: Environment, said: Typed) -> list[Input]:
    attributes = known_attributes(env)
    field = said.get("field") or next(iter(attributes), "core.registeredAt")
    type_ = _type(field, attributes)
    choices = _operators(type_, said.get("operator", ""))
    names = [name for name, _ in choices[0][1]]
    operator = said.get("operator", "")
    operator = operator if operator in names else _usual(type_, names)
    top = attributes[field].top if field in attributes else ()
    return [
        Input("field", "field", "select", _fields(attributes, field), field, reloads=True),
        Input("operator", "comparison", "select", choices, operator, reloads=True),
        *typed.inputs(operator, said, top),
    ]


def _usual(type_: str, names: Sequence[str]) -> str:
    """What a marketer most likely asks of a field of this type."""
    return next((name for name in (USUAL.get(type_, "is"),) if name in names), names[0])


def _write_field(env: Environment, said: Typed) -> dict[str, Any]:
    field = said.get("field", "")
    if not field:
        raise RowError("field", "Choose a field.")
    type_ = _type(field, known_attributes(env))
    return {"field": field} | typed.condition(said, type_)


def _read_field(condition: Mapping[str, Any]) -> dict[str, str] | None:
    operator = condition["operator"]
    said = {"field": condition["field"], "operator": operator}
    return said | typed.shown(operator, condition.get("value"))


def _event_inputs(env: Environment, said: Typed) -> list[Input]:
    names = EventTally.objects.filter(environment=env).exclude(name="").order_by("-total")
    seen = tuple(names.values_list("name", flat=True)[:MOST_OFFERED])
    measure = said.get("measure", "count")
    found = [
        Input("event", "event", value=said.get("event", ""), suggestions=seen),
        Input("times", "how often", "select", [("", [(k, w) for k, (_, w) in MEASURED.items()])],
              said.get("times", "at_least")),
        Input("amount", "number", "number", value=said.get("amount", "1")),
        Input("measure", "of", "select", [("", list(MEASURES.items()))], measure, reloads=True),
    ]  # fmt: skip
    if measure != "count":
        found.append(Input("measured", "property", value=said.get("measured", "")))
    found.append(Input("days", "in the last days", "number", value=said.get("days", ""), hint="Empty: ever"))
    found.append(Input("property", "where property", value=said.get("property", ""), hint="Empty: any"))
    operators = [(each.name, each.label) for each in OPERATORS.values() if each.on_properties]
    operator = said.get("operator", "is")
    if said.get("property"):
        found.append(Input("operator", "comparison", "select", [("", operators)], operator, reloads=True))
        found += typed.inputs(operator, said)
    return found


def _write_event(env: Environment, said: Typed) -> dict[str, Any]:
    if not said.get("event", "").strip():
        raise RowError("event", "Name the event.")
    measure = said.get("measure", "count")
    written: dict[str, Any] = {
        "event": said["event"].strip(),
        "operator": said.get("times", "at_least"),
        "value": typed.number(said.get("amount", ""), "amount"),
        "measure": "count" if measure == "count" else {measure: said.get("measured", "").strip()},
    }
    if said.get("property", "").strip():
        written["where"] = [{"property": said["property"].strip()} | typed.condition(said, "")]
    if said.get("days", "").strip():
        written["window"] = {"lastDays": typed.number(said["days"], "days")}
    return written


def _read_event(condition: Mapping[str, Any]) -> dict[str, str] | None:
    where, window = condition.get("where") or [], condition.get("window") or {}
    measure = condition.get("measure", "count")
    if len(where) > 1 or window.keys() - {"lastDays"}:
        return None
    said = {
        "event": condition["event"],
        "times": condition["operator"],
        "amount": str(condition["value"]),
        "days": str(window.get("lastDays", "")),
        "measure": measure if isinstance(measure, str) else next(iter(measure)),
        "measured": "" if isinstance(measure, str) else next(iter(measure.values())),
    }
    for each in where:
        operator = each["operator"]
        said |= {"property": each["property"], "operator": operator}
        said |= typed.shown(operator, each.get("value"))
    return said


def _segment_inputs(env: Environment, said: Typed) -> list[Input]:
    segments = Segment.objects.filter(environment=env).order_by("name").values_list("id", "name")
    choices = [("", [(str(pk), name) for pk, name in segments])]
    return [Input("segment", "segment", "select", choices, said.get("segment", ""))]


def _write_segment(env: Environment, said: Typed) -> dict[str, Any]:
    if not said.get("segment"):
        raise RowError("segment", "Choose a segment.")
    return {"segment": said["segment"]}


def _read_segment(condition: Mapping[str, Any]) -> dict[str, str] | None:
    return {"segment": condition["segment"]}
