"""How often, or how much, each person did: a behaviour condition over columns of events.

Sums are exact: amounts are scaled to whole numbers that a float holds, or PostgreSQL sums.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from users.segments import behaviour, moments
from users.segments.columns import Column, Mask, NotColumnar
from users.segments.comparisons import Moment
from users.segments.loading import Happened
from users.segments.operators import OPERATORS
from users.segments.rule import Did

MOST_DIGITS = 6  # behind the point
LARGEST = 2**53
Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Late:
    """An event that came after the columns."""

    place: int
    name: str
    happened_at: datetime
    properties: dict[str, Any]


def properties_of(did: Did) -> frozenset[str]:
    measured = {did.measure.property} if did.measure.property else set()
    return frozenset({each.property for each in did.where} | measured)


def answers(
    did: Did,
    happened: Happened,
    places: Places,
    late: Sequence[Late],
    *,
    count: int,
    clock: Moment,
) -> Mask:
    """Who of `count` people did as the condition says; `places` says whose each event is, -1: nobody's.

    Raises NotColumnar.
    """
    window = behaviour.bounds(did.window, clock.now)
    kept = places >= 0
    if window.since is not None:
        kept &= happened.at >= moments.of_datetime(window.since)
    if window.until is not None:
        kept &= happened.at < moments.of_datetime(window.until)
    for each in did.where:
        column, test = happened.properties[each.property], OPERATORS[each.operator].test_at(each.value, clock)
        compared = column.compared(each)
        kept &= column.tested(test) if compared is None else compared
    fits = behaviour.fits(did, clock)
    later = [each for each in late if each.place >= 0 and fits(each) and _within(each.happened_at, window)]
    whose = np.concatenate([places[kept], np.array([each.place for each in later], np.int32)])
    measure = MEASURES[did.measure.kind]
    measures = happened.properties.get(did.measure.property)
    values = [each.properties.get(did.measure.property) for each in later]
    measured, scale = measure(whose, measures, kept, values, count)
    return _compared(measured, did.operator, behaviour.exact(did.value) * scale)


def _within(at: datetime, window: behaviour.Bounds) -> bool:
    return (window.since is None or at >= window.since) and (window.until is None or at < window.until)


def _compared(measured: NDArray[Any], sign: str, bound: Fraction) -> Mask:
    if sign == "at_least":
        found = measured >= math.ceil(bound)
    elif sign == "at_most":
        found = measured <= math.floor(bound)
    else:
        found = (measured == int(bound)) if bound.denominator == 1 else np.zeros(len(measured), np.bool_)
    return np.asarray(found, np.bool_)


Measured = tuple[NDArray[Any], int]
Measure = Callable[[Places, Column | None, Mask, Sequence[Any], int], Measured]


def _count(whose: Places, column: Column | None, kept: Mask, late: Sequence[Any], count: int) -> Measured:
    return np.bincount(whose, minlength=count), 1


def _sum(whose: Places, column: Column | None, kept: Mask, late: Sequence[Any], count: int) -> Measured:
    if column is None:
        raise NotColumnar
    if "amounts" not in column.memo:
        column.memo["amounts"] = _scaled([_amount(each) for each in column.distinct()])
    held, scale = column.memo["amounts"]
    later, later_scale = _scaled([_amount(each) for each in late])
    both = max(scale, later_scale)
    amounts = np.concatenate([held[column.codes[kept]] * (both // scale), later * (both // later_scale)])
    if float(np.abs(amounts).sum()) >= LARGEST:  # of whole numbers, each partial sum is exact below it
        raise NotColumnar
    return np.bincount(whose, weights=amounts, minlength=count), both


def _amount(value: Any) -> Fraction:
    return behaviour.exact(value) if behaviour.is_number(value) else Fraction(0)


def _scaled(amounts: Sequence[Fraction]) -> tuple[NDArray[np.float64], int]:
    """The amounts as whole numbers of a decimal unit, and how many of it are one."""
    denominators = {each.denominator for each in amounts}
    for digits in range(MOST_DIGITS + 1):
        scale = 10**digits
        if all(scale % each == 0 for each in denominators):
            whole = [int(each * scale) for each in amounts]
            if max(map(abs, whole), default=0) < LARGEST:
                return np.array(whole, np.float64), scale
    raise NotColumnar


def _distinct(whose: Places, column: Column | None, kept: Mask, late: Sequence[Any], count: int) -> Measured:
    if column is None:
        raise NotColumnar
    numbers: dict[object, int] = {None: 0}
    of_each = [
        numbers.setdefault(behaviour.identity(each), len(numbers)) for each in [*column.distinct(), *late]
    ]
    table = np.array(of_each, np.int64)
    codes = np.concatenate([table[column.codes[kept]], table[column.size :]])
    is_something = codes > 0
    pairs = np.sort(whose[is_something].astype(np.int64) * len(numbers) + codes[is_something])
    is_first = np.ones(len(pairs), np.bool_)
    is_first[1:] = pairs[1:] != pairs[:-1]
    return np.bincount(pairs[is_first] // len(numbers), minlength=count), 1


MEASURES: dict[str, Measure] = {"count": _count, "sum": _sum, "distinct": _distinct}
