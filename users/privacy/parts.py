"""The parts of what is known of a person, for export and erasure.

Whoever stores rows about people registers how they are collected and counted, and what an
erasure does to them; rows that sums need stay, and the part says why.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from glu_admin.workspaces.models import Environment

Rows = Iterable[dict[str, Any]]
Query = Callable[[Environment, Sequence[int]], QuerySet[Any]]
Collect = Callable[[Environment, Sequence[int]], Rows]
Count = Callable[[Environment, Sequence[int]], int]
Erase = Callable[[Environment, Sequence[int]], int]
Hold = Callable[[Environment, Sequence[int]], None]
Cancel = Callable[[Environment, Sequence[int]], list[dict[str, Any]]]

PAGE = 1_000


@dataclass(frozen=True)
class Part:
    """One kind of rows; every function takes the environment and all keys of one person.

    `hold` locks what a write path locks before the person, so that erasures and writes never
    wait for each other in a circle. `cancel` stops what is about to leave, and tells of each.
    """

    name: str
    collect: Collect
    count: Count
    erase: Erase | None
    keeps: str
    hold: Hold | None
    cancel: Cancel | None


_parts: dict[str, Part] = {}


def register(
    name: str,
    collect: Collect,
    erase: Erase | None = None,
    *,
    count: Count,
    keeps: str = "",
    hold: Hold | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Add a part; call it from AppConfig.ready(). `keeps` says why its rows outlive an erasure:
    `erase` then only takes out what names the person. It returns how many rows it changed.
    `count` tells how many rows `collect` would, without reading them."""
    _parts[name] = Part(name, collect, count, erase, keeps, hold, cancel)


def all_parts() -> Iterator[Part]:
    """In the order of registration: what stands nearest to the person first."""
    return iter(_parts.values())


def counted(rows: Query) -> Count:
    """The count of what `rows` asks for."""
    return lambda environment, pks: rows(environment, pks).count()


def paged[Row: Model](rows: "QuerySet[Row]") -> Iterator[Row]:
    """The rows in the order of their keys, some at a time, without a cursor in the server."""
    page = list(rows.order_by("pk")[:PAGE])
    while page:
        yield from page
        page = list(rows.order_by("pk").filter(pk__gt=page[-1].pk)[:PAGE]) if len(page) == PAGE else []
