"""What each operator says of one value, in Python: closures that are made once and called often.

A test takes the value as JSON has it (text, int, float, bool, list), None for a missing one;
moments come as text or datetime. A timed test takes the clock, too. Numbers compare by their
decimal digits, as PostgreSQL compares them: what a float can't hold is a Decimal (facts.py).
"""

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from users.segments import moments, versions
from users.segments.rule import Scalar, Share

Test = Callable[[Any], bool]
Number = int | float


class Clock(Protocol):
    """The time and zone of a look at somebody; `micros` is `now` as moments.py counts."""

    @property
    def micros(self) -> int: ...
    @property
    def zone(self) -> ZoneInfo: ...


TimedTest = Callable[[Any, Clock], bool]


@dataclass(frozen=True, slots=True)
class Moment:
    """A clock that stands still."""

    now: datetime
    zone: ZoneInfo
    micros: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "micros", moments.of_datetime(self.now))


def is_set(found: Any) -> bool:
    return found is not None


def is_empty(found: Any) -> bool:
    return found in ("", [])


def equals(value: Scalar) -> Test:
    """The value itself, or a list that has it: 1 is 1.0, and neither is "1" or true."""
    if isinstance(value, str):
        return lambda found: found == value or (type(found) is list and value in found)
    if isinstance(value, bool):
        return lambda found: found is value or (type(found) is list and any(each is value for each in found))

    def is_number(found: Any) -> bool:
        kind = type(found)
        if kind is int or kind is float:
            return bool(found == value)
        return kind is list and any(
            (type(each) is int or type(each) is float) and each == value for each in found
        )

    return is_number


def one_of(values: Collection[Scalar]) -> Test:
    texts = frozenset(each for each in values if isinstance(each, str))
    truths = frozenset(each for each in values if isinstance(each, bool))
    numbers = frozenset(each for each in values if not isinstance(each, str | bool))
    by_type: dict[type, frozenset[Scalar]] = {str: texts, bool: truths, int: numbers, float: numbers}
    nothing: frozenset[Scalar] = frozenset()

    def test(found: Any) -> bool:
        if type(found) is list:
            return any(each in by_type.get(type(each), nothing) for each in found if type(each) in by_type)
        return type(found) in by_type and found in by_type[type(found)]

    return test


def contains(value: Scalar) -> Test:
    """A part of a text, or an element of a list."""
    is_element = equals(value)
    if isinstance(value, str):
        return lambda found: value in found if type(found) is str or type(found) is list else False
    return lambda found: type(found) is list and is_element(found)


def starts_with(value: str) -> Test:
    return lambda found: type(found) is str and found.startswith(value)


def ends_with(value: str) -> Test:
    return lambda found: type(found) is str and found.endswith(value)


def glob(pattern: str) -> Test:
    """`*` is any text, `?` one character. Each piece is taken where it first fits and never given
    back, so that no pattern takes long."""
    head, *rest = (re.escape(piece).replace(r"\?", ".") for piece in pattern.split("*"))
    if rest:
        middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece)
        head += f"{middle}.*{rest[-1]}"
    match = re.compile(head, re.DOTALL).fullmatch
    return lambda found: type(found) is str and match(found) is not None


def _decimal(value: Number) -> Decimal:
    return Decimal(repr(value))


def greater_than(value: Number) -> Test:
    exact = _decimal(value)

    def test(found: Any) -> bool:
        kind = type(found)
        if kind is int or kind is float:
            return bool(found > value)
        return kind is Decimal and found > exact

    return test


def at_least(value: Number) -> Test:
    exact = _decimal(value)

    def test(found: Any) -> bool:
        kind = type(found)
        if kind is int or kind is float:
            return bool(found >= value)
        return kind is Decimal and found >= exact

    return test


def less_than(value: Number) -> Test:
    not_less = at_least(value)
    return lambda found: type(found) in (int, float, Decimal) and not not_less(found)


def at_most(value: Number) -> Test:
    more = greater_than(value)
    return lambda found: type(found) in (int, float, Decimal) and not more(found)


def between(low: Scalar, high: Scalar) -> Test:
    """Of numbers or of dates; both ends are in, and of a date without a time the whole day."""
    if isinstance(low, str) and isinstance(high, str):
        first, last = range_of_dates(low, high)
        return lambda found: (at := moments.of(found)) is not None and first <= at <= last
    above, below = at_least(low), at_most(high)  # type: ignore[arg-type]  # not text, then numbers
    return lambda found: above(found) and below(found)


def range_of_dates(low: str, high: str) -> tuple[int, int]:
    """The first and the last microsecond of `between`."""
    day_after = moments.DAY - 1 if len(high) == 10 else 0
    return moments.known(low), moments.known(high) + day_after


def before(value: str) -> Test:
    bound = moments.known(value)
    return lambda found: (at := moments.of(found)) is not None and at < bound


def after(value: str) -> Test:
    bound = moments.known(value)
    return lambda found: (at := moments.of(found)) is not None and at > bound


def in_last_days(days: int) -> TimedTest:
    span = days * moments.DAY
    return lambda found, clock: (
        (at := moments.of(found)) is not None and clock.micros - span <= at <= clock.micros
    )


def more_than_days_ago(days: int) -> TimedTest:
    span = days * moments.DAY
    return lambda found, clock: (at := moments.of(found)) is not None and at < clock.micros - span


def on_weekday(days: Collection[int]) -> TimedTest:
    return lambda found, clock: (
        (at := moments.of(found)) is not None and moments.weekday(at, clock.zone) in days
    )


def version_is(value: str) -> Test:
    key = versions.key(value)
    return lambda found: type(found) is str and versions.key(found) == key


def version_at_least(value: str) -> Test:
    bound = versions.known(value)
    return lambda found: type(found) is str and (key := versions.key(found)) is not None and key >= bound


def version_less_than(value: str) -> Test:
    bound = versions.known(value)
    return lambda found: type(found) is str and (key := versions.key(found)) is not None and key < bound


BUCKETS = 10_000  # hundredths of a percent


def bucket(key: str, glu_id: object) -> int:
    """Where a person falls, from 0 to 9,999: for ever the same under one key, and even over all."""
    digest = hashlib.sha256(f"{key}:{glu_id}".encode()).digest()
    return int.from_bytes(digest[:4]) * BUCKETS >> 32


def in_percentage(share: Share) -> Test:
    first, end = round(share.start * 100), round(share.end * 100)
    return lambda found: found is not None and first <= bucket(share.key, found) < end
