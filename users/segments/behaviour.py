"""What people did, measured: the exact answer to a condition from a person's events. Pure.

query.py counts the same in SQL. `of_nobody` is the answer of somebody who did nothing, from
which alone the kept answers tell the difference.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Protocol

from users.segments import moments
from users.segments.comparisons import Clock
from users.segments.operators import OPERATORS
from users.segments.rule import Did, Where, Window

SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "exactly": operator.eq,
}


class Done(Protocol):
    """An event: users.events.subscribers.Happened is one."""

    @property
    def name(self) -> str: ...
    @property
    def happened_at(self) -> datetime: ...
    @property
    def properties(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """The events of a window: from `since` on and before `until`; None: without end."""

    since: datetime | None
    until: datetime | None


def bounds(window: Window | None, now: datetime) -> Bounds:
    """What has come has happened: a phone's clock that is ahead loses nobody an event."""
    if window is None:
        return Bounds(None, None)
    if window.last_days is not None:
        return Bounds(now - timedelta(days=window.last_days), None)
    since, until = (
        moments.to_datetime(moments.known(at)) if at else None for at in (window.since, window.until)
    )
    return Bounds(since, until)


def of_nobody(did: Did) -> bool:
    """The answer of somebody who did nothing: zero, measured."""
    return SIGNS[did.operator](0, did.value)


def fits(did: Did, clock: Clock) -> Callable[[Done], bool]:
    """Whether an event is one of those that the condition counts, whenever it happened."""
    tests = [_where(each, clock) for each in did.where]
    return lambda event: event.name == did.event and all(test(event.properties) for test in tests)


def where_fits(where: Iterable[Where], clock: Clock) -> Callable[[Mapping[str, Any]], bool]:
    """Whether the properties of an event fit all of the conditions."""
    tests = [_where(each, clock) for each in where]
    return lambda properties: all(test(properties) for test in tests)


def _where(where: Where, clock: Clock) -> Callable[[Mapping[str, Any]], bool]:
    test = OPERATORS[where.operator].test_at(where.value, clock)
    return lambda properties: test(properties.get(where.property))


def answer(did: Did, events: Iterable[Done], now: datetime, clock: Clock) -> bool:
    """Whether the person of these events did as the condition says."""
    return SIGNS[did.operator](measured(did, events, now, clock), exact(did.value))


def measured(did: Did, events: Iterable[Done], now: datetime, clock: Clock) -> Fraction:
    """How many, or how much, the person of these events did, exactly."""
    window, counts = bounds(did.window, now), fits(did, clock)
    counted = [
        each.properties.get(did.measure.property)
        for each in events
        if counts(each) and _within(each.happened_at, window)
    ]
    if did.measure.kind == "sum":
        return sum((exact(each) for each in counted if is_number(each)), Fraction(0))
    if did.measure.kind == "distinct":
        return Fraction(len({identity(each) for each in counted} - {None}))
    return Fraction(len(counted))


def _within(at: datetime, window: Bounds) -> bool:
    return (window.since is None or at >= window.since) and (window.until is None or at < window.until)


def is_number(value: Any) -> bool:
    return not isinstance(value, bool | str) and hasattr(value, "__round__")


def exact(number: Any) -> Fraction:
    """By the decimal digits, as JSON and PostgreSQL have them."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def identity(value: Any) -> object:
    """What makes two values of JSON one: text, a truth value or a number; None for the rest."""
    if isinstance(value, bool | str):
        return type(value), value
    return (Fraction, exact(value)) if is_number(value) else None
