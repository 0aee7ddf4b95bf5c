"""Whether a rule fits what there is: attributes and their types, events, segments.

A rule that doesn't fit can be tested and counted all the same; whoever writes it is told,
with the path of each fault. Segments that lead back to themselves are found here.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import connection

from glu_admin.workspaces.models import Environment
from users.events import tally
from users.models import AttributeDefinition, EventDefinition, EventTally, Segment
from users.segments import fields, kinds
from users.segments.book import Book
from users.segments.operators import OPERATORS
from users.segments.parse import dump, leaves, located
from users.segments.rule import Condition, Did, Field, InSegment, Rule, RuleError, Value, Where
from users.segments.wording import shown

LOOKED_AT = 2_000  # newest people, for attributes that came after the catalogue was made
_NAMES = {
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "date": "a date",
}
# by chance of being seen: what nobody has says nothing about types
_SCALARS = frozenset({"string", "number", "boolean", "list"})

_NEW_ATTRIBUTE = """
SELECT jsonb_typeof(attributes -> %(name)s) FROM (
    SELECT attributes FROM users_enduser WHERE environment_id = %(environment)s
    ORDER BY registered_at DESC LIMIT %(most)s
) newest WHERE attributes ? %(name)s LIMIT 1
"""


def faults(rule: Rule, environment: Environment, *, segment: UUID | None = None) -> list[RuleError]:
    """Everything that doesn't fit; `segment` is the one whose rule this is, if it has one yet."""
    known = Catalogue(environment, segment or uuid4(), rule)
    return [fault for path, leaf in located(rule) for fault in _of_leaf(leaf, path, known)]


@dataclass
class Catalogue:
    """What the environment has, read when it is first asked for."""

    environment: Environment
    segment: UUID
    rule: Rule

    @cached_property
    def attributes(self) -> Mapping[str, Collection[str]]:
        """The types of each attribute of the rule; none if it is not known."""
        names = {
            leaf.key for leaf in leaves(self.rule) if isinstance(leaf, Field) and leaf.source == "attributes"
        }
        rows = AttributeDefinition.objects.filter(environment=self.environment, name__in=names)
        known = {row.name: {row.declared_type} if row.declared_type else set(row.types) for row in rows}
        return known | {name: self._seen(name) for name in names - known.keys()}

    def _seen(self, name: str) -> set[str]:
        values: dict[str, Any] = {"name": name, "environment": self.environment.id, "most": LOOKED_AT}
        with connection.cursor() as cursor:
            cursor.execute(_NEW_ATTRIBUTE, values)
            found = cursor.fetchone()
        return {"list" if found[0] == "array" else found[0]} if found else set()

    @cached_property
    def events(self) -> Mapping[str, Mapping[str, Collection[str]]]:
        """Of each event of the rule, the types of its properties."""
        names = {leaf.event for leaf in leaves(self.rule) if isinstance(leaf, Did)}
        here = {"environment": self.environment, "name__in": names}
        known: dict[str, dict[str, Collection[str]]] = {
            row.name: dict(row.types) for row in EventTally.objects.filter(**here)
        }
        for row in EventDefinition.objects.filter(**here):
            types = known.setdefault(row.name, {})
            types |= {each["name"]: {each["type"]} if each["type"] else _SCALARS for each in row.expected}
        return known

    @cached_property
    def book(self) -> Book:
        """The segments as they would be with this rule."""
        others = Segment.objects.filter(environment=self.environment).exclude(id=self.segment)
        mine = Segment(id=self.segment, name="", kind=Segment.Kind.RULES, rule=dump(self.rule))
        return Book(self.environment.id, ZoneInfo("UTC"), [*others, mine])


def _of_leaf(leaf: Condition, path: str, known: Catalogue) -> Iterator[RuleError]:
    base = f"{path}." if path else ""
    match leaf:
        case Field():
            yield from _of_field(leaf, base, known)
        case InSegment(segment):
            yield from _of_segment(segment, f"{base}segment", known)
        case Did():
            yield from _of_event(leaf, base, known)
        case _:
            yield from kinds.of(leaf).faults(leaf, known.environment, path)


