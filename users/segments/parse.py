"""JSON to a rule, and back. What parses holds for ever: every reader of a rule may rely on it.

Refused, with the path of the fault: what is too deep, too wide or of the wrong shape, an
unknown operator, a value that the operator doesn't take. Whether names exist is fit.py's.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any as Whatever
from typing import cast
from uuid import UUID

import orjson

from users.segments import behaviour_form, fields, kinds, values
from users.segments.operators import OPERATORS
from users.segments.rule import (
    EVERYBODY,
    All,
    Any,
    Condition,
    Did,
    Field,
    InSegment,
    Not,
    Rule,
    RuleError,
    Value,
)

MOST_DEPTH = 8
MOST_CONDITIONS = 100

SHAPES = '{"all": […]}, {"any": […]}, {"not": …}, or a condition on a field, an event or a segment'

Json = Mapping[str, Whatever]


def parse(data: object) -> Rule:
    """The rule of a JSON tree; raises RuleError. `{"all": []}` is everybody."""
    return EVERYBODY if data == {"all": []} else _Reader().rule(data, "", 1)


class _Reader:
    """Reads one tree, and counts as it goes, so that a huge one is refused before it is read."""

    def __init__(self) -> None:
        self.conditions = 0

    def rule(self, data: object, path: str, depth: int) -> Rule:
        if depth > MOST_DEPTH:
            raise RuleError(path, f"Groups are nested in more than {MOST_DEPTH} levels.")
        if not isinstance(data, dict):
            raise RuleError(path, f"Write {SHAPES}.")
        for group in ("all", "any"):
            if group in data:
                _only(data, path, group)
                rules = self.group(data[group], _at(path, group), depth)
                return All(rules) if group == "all" else Any(rules)
        if "not" in data:
            _only(data, path, "not")
            return Not(self.rule(data["not"], _at(path, "not"), depth + 1))
        return self.leaf(data, path)

    def group(self, data: object, path: str, depth: int) -> tuple[Rule, ...]:
        if not isinstance(data, list) or not data:
            raise RuleError(path, "A group is a list with at least one condition.")
        if len(data) > MOST_CONDITIONS:
            raise RuleError(path, f"A rule has at most {MOST_CONDITIONS} conditions.")
        return tuple(self.rule(each, f"{path}[{place}]", depth + 1) for place, each in enumerate(data))

    def leaf(self, data: Json, path: str) -> Rule:
        kind = next((kind for kind in LEAVES if kind in data), None)
        other = next((kind for kind in kinds.KINDS if kind in data), None)
        if kind is None and other is None:
            raise RuleError(path, f"Write {SHAPES}.")
        read: Rule = LEAVES[kind](data, path) if kind else kinds.KINDS[cast(str, other)].parse(data, path)
        self.conditions += 1 + (len(read.where) if isinstance(read, Did) else 0)
        if self.conditions > MOST_CONDITIONS:
            raise RuleError(path, f"A rule has at most {MOST_CONDITIONS} conditions.")
        return read


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _only(data: Json, path: str, *known: str) -> None:
    """Nothing but the known keys: what is misspelt must not be passed over."""
    for key in data:
        if key not in known:
            shown = key[:40].encode(errors="replace").decode() if isinstance(key, str) else str(key)
            raise RuleError(_at(path, shown), f"Here may only be {', '.join(known)}.")


def _field(data: Json, path: str) -> Field:
    _only(data, path, "field", "operator", "value")
    source, key = fields.split(data["field"], _at(path, "field"))
    operator, value = behaviour_form.condition(data, path, type_=fields.type_of(source, key))
    return Field(source, key, operator, value)


def _segment(data: Json, path: str) -> InSegment:
    _only(data, path, "segment")
    return InSegment(uuid_of(data["segment"], _at(path, "segment")))


def _did(data: Json, path: str) -> Did:
    _only(data, path, *behaviour_form.KEYS)
    return behaviour_form.read(data, path)


LEAVES: Mapping[str, Callable[[Json, str], Rule]] = {"field": _field, "segment": _segment, "event": _did}


def uuid_of(value: object, path: str) -> UUID:
    """For ids of segments and campaigns, written the usual way; raises RuleError."""
    try:
        read = UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        read = None
    if read is None:
        raise RuleError(path, "Write the id, as its page or the API shows it.")
    return read


def dump(rule: Rule) -> dict[str, Whatever]:
    """The JSON of a rule; parsed again, it is equal."""
    match rule:
        case All(rules) | Any(rules):
            return {_group(rule): [dump(each) for each in rules]}
        case Not(inner):
            return {"not": dump(inner)}
        case Field(source, key, operator, value):
            return _with_value({"field": f"{source}.{key}", "operator": operator}, operator, value)
        case InSegment(segment):
            return {"segment": str(segment)}
        case Did():
            return behaviour_form.dump(rule)
    return kinds.of(rule).dump(rule)


def _with_value(written: dict[str, Whatever], operator: str, value: Value) -> dict[str, Whatever]:
    takes_none = OPERATORS[operator].value == "none"
    return written if takes_none else written | {"value": values.dumped(value)}


def digest(leaf: Condition) -> str:
    """The SHA-256 of a condition, the same for all ways of writing it."""
    data = behaviour_form.dump(behaviour_form.canonical(leaf)) if isinstance(leaf, Did) else dump(leaf)
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()


def leaves(rule: Rule) -> list[Condition]:
    """All conditions of a rule, in order."""
    return [leaf for _, leaf in located(rule)]


def located(rule: Rule, path: str = "") -> Iterator[tuple[str, Condition]]:
    """All conditions of a rule with their paths, in order."""
    match rule:
        case All(rules) | Any(rules):
            for place, each in enumerate(rules):
                yield from located(each, f"{_at(path, _group(rule))}[{place}]")
        case Not(inner):
            yield from located(inner, _at(path, "not"))
        case _:
            yield path, rule


def _group(rule: All | Any) -> str:
    return "all" if isinstance(rule, All) else "any"
