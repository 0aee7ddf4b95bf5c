"""The table of operators: whatever reads, tests, counts, shows or documents rules reads it here.

An operator without a `positive` never holds for a missing value, nor for one of a type that is
not its own; one with it is exactly the contrary of that other operator, so that it does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from users.segments import comparisons, conditions, values, wording
from users.segments.comparisons import Clock, Test, TimedTest
from users.segments.conditions import Operand, Params
from users.segments.moments import DAY
from users.segments.rule import RuleError, Value

ANY = frozenset({"string", "number", "boolean", "list"})
# "date" is a core timestamp, "id" is who the person is; dates of attributes are text
DATES = frozenset({"string", "date"})

ToSql = Callable[[Operand, Any, Params], str]


@dataclass(frozen=True, slots=True)
class Operator:
    """`value` names what it takes, `label` is its name in a form; `is_timed` tests take a clock.

    `flips` tells, of a found moment, when time alone changes the answer (in microseconds).
    """

    name: str
    label: str
    value: str
    types: frozenset[str]
    make: Callable[[Any], Test | TimedTest]
    to_sql: ToSql
    words: Callable[[Any], str]
    positive: str = ""
    is_timed: bool = False
    on_properties: bool = True
    flips: Callable[[int, Any], tuple[int, ...]] | None = None

    def read(self, value: object, path: str) -> Value:
        """The value as the rule keeps it; raises RuleError."""
        return READERS[self.value](value, path)

    def test(self, value: Value) -> Test | TimedTest:
        """A test of a found value, which takes the clock as well if the operator is timed."""
        return self.make(value)

    def test_at(self, value: Value, clock: Clock) -> Test:
        """A test of a found value, at this moment."""
        made: Any = self.make(value)
        return (lambda found: made(found, clock)) if self.is_timed else made

    def sql(self, found: Operand, value: Value, params: Params) -> str:
        """A boolean expression that is never NULL."""
        return self.to_sql(found, value, params)


def _nothing(value: object, path: str) -> None:
    if value is not None:
        raise RuleError(path, "This operator takes no value; leave it out.")


READERS: Mapping[str, values.Reader] = {
    "none": _nothing,
    "one": values.scalar,
    "element": values.element,
    "list": values.scalars,
    "text": values.part_of_text,
    "number": values.number,
    "pair": values.pair,
    "date": values.date,
    "days": values.days,
    "weekdays": values.weekdays,
    "version": values.version,
    "share": values.share,
}


def _always(test: Test) -> Callable[[None], Test]:
    return lambda _: test


def _not(name: str, label: str, of: Operator, words: Callable[[Any], str]) -> Operator:
    """The exact contrary of an operator."""

    def make(value: Any) -> Test:
        test: Any = of.make(value)
        return lambda found: not test(found)

    def sql(found: Operand, value: Any, params: Params) -> str:
        return f"(NOT {of.to_sql(found, value, params)})"

    return Operator(name, label, of.value, of.types, make, sql, words, positive=of.name)


def _number(name: str, label: str, make: Callable[[Any], Test], sign: str) -> Operator:
    words = wording.after(label)
    return Operator(name, label, "number", frozenset({"number"}), make, conditions.compare(sign), words)


def _text(name: str, label: str, make: Callable[[Any], Test], sql: ToSql) -> Operator:
    return Operator(name, label, "text", frozenset({"string"}), make, sql, wording.after(label))


def _date(name: str, label: str, make: Callable[[Any], Test], sql: ToSql) -> Operator:
    return Operator(name, label, "date", DATES, make, sql, wording.after(label))


def _version(name: str, label: str, make: Callable[[Any], Test], sign: str, words: str) -> Operator:
    sql = conditions.compare_versions(sign)
    return Operator(name, label, "version", frozenset({"string"}), make, sql, wording.form(words))


_IS = Operator("is", "is", "one", ANY, comparisons.equals, conditions.equals, wording.after("is"))
_IN = Operator(
    "in", "is one of", "list", ANY, comparisons.one_of, conditions.one_of, wording.listed("is", "or")
)
_SET = Operator(
    "is_set",
    "is set",
    "none",
    ANY | DATES,
    _always(comparisons.is_set),
    conditions.is_set,
    wording.form("is set"),
)
_ALL = (
    _IS,
    _not("is_not", "is not", _IS, wording.after("is not")),
    _IN,
    _not("not_in", "is none of", _IN, wording.listed("is neither", "nor")),
    Operator(
        "contains",
        "contains",
        "element",
        frozenset({"string", "list"}),
        comparisons.contains,
        conditions.contains,
        wording.after("contains"),
    ),
    _text("starts_with", "starts with", comparisons.starts_with, conditions.starts_with),
    _text("ends_with", "ends with", comparisons.ends_with, conditions.ends_with),
    _text("glob", "looks like", comparisons.glob, conditions.glob),
    _SET,
    _not("is_not_set", "is not set", _SET, wording.form("is not set")),
    Operator(
        "is_empty",
        "is empty",
        "none",
        frozenset({"string", "list"}),
        _always(comparisons.is_empty),
        conditions.is_empty,
        wording.form("is empty"),
    ),
    _number("greater_than", "is more than", comparisons.greater_than, ">"),
    _number("at_least", "is at least", comparisons.at_least, ">="),
    _number("less_than", "is less than", comparisons.less_than, "<"),
    _number("at_most", "is at most", comparisons.at_most, "<="),
    Operator(
        "between",
        "is between",
        "pair",
        DATES | {"number"},
        lambda ends: comparisons.between(*ends),
        conditions.between,
        wording.listed("is between", "and"),
    ),
    _date("before", "is before", comparisons.before, conditions.before),
    _date("after", "is after", comparisons.after, conditions.after),
    Operator(
        "in_last_days",
        "is in the last days",
        "days",
        DATES,
        comparisons.in_last_days,
        conditions.in_last_days,
        lambda count: f"is {wording.last_days(count)}",
        is_timed=True,
        on_properties=False,
        flips=lambda at, days: (at, at + days * DAY + 1),
    ),
    Operator(
        "more_than_days_ago",
        "is more than days ago",
        "days",
        DATES,
        comparisons.more_than_days_ago,
        conditions.more_than_days_ago,
        wording.days_ago,
        is_timed=True,
        on_properties=False,
        flips=lambda at, days: (at + days * DAY + 1,),
    ),
    Operator(
        "on_weekday",
        "is on a",
        "weekdays",
        DATES,
        lambda names: comparisons.on_weekday(values.weekday_numbers(names)),
        conditions.on_weekday,
        wording.weekdays,
        is_timed=True,
    ),
    _version("version_is", "is version", comparisons.version_is, "=", "is version {}"),
    _version(
        "version_at_least",
        "is version or newer",
        comparisons.version_at_least,
        ">=",
        "is version {} or newer",
    ),
    _version(
        "version_less_than",
        "is older than version",
        comparisons.version_less_than,
        "<",
        "is older than version {}",
    ),
    Operator(
        "in_percentage",
        "is in a share of",
        "share",
        frozenset({"id"}),
        comparisons.in_percentage,
        conditions.in_percentage,
        wording.share,
        on_properties=False,
    ),
)

OPERATORS: Mapping[str, Operator] = {operator.name: operator for operator in _ALL}
# how often, or how much, of an event
MEASURED: Mapping[str, tuple[str, str]] = {
    "at_least": (">=", "at least"),
    "at_most": ("<=", "at most"),
    "exactly": ("=", "exactly"),
}
