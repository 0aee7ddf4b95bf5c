"""People and events as arrays: what a condition asks of, coded by distinct value.

A condition's own test in Python is asked of each distinct value, once; so that a count agrees
with the predicate because it is the predicate. PostgreSQL packs the arrays into a few long
values, for a row in Python costs more than all the rest.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from users.segments import moments
from users.segments.comparisons import Clock, range_of_dates
from users.segments.facts import has_many_digits, read_json
from users.segments.rule import Field, Where

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Test = Callable[[Any], bool]

MOST_BYTES = 500  # of one value; a field with a longer one is no column
TOO_LONG = " "  # no JSON text is that
EXACT = 2**53  # up to it a float holds every whole number
_SINCE_1970 = 946_684_800 * moments.SECOND  # PostgreSQL counts from 2000
_QUARTER = 15 * 60 * moments.SECOND  # clocks everywhere change at a full quarter of an hour


NEVER = 1, 0  # a span of nothing


class NotColumnar(Exception):
    """The values are too long to be held: ask PostgreSQL."""


def numbers(packed: bytes | memoryview | None) -> Ids:
    """What int8send put into one bytea."""
    return np.frombuffer(packed or b"", dtype=">i8").astype(np.int64)


def micros(packed: bytes | memoryview | None) -> Ids:
    """What timestamptz_send put into one bytea, in microseconds since 1970."""
    return numbers(packed) + _SINCE_1970


def packed_text(value: str) -> str:
    """An aggregate of JSON values as lines; "" for a missing one. JSON text has no line breaks."""
    short = (
        f"CASE WHEN octet_length(({value})::text) > {MOST_BYTES} THEN '{TOO_LONG}' ELSE ({value})::text END"
    )
    return f"string_agg(coalesce({short}, ''), E'\\n')"


COMPARED: Mapping[str, Callable[[NDArray[np.float64], Any], Mask]] = {
    "greater_than": np.greater,
    "at_least": np.greater_equal,
    "less_than": np.less,
    "at_most": np.less_equal,
    "between": lambda found, ends: (found >= ends[0]) & (found <= ends[1]),
}


@dataclass(frozen=True, slots=True)
class Column:
    """`codes` are places in `values`, a JSON array; null is the first one."""

    codes: NDArray[Any]
    values: bytes
    size: int
    is_plain: bool  # no number in it has more digits than a float keeps
    memo: dict[str, Any] = field(default_factory=dict, compare=False)  # what was made of `values`

    @staticmethod
    def of(lines: str | None, count: int) -> "Column":
        """Of the lines of `packed_text`; raises NotColumnar."""
        places: defaultdict[str, int] = defaultdict()
        places.default_factory = places.__len__
        places[""]  # the missing ones are the first
        texts = lines.split("\n") if count and lines is not None else []
        codes = np.fromiter(map(places.__getitem__, texts), np.int32, count)
        if TOO_LONG in places:
            raise NotColumnar
        found = iter(places)
        next(found)
        values = f"[{','.join(['null', *found])}]"
        is_plain = not has_many_digits(values)
        return Column(_narrow(codes, len(places)), values.encode(), len(places), is_plain)

    @property
    def bytes(self) -> int:
        return self.codes.nbytes + len(self.values)

    def tested(self, test: Test) -> Mask:
        verdicts = np.fromiter(map(test, self.distinct()), np.bool_, self.size)
        found: Mask = verdicts[self.codes]
        return found

    def compared(self, asked: Field | Where) -> Mask | None:
        """Of numbers that floats hold exactly, without asking each: the same comparison."""
        compare = COMPARED.get(asked.operator)
        value: Any = asked.value
        bounds = value if isinstance(value, tuple) else (value,)
        if compare is None or any(isinstance(each, str) or abs(each) > EXACT for each in bounds):
            return None
        if "numbers" not in self.memo:
            self.memo["numbers"] = _floats(self.distinct())
        numbers = self.memo["numbers"]
        if numbers is None:
            return None
        found: Mask = compare(numbers, value)[self.codes]
        return found

    def distinct(self) -> list[Any]:
        found: list[Any] = orjson.loads(self.values) if self.is_plain else read_json(self.values.decode())
        return found

    def joined(self, more: "Column") -> "Column":
        """With the rows of another one; a value may then stand twice among the distinct."""
        size = self.size + more.size
        codes = np.concatenate([self.codes.astype(np.int64), more.codes.astype(np.int64) + self.size])
        return Column(
            _narrow(codes, size),
            self.values[:-1] + b"," + more.values[1:],
            size,
            self.is_plain and more.is_plain,
        )

    def taken(self, places: Ids) -> "Column":
        return replace(self, codes=self.codes[places])


@dataclass(frozen=True, slots=True)
class Moments:
    """A column of core timestamps, in microseconds."""

    at: Ids

    @property
    def bytes(self) -> int:
        return self.at.nbytes

    def joined(self, more: "Moments") -> "Moments":
        return Moments(np.concatenate([self.at, more.at]))

    def taken(self, places: Ids) -> "Moments":
        return Moments(self.at[places])

    def tested(self, asked: Field, test: Test, clock: Clock) -> Mask:
        """By its bounds, or for weekdays by the quarters of an hour that there are."""
        span = _span(asked, clock)
        if span is not None:
            first, last = span
            return (self.at >= first) & (self.at <= last)
        quarters, codes = np.unique(self.at // _QUARTER, return_inverse=True)
        moment = (moments.to_datetime(int(each) * _QUARTER) for each in quarters)
        return np.fromiter(map(test, moment), np.bool_, len(quarters))[codes]


def _span(asked: Field, clock: Clock) -> tuple[int, int] | None:
    """The first and the last moment for which the condition holds; None of one that isn't a span."""
    value: Any = asked.value
    match asked.operator:
        case "before":
            return -moments.FAR, moments.known(value) - 1
        case "after":
            return moments.known(value) + 1, moments.FAR
        case "between":
            return range_of_dates(*value) if isinstance(value[0], str) else NEVER
        case "in_last_days":
            return clock.micros - value * moments.DAY, clock.micros
        case "more_than_days_ago":
            return -moments.FAR, clock.micros - value * moments.DAY - 1
    return None


