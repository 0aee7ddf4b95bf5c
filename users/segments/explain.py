"""Why somebody fits a rule or doesn't: each line of it with its verdict and the value found. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any as Whatever

from users.segments import kinds, moments, predicate, words
from users.segments.book import Book
from users.segments.facts import Facts
from users.segments.operators import OPERATORS
from users.segments.parse import digest
from users.segments.rule import All, Any, Condition, Did, Field, InSegment, Not, Rule
from users.segments.wording import number, shown, times

HEADS = {"all": "all of these", "any": "any of these", "not": "not"}


@dataclass(frozen=True, slots=True)
class Line:
    """`path` is where the rule says it, `found` what is known of the person there; "" for a group.

    Lines of a segment's own rule are the children of the line that names it.
    """

    path: str
    words: str
    verdict: bool
    found: str = ""
    children: "tuple[Line, ...]" = ()


@dataclass(frozen=True, slots=True)
class _Look:
    facts: Facts
    book: Book
    names: kinds.Names
    measured: Mapping[str, Decimal]


def explain(
    rule: Rule,
    facts: Facts,
    book: Book,
    *,
    names: kinds.Names | None = None,
    measured: Mapping[str, Decimal] | None = None,
) -> Line:
    """The rule as a tree of lines. `measured` is facts.measured of what the rule counts, if the
    numbers are to be told, and `names` may name campaigns besides the book's segments."""
    return _line(rule, "", _Look(facts, book, {**book.names, **(names or {})}, measured or {}))


def _line(rule: Rule, path: str, look: _Look) -> Line:
    match rule:
        case All(rules):
            children = _group(rules, "all", path, look)
            return Line(path, HEADS["all"], all(each.verdict for each in children), children=children)
        case Any(rules):
            children = _group(rules, "any", path, look)
            return Line(path, HEADS["any"], any(each.verdict for each in children), children=children)
        case Not(inner):
            child = _line(inner, _at(path, "not"), look)
            return Line(path, HEADS["not"], not child.verdict, children=(child,))
    return _leaf(rule, path, look)


def _group(rules: tuple[Rule, ...], name: str, path: str, look: _Look) -> tuple[Line, ...]:
    return tuple(_line(each, f"{_at(path, name)}[{place}]", look) for place, each in enumerate(rules))


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _leaf(leaf: Condition, path: str, look: _Look) -> Line:
    verdict = predicate.compile(leaf, look.book)(look.facts)
    said = words.condition(leaf, look.names)
    match leaf:
        case Field():
            return Line(path, said, verdict, _found(leaf, look.facts, verdict))
        case InSegment(segment):
            entry = look.book.inlined(segment)
            children = (_line(entry.sound_rule, _at(path, "segment"), look),) if entry else ()
            name = look.names.get(segment, words.GONE)
            return Line(path, said, verdict, f"is {'' if verdict else 'not '}in {name}", children)
        case Did():
            return Line(path, said, verdict, _did(leaf, verdict, look.measured))
    return Line(path, said, verdict, kinds.of(leaf).found(leaf, look.facts))


def _found(field: Field, facts: Facts, verdict: bool) -> str:
    """ "plan is silver, not gold"; "age is the text 18"."""
    value, label = predicate.found(field, facts), words.label(field)
    if field.operator == "in_percentage":
        return f"{label} is {'' if verdict else 'not '}in this share"
    if value is None:
        return f"{label} is missing"
    said = f"{label} is {_of_type(value, field)}"
    return f"{said}, not {shown(field.value)}" if field.operator == "is" and not verdict else said


def _of_type(value: Whatever, field: Field) -> str:
    """The value, with its type where that is why it doesn't fit."""
    wanted = field.value[0] if isinstance(field.value, tuple) and field.value else field.value
    if isinstance(value, str) and (isinstance(wanted, int | float) and not _is_date(field)):
        return f"the text {shown(value)}"
    if isinstance(value, int | float) and isinstance(wanted, str):
        return f"{'the truth value' if isinstance(value, bool) else 'the number'} {shown(value)}"
    if _is_date(field) and moments.of(value) is None:
        return f"{shown(value)}, which is no date"
    return shown(value)


def _is_date(field: Field) -> bool:
    return OPERATORS[field.operator].value in ("date", "days", "weekdays")


def _did(did: Did, verdict: bool, measured: Mapping[str, Decimal]) -> str:
    found = measured.get(digest(did))
    event = shown(did.event)
    if found is None:
        return "it is so" if verdict else "it is not so"
    amount = int(found) if found == found.to_integral_value() else found.normalize()
    if did.measure.kind == "sum":
        return f"{event}: {shown(did.measure.property)} {number(amount)} in all"
    if did.measure.kind == "distinct":
        return f"{event}: {number(amount)} different {shown(did.measure.property)}"
    return f"{event}: {times(int(amount)) if amount else 'never'}"
