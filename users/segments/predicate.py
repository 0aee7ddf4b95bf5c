"""A rule as a function of one person's facts, compiled once and called for many. Pure.

query.py says the same in SQL; tests/segments/test_parity.py holds the two together.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Any as Whatever

from users.segments import behaviour, comparisons, kinds, moments
from users.segments.facts import Facts
from users.segments.operators import OPERATORS
from users.segments.parse import digest, leaves
from users.segments.rule import All, Any, Condition, Did, Field, InSegment, Not, Rule

if TYPE_CHECKING:  # the book compiles its segments with this module
    from users.segments.book import Book

Predicate = Callable[[Facts], bool]


def compile(rule: Rule, book: "Book") -> Predicate:
    """Whether somebody fits the rule; segments by rules are compiled into it."""
    match rule:
        case All(rules):
            return _all([compile(each, book) for each in rules])
        case Any(rules):
            return _any([compile(each, book) for each in rules])
        case Not(Field() as inner):
            return _field(inner, holds=False)
        case Not(inner):
            test = compile(inner, book)
            return lambda facts: not test(facts)
    return _leaf(rule, book)


def _leaf(leaf: Condition, book: "Book") -> Predicate:
    match leaf:
        case Field():
            return _field(leaf)
        case InSegment(segment):
            entry = book.inlined(segment)
            return entry.predicate if entry else lambda facts: segment in facts.memberships
        case Did():
            key, idle = digest(leaf), behaviour.of_nobody(leaf)
            return lambda facts: (key in facts.behaviour) is not idle
    return kinds.of(leaf).compile(leaf)


def _all(tests: list[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda facts: first(facts) and second(facts)

    def every(facts: Facts) -> bool:
        for test in tests:  # noqa: SIM110  # a generator would cost more than the tests
            if not test(facts):
                return False
        return True

    return every


def _any(tests: list[Predicate]) -> Predicate:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda facts: first(facts) or second(facts)

    def some(facts: Facts) -> bool:
        for test in tests:  # noqa: SIM110  # a generator would cost more than the tests
            if test(facts):
                return True
        return False

    return some


def _field(field: Field, *, holds: bool = True) -> Predicate:
    """Whether the operator holds, or else whether it does not."""
    operator, key, source = OPERATORS[field.operator], field.key, field.source
    if operator.positive:  # the contrary of another one, which is asked without a detour
        return _field(replace(field, operator=operator.positive), holds=not holds)
    test: Whatever = operator.test(field.value)
    if source == "attributes" and not operator.is_timed:  # what nearly all rules ask
        if not holds:
            return lambda facts: not test(facts.attributes.get(key))
        if operator.test is comparisons.equals and isinstance(field.value, str):
            return _is_text(key, field.value)
        return lambda facts: test(facts.attributes.get(key))
    positive = _fact(field, test)
    return positive if holds else lambda facts: not positive(facts)


def _is_text(key: str, value: str) -> Predicate:
    """`comparisons.equals` of an attribute, in one call: a list of campaigns asks it a hundred times."""
    return lambda facts: (
        (found := facts.attributes.get(key)) == value or (type(found) is list and value in found)
    )


def _fact(field: Field, test: Whatever) -> Predicate:
    """The test of what is known there."""
    key, source = field.key, field.source
    if (source, key) == ("core", "gluId"):
        return lambda facts: test(facts.glu_id)
    if OPERATORS[field.operator].is_timed:
        return lambda facts: test(getattr(facts, source).get(key), facts)
    if source == "core":
        return lambda facts: test(facts.core.get(key))
    return lambda facts: test(getattr(facts, source).get(key))


def found(field: Field, facts: Facts) -> Whatever:
    """What is known of the person there; None if nothing is."""
    if (field.source, field.key) == ("core", "gluId"):
        return facts.glu_id
    return getattr(facts, field.source).get(field.key)


def needs(rule: Rule, book: "Book") -> frozenset[str]:
    """Which facts the rule reads: "core", "attributes", …, "memberships", "behaviour", or a kind."""
    needed: set[str] = set()
    for leaf in leaves(rule):
        match leaf:
            case Field(source, _):
                needed.add(source)
            case InSegment(segment):
                entry = book.inlined(segment)
                needed |= entry.needs if entry else {"memberships"}
            case Did():
                needed.add("behaviour")
            case _:
                needed.add(leaf.kind)
    return frozenset(needed)


def next_change(rule: Rule, facts: Facts, book: "Book | None" = None) -> datetime | None:
    """The first moment after `facts.now` at which time alone may change the answer.

    Of dates that are known of the person: when behaviour or a membership ends is told where
    these are kept. Without a `book`, segments in the rule are passed over.
    """
    moment = _next(rule, facts, book)
    try:
        return None if moment is None else moments.to_datetime(moment)
    except OverflowError:  # after the year 9999
        return None


def _next(rule: Rule, facts: Facts, book: "Book | None") -> int | None:
    soonest: list[int] = []
    for leaf in leaves(rule):
        if isinstance(leaf, Field):
            soonest += _flips(leaf, facts)
        elif isinstance(leaf, InSegment) and book and (entry := book.inlined(leaf.segment)):
            inner = _next(entry.sound_rule, facts, book)
            soonest += [] if inner is None else [inner]
    return min(soonest, default=None)


def _flips(field: Field, facts: Facts) -> list[int]:
    flips = OPERATORS[field.operator].flips
    at = moments.of(found(field, facts)) if flips else None
    if flips is None or at is None:
        return []
    return [moment for moment in flips(at, field.value) if moment > facts.micros]