class Places:
    """Where each id stands; -1 for one that doesn't. By a table, if ids are close together."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self.first = int(ids.min()) if len(ids) else 0
        self._table: NDArray[np.int32] | None = None
        reach = (int(ids.max()) - self.first + 1) if len(ids) else 0
        if reach <= 8 * len(ids) + 1_000_000:
            self._table = np.full(reach + 1, -1, np.int32)
            self._table[ids - self.first] = np.arange(len(ids), dtype=np.int32)
        else:
            self._order = np.argsort(ids)

    @property
    def bytes(self) -> int:
        return self.ids.nbytes + (self._table if self._table is not None else self._order).nbytes

    def of(self, ids: Ids) -> NDArray[np.int32]:
        if not len(self.ids):
            return np.full(len(ids), -1, np.int32)
        if self._table is not None:
            offsets = ids - self.first
            return self._table[np.where((offsets < 0) | (offsets >= len(self._table)), -1, offsets)]
        near = self._order[np.clip(np.searchsorted(self.ids, ids, sorter=self._order), 0, len(self.ids) - 1)]
        return np.where(self.ids[near] == ids, near, -1).astype(np.int32)


def _floats(values: list[Any]) -> NDArray[np.float64] | None:
    """Numbers, with one that compares with nothing for a missing one; None if there is anything else."""
    missing = float("nan")
    try:
        if any(type(each) not in (int, float) or abs(each) > EXACT for each in values if each is not None):
            return None
    except OverflowError:
        return None
    return np.array([missing if each is None else each for each in values], np.float64)


def joined(columns: Iterable["Column"]) -> Column:
    """The rows of several in one."""
    first, *rest = columns
    for each in rest:
        first = first.joined(each)
    return first


def _narrow(codes: NDArray[Any], size: int) -> NDArray[Any]:
    return codes.astype(np.min_scalar_type(max(size - 1, 0)))
