"""The values that operators take, read of JSON: one shape each, or a RuleError with the path.

What is read can be stored and sent again: no halves of characters, no NUL, no number that
JSON would bring back as another.
"""

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from users.segments import fields, moments, versions
from users.segments.rule import RuleError, Scalar, Share, Value

MOST_CHARACTERS = 1_000
MOST_VALUES = 1_000
MOST_DAYS = 36_500
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_INTEGERS = 2**63

_unstorable = re.compile("[\x00\ud800-\udfff]")

Reader = Callable[[object, str], Value]


def text(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise RuleError(path, 'Write a text: "gold".')
    if len(value) > MOST_CHARACTERS:
        raise RuleError(path, f"A text has at most {MOST_CHARACTERS:,} characters.")
    if _unstorable.search(value):
        raise RuleError(path, "The text holds a NUL, or half of a character; leave it out.")
    return value


def part_of_text(value: object, path: str) -> str:
    """A text that is looked for: an empty one would be in every text."""
    if not text(value, path):
        raise RuleError(path, "Write what to look for.")
    return text(value, path)


def number(value: object, path: str) -> int | float:
    """A number; a whole one becomes an int, so that 1 and 1.0 are one condition."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RuleError(path, "Write a number, without quotes.")
    if isinstance(value, int):
        return value if -_INTEGERS <= value < _INTEGERS else _large(value, path)
    if not math.isfinite(value):
        raise RuleError(path, "Write a number that a computer can hold: less than 1e308.")
    return int(Decimal(repr(value))) if value.is_integer() else value


def _large(value: int, path: str) -> int:
    """Beyond 64 bits JSON is read as a float: only what that holds comes back as it was."""
    try:
        nearest = int(Decimal(repr(float(value))))
    except OverflowError:
        nearest = 0
    if nearest != value:
        raise RuleError(path, "The number has more digits than can be kept. Compare it as text.")
    return value


def whole(value: object, path: str) -> int:
    read = number(value, path)
    if not isinstance(read, int):
        raise RuleError(path, "Write a whole number.")
    return read


def scalar(value: object, path: str) -> Scalar:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value, path)
    if isinstance(value, int | float):
        return number(value, path)
    raise RuleError(path, "Write a text, a number, true or false.")


def element(value: object, path: str) -> Scalar:
    """What a text may contain, or a list."""
    return part_of_text(value, path) if isinstance(value, str) else scalar(value, path)


def scalars(value: object, path: str) -> tuple[Scalar, ...]:
    items = _list(value, path, MOST_VALUES)
    return tuple(scalar(each, f"{path}[{place}]") for place, each in enumerate(items))


def days(value: object, path: str) -> int:
    count = whole(value, path)
    if not 1 <= count <= MOST_DAYS:
        raise RuleError(path, f"Write a number of days, from 1 to {MOST_DAYS:,}.")
    return count


def date(value: object, path: str) -> str:
    """ISO 8601 text, kept as it was written."""
    micros = moments.of_text(value) if isinstance(value, str) and len(value) <= 40 else None
    try:
        moments.to_datetime(moments.FAR if micros is None else micros)
    except OverflowError:
        message = 'Write a date as "2026-11-23", or with a time: "2026-11-23T09:30:00Z".'
        raise RuleError(path, message) from None
    return str(value)


def pair(value: object, path: str) -> tuple[Scalar, ...]:
    """Two numbers or two dates, the smaller first."""
    ends = _list(value, path, 2)
    if len(ends) != 2:
        raise RuleError(path, "Write two values: [from, to].")
    if isinstance(ends[0], str):
        low, high = date(ends[0], f"{path}[0]"), date(ends[1], f"{path}[1]")
        if moments.known(low) > moments.known(high):
            raise RuleError(path, "The first date is after the second.")
        return low, high
    first, last = number(ends[0], f"{path}[0]"), number(ends[1], f"{path}[1]")
    if first > last:
        raise RuleError(path, "The first number is greater than the second.")
    return first, last


def weekdays(value: object, path: str) -> tuple[Scalar, ...]:
    """The names of weekdays, in the order of the week."""
    names = _list(value, path, len(WEEKDAYS))
    for place, each in enumerate(names):
        if each not in WEEKDAYS:
            raise RuleError(f"{path}[{place}]", f"A weekday is one of {', '.join(WEEKDAYS)}.")
    return tuple(each for each in WEEKDAYS if each in names)


def weekday_numbers(names: tuple[Scalar, ...]) -> frozenset[int]:
    return frozenset(number for number, each in enumerate(WEEKDAYS, 1) if each in names)


def version(value: object, path: str) -> str:
    if not isinstance(value, str) or versions.key(value) is None:
        raise RuleError(path, 'Write a version as text: "1.10.0" or "2.0-beta".')
    return value


def share(value: object, path: str) -> Share:
    if not isinstance(value, Mapping) or not {"key", "to"} <= value.keys() <= {"key", "from", "to"}:
        raise RuleError(path, 'Write {"key": "autumn", "from": 0, "to": 25}.')
    start = _percent(value.get("from", 0), f"{path}.from")
    end = _percent(value["to"], f"{path}.to")
    if start >= end:
        raise RuleError(f"{path}.to", "A share ends after it begins.")
    return Share(fields.name(value["key"], f"{path}.key", "A key"), start, end)


def _percent(value: object, path: str) -> int | float:
    read = number(value, path)
    if not 0 <= read <= 100 or round(read, 2) != read:
        raise RuleError(path, "Write a percentage from 0 to 100, with at most two decimals.")
    return read


def _list(value: object, path: str, most: int) -> list[object]:
    if not isinstance(value, list | tuple) or not value:
        raise RuleError(path, "Write a list with at least one value.")
    if len(value) > most:
        raise RuleError(path, f"The list has {len(value):,} values; {most:,} are the most.")
    return list(value)


def dumped(value: Value) -> object:
    """The value as JSON, such as `number` reads again."""
    if isinstance(value, Share):
        return {"key": value.key, "from": value.start, "to": value.end}
    if isinstance(value, tuple):
        return [dumped(each) for each in value]
    if isinstance(value, int) and not -_INTEGERS <= value < _INTEGERS:
        return float(value)
    return value
