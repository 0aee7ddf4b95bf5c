"""A rule as a sentence that a marketer reads: "plan is gold and did purchase at least 2 times in
the last 14 days where amount is more than 300". Pure; names of segments and campaigns by id."""

from users.segments import fields, kinds
from users.segments.kinds import Names
from users.segments.operators import MEASURED, OPERATORS
from users.segments.rule import All, Any, Condition, Did, Field, InSegment, Not, Rule, Where, Window
from users.segments.wording import last_days, number, shown, times

GONE = "a segment that was deleted"


def sentence(rule: Rule, names: Names) -> str:
    """The whole rule; "everybody" for the one without conditions."""
    match rule:
        case All(()):
            return "everybody"
        case All(rules):
            return " and ".join(_inner(each, names) for each in rules)
        case Any(rules):
            return " or ".join(_inner(each, names) for each in rules)
        case Not(inner):
            return _contrary(inner, names)
    return condition(rule, names)


def _inner(rule: Rule, names: Names) -> str:
    """A part of a group, in brackets where it is a group itself."""
    words = sentence(rule, names)
    return f"({words})" if isinstance(rule, All | Any) and len(rule.rules) > 1 else words


def _contrary(rule: Rule, names: Names) -> str:
    match rule:
        case InSegment(segment):
            return f"is not in {names.get(segment, GONE)}"
        case Field() if contrary := _contraries.get(rule.operator):
            return condition(Field(rule.source, rule.key, contrary, rule.value), names)
    return f"not ({sentence(rule, names)})"


_contraries = {each.positive: each.name for each in OPERATORS.values() if each.positive}


def condition(leaf: Condition, names: Names) -> str:
    """One condition alone."""
    match leaf:
        case Field():
            return f"{label(leaf)} {OPERATORS[leaf.operator].words(leaf.value)}"
        case InSegment(segment):
            return f"is in {names.get(segment, GONE)}"
        case Did():
            return f"{_how_often(leaf)}{_window(leaf.window)}{where(leaf.where)}"
    return kinds.of(leaf).words(leaf, names)


def label(field: Field) -> str:
    """What the condition is about: "plan", "e-mail"."""
    return shown(fields.label(field.source, field.key))


def _how_often(did: Did) -> str:
    event, compare = shown(did.event), MEASURED[did.operator][1]
    if did.measure.kind == "sum":
        return f"did {event} with {shown(did.measure.property)} {compare} {number(did.value)} in all"
    if did.measure.kind == "distinct":
        return f"did {event} with {compare} {number(did.value)} different {shown(did.measure.property)}"
    if did.value == 0 and did.operator != "at_least":
        return f"did not do {event}"
    return f"did {event} {compare} {times(did.value)}"


def _window(window: Window | None) -> str:
    if window is None:
        return ""
    if window.last_days:
        return f" {last_days(window.last_days)}"
    since = f" from {window.since}" if window.since else ""
    return f"{since} until before {window.until}" if window.until else f"{since} on"


def where(conditions: tuple[Where, ...]) -> str:
    """Which of the events count."""
    words = [f"{shown(each.property)} {OPERATORS[each.operator].words(each.value)}" for each in conditions]
    return f" where {' and '.join(words)}" if words else ""
