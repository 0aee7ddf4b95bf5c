"""How values and operators read in plain English. Pure."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from users.segments.rule import Share

MOST_CHARACTERS = 60
MOST_VALUES = 5

Words = Callable[[Any], str]
_WORDS = {None: "missing", True: "true", False: "false"}


def shown(value: object) -> str:
    """A value as a marketer reads it: text without quotes, unless nothing of it could be seen."""
    match value:
        case None | bool():
            return _WORDS[value]
        case str():
            cut = value if len(value) <= MOST_CHARACTERS else f"{value[: MOST_CHARACTERS - 1]}…"
            return cut if cut.strip() and cut.isprintable() else repr(cut).replace("'", '"')
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        case int() | float() | Decimal():
            return number(value)
        case list() | tuple():
            return joined(value, "and") if value else "an empty list"
    return "an object"


def number(value: int | float | Decimal) -> str:
    """With as many digits as it has, but an exponent where they would fill a line."""
    return str(value) if not isinstance(value, int) or abs(value) < 10**15 else f"{Decimal(value):.6G}"


def joined(values: Sequence[object], last: str) -> str:
    """gold, silver or bronze"""
    words = [shown(each) for each in values[:MOST_VALUES]]
    if len(values) > MOST_VALUES:
        return f"{', '.join(words)} {last} {len(values) - MOST_VALUES:,} more"
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else words[0]


def after(label: str) -> Words:
    return lambda value: f"{label} {shown(value)}"


def form(text: str) -> Words:
    return lambda value: text.replace("{}", shown(value))


def listed(label: str, last: str) -> Words:
    """ "is neither a nor b" falls back to "is not a" for a single value."""

    def words(values: Sequence[object]) -> str:
        alone = "is not" if last == "nor" else label
        return f"{alone if len(values) == 1 else label} {joined(values, last)}"

    return words


def last_days(count: int) -> str:
    return "in the last day" if count == 1 else f"in the last {count:,} days"


def days_ago(count: int) -> str:
    return f"is more than {plural(count, 'day')} ago"


def weekdays(names: Sequence[str]) -> str:
    return f"is on a {joined([each.capitalize() for each in names], 'or')}"


def share(value: Share) -> str:
    return f"is in {number(value.start)} to {number(value.end)} % by {shown(value.key)}"


def times(count: int | float) -> str:
    return "once" if count == 1 else f"{count:,} times"


def plural(count: int | float, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
