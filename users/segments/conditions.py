"""What each operator says of one value, in SQL: an expression that is true or false, never NULL.

Every comparison is guarded by the JSON type, and what could fail is asked only behind CASE.
Values and names are bound parameters.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from users.segments import comparisons, moments, versions
from users.segments.rule import Scalar, Share
from users.segments.values import dumped, weekday_numbers


@dataclass
class Params:
    """The values of one statement under names that begin with `prefix`."""

    environment_id: UUID
    now: datetime
    zone: str
    prefix: str = "s"
    people: Sequence[int] | None = None  # whose behaviour is counted; None: all
    values: dict[str, Any] = field(default_factory=dict)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, value: Any, cast: str) -> str:
        """The placeholder of a value; the same value has the same one."""
        known = (cast, repr(value))
        if known not in self._names:
            name = f"{self.prefix}_{len(self._names)}"
            self._names[known] = f"%({name})s::{cast}"
            self.values[name] = value
        return self._names[known]

    @property
    def environment(self) -> str:
        return self.add(self.environment_id, "uuid")

    def ago(self, days: int) -> str:
        return self.add(self.now - timedelta(days=days), "timestamptz")


@dataclass(frozen=True, slots=True)
class Operand:
    """What is compared: a column of a type, or a key of a JSON column (`type` is None)."""

    sql: str
    text: str
    type: str | None = None

    def as_text(self, test: Callable[[str], str]) -> str:
        if self.type is None:
            return f"CASE WHEN jsonb_typeof({self.sql}) = 'string' THEN {test(self.text)} ELSE false END"
        return f"coalesce({test(self.text)}, false)" if self.type == "string" else "false"

    def as_number(self, test: Callable[[str], str]) -> str:
        if self.type is not None:
            return "false"
        found = f"({self.sql})::numeric"
        return f"CASE WHEN jsonb_typeof({self.sql}) = 'number' THEN {test(found)} ELSE false END"

    def as_moment(self, test: Callable[[str], str]) -> str:
        if self.type == "date":
            return f"coalesce({test(self.sql)}, false)"
        utc = f"{self.text}::timestamp AT TIME ZONE 'UTC'"
        # a cast of what is no date would end the statement
        found = f"(CASE WHEN {self.text} ~ '{moments.ZONED}' THEN {self.text}::timestamptz ELSE {utc} END)"
        guarded = f"CASE WHEN {self.text} ~ '{moments.PATTERN}' THEN {test(found)} ELSE false END"
        return self.as_text(lambda _: guarded)


def column(sql: str, type_: str) -> Operand:
    return Operand(sql, sql, type_)


def key(part: str, name: str, params: Params) -> Operand:
    """A key of a JSON column; `name` is a parameter, whatever it holds."""
    bound = params.add(name, "text")
    return Operand(f"({part} -> {bound})", f"({part} ->> {bound})")


def _json(value: Scalar) -> str:
    return orjson.dumps(dumped(value)).decode()


def is_set(found: Operand, _: None, params: Params) -> str:
    if found.type is None:
        return f"coalesce(jsonb_typeof({found.sql}) <> 'null', false)"
    return f"({found.sql} IS NOT NULL)"


def is_empty(found: Operand, _: None, params: Params) -> str:
    if found.type is None:
        return f"coalesce({found.sql} IN ('\"\"'::jsonb, '[]'::jsonb), false)"
    return found.as_text(lambda text: f"{text} = ''")


def equals(found: Operand, value: Scalar, params: Params) -> str:
    if found.type is None:
        # of two that are no lists it is equality, of a list whether it has the element
        return f"coalesce({found.sql} @> {params.add(_json(value), 'jsonb')}, false)"
    return one_of(found, (value,), params)


def one_of(found: Operand, values: Collection[Scalar], params: Params) -> str:
    if found.type is None:
        listed = params.add([_json(each) for each in values], "jsonb[]")
        return (
            f"coalesce(CASE jsonb_typeof({found.sql}) WHEN 'array' THEN {found.sql} @> ANY({listed})"
            f" ELSE {found.sql} = ANY({listed}) END, false)"
        )
    of_type = bool if found.type == "boolean" else str
    fitting = [each for each in values if isinstance(each, of_type)]
    if not fitting or found.type not in ("string", "boolean"):
        return "false"
    listed = params.add(fitting, "boolean[]" if found.type == "boolean" else "text[]")
    return f"coalesce({found.sql} = ANY({listed}), false)"


def contains(found: Operand, value: Scalar, params: Params) -> str:
    in_list = "false"
    if found.type is None:
        bound = params.add(_json(value), "jsonb")
        in_list = f"CASE WHEN jsonb_typeof({found.sql}) = 'array' THEN {found.sql} @> {bound} ELSE false END"
    if not isinstance(value, str):
        return in_list
    in_text = found.as_text(lambda text: f"strpos({text}, {params.add(value, 'text')}) > 0")
    return in_text if found.type else f"({in_text} OR {in_list})"


def starts_with(found: Operand, value: str, params: Params) -> str:
    return found.as_text(lambda text: f"starts_with({text}, {params.add(value, 'text')})")


def ends_with(found: Operand, value: str, params: Params) -> str:
    bound = params.add(value, "text")
    return found.as_text(lambda text: f"right({text}, length({bound})) = {bound}")


def glob(found: Operand, pattern: str, params: Params) -> str:
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = params.add(escaped.replace("*", "%").replace("?", "_"), "text")
    return found.as_text(lambda text: f"{text} LIKE {like}")


def compare(sign: str) -> Callable[[Operand, int | float, Params], str]:
    """greater_than and its kin: the digits go as text, for numeric is exact."""

    def sql(found: Operand, value: int | float, params: Params) -> str:
        bound = params.add(repr(value), "numeric")
        return found.as_number(lambda number: f"{number} {sign} {bound}")

    return sql


def between(found: Operand, ends: tuple[Any, Any], params: Params) -> str:
    low, high = ends
    if isinstance(low, str):
        # a date without a time is in with its whole day
        first, last = (_moment(micros, params) for micros in comparisons.range_of_dates(low, high))
        return found.as_moment(lambda moment: f"{moment} BETWEEN {first} AND {last}")
    bounds = [params.add(repr(each), "numeric") for each in ends]
    return found.as_number(lambda number: f"{number} BETWEEN {bounds[0]} AND {bounds[1]}")


def _moment(micros: int, params: Params) -> str:
    return params.add(moments.to_datetime(micros), "timestamptz")


def before(found: Operand, value: str, params: Params) -> str:
    return found.as_moment(lambda moment: f"{moment} < {_moment(moments.known(value), params)}")


def after(found: Operand, value: str, params: Params) -> str:
    return found.as_moment(lambda moment: f"{moment} > {_moment(moments.known(value), params)}")


def in_last_days(found: Operand, days: int, params: Params) -> str:
    now = params.add(params.now, "timestamptz")
    return found.as_moment(lambda moment: f"{moment} BETWEEN {params.ago(days)} AND {now}")


def more_than_days_ago(found: Operand, days: int, params: Params) -> str:
    return found.as_moment(lambda moment: f"{moment} < {params.ago(days)}")


def on_weekday(found: Operand, names: tuple[Scalar, ...], params: Params) -> str:
    zone = params.add(params.zone, "text")
    days = params.add(sorted(weekday_numbers(names)), "integer[]")
    return found.as_moment(
        lambda moment: f"extract(isodow FROM {moment} AT TIME ZONE {zone})::integer = ANY({days})"
    )


def compare_versions(sign: str) -> Callable[[Operand, str, Params], str]:
    def sql(found: Operand, value: str, params: Params) -> str:
        bound = params.add(versions.known(value), "text")
        return found.as_text(
            lambda text: (
                f"CASE WHEN {versions.is_version_sql(text)}"
                f" THEN {versions.key_sql(text)} {sign} {bound} ELSE false END"
            )
        )

    return sql


def in_percentage(found: Operand, share: Share, params: Params) -> str:
    hashed = f"sha256(convert_to({params.add(share.key, 'text')} || ':' || {found.sql}::text, 'UTF8'))"
    bucket = f"(('x' || left(encode({hashed}, 'hex'), 8))::bit(32)::bigint * {comparisons.BUCKETS} >> 32)"
    first, end = round(share.start * 100), round(share.end * 100)
    return f"({bucket} >= {first} AND {bucket} < {end})"