def _of_field(field: Field, base: str, known: Catalogue) -> Iterator[RuleError]:
    if field.source == "core":
        type_ = fields.CORE[field.key].type
        yield from _of_types({type_}, field.operator, field.value, base, fields.CORE[field.key].label)
    elif field.source == "attributes":
        types = known.attributes[field.key]
        if not types:
            message = f"Nobody has an attribute “{shown(field.key)}”. Look at its name, or declare it first."
            yield RuleError(f"{base}field", message)
        else:
            yield from _of_types(types, field.operator, field.value, base, shown(field.key))
    elif field.key not in (fields.PARTS[field.source] or ()):
        yield RuleError(
            f"{base}field", f"Of {field.source} there is {', '.join(fields.PARTS[field.source] or ())}."
        )


def _of_types(
    types: Collection[str], operator: str, value: Value, base: str, what: str
) -> Iterator[RuleError]:
    """Whether an operator and its value can ever hold for something of these types."""
    takes = OPERATORS[operator].types
    if not takes & set(types):
        fitting = " or ".join(_NAMES[each] for each in sorted(takes & _NAMES.keys()))
        yield RuleError(f"{base}operator", f"{what} is {_named(types)}; “{operator}” is for {fitting}.")
    elif OPERATORS[operator].value in ("one", "list") and "list" not in types:
        for each in value if isinstance(value, tuple) else (value,):
            if _type_of(each) not in types:
                yield RuleError(
                    f"{base}value",
                    f"{what} is {_named(types)}; {shown(each)} here is {_NAMES[_type_of(each)]}.",
                )
                return


def _named(types: Collection[str]) -> str:
    return " or ".join(_NAMES.get(each, each) for each in sorted(types))


def _type_of(value: object) -> str:
    return "string" if isinstance(value, str) else "boolean" if isinstance(value, bool) else "number"


def _of_segment(segment: UUID, path: str, known: Catalogue) -> Iterator[RuleError]:
    entry = known.book.segments.get(segment)
    if entry is None:
        yield RuleError(path, "There is no segment with this id here.")
    elif segment == known.segment or entry.leads_to(known.segment):
        yield RuleError(path, "A segment can't be a condition of itself, nor of one that is in it.")
    elif fault := known.book.segments[known.segment].fault:
        yield RuleError(path, fault)


def _of_event(did: Did, base: str, known: Catalogue) -> Iterator[RuleError]:
    types = known.events.get(did.event)
    if types is None:
        message = f"No event “{shown(did.event)}” has come yet. Look at its name, or define it first."
        yield RuleError(f"{base}event", message)
        return
    if did.measure.property:
        yield from _of_property(did.measure.property, types, f"{base}measure.{did.measure.kind}", did.event)
    if did.measure.kind == "sum" and "number" not in types.get(did.measure.property, ("number",)):
        yield RuleError(
            f"{base}measure.sum", f"{shown(did.measure.property)} is no number, it can't be summed."
        )
    for place, each in enumerate(did.where):
        yield from _of_where(each, types, f"{base}where[{place}]", did.event)


def _of_where(
    where: Where, types: Mapping[str, Collection[str]], path: str, event: str
) -> Iterator[RuleError]:
    yield from _of_property(where.property, types, f"{path}.property", event)
    if where.property in types:
        yield from _of_types(
            types[where.property], where.operator, where.value, f"{path}.", shown(where.property)
        )


def _of_property(
    name: str, types: Mapping[str, Collection[str]], path: str, event: str
) -> Iterator[RuleError]:
    # of an event with very many properties, not all are counted
    if name not in types and len(types) < tally.MOST_PROPERTIES:
        yield RuleError(path, f"“{shown(event)}” has come without a property “{shown(name)}” so far.")
