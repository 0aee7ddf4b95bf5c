"""One person's timeline: what every part of the product knows of them, merged, newest first.

Parts register a source each; a source gives a page of entries in an order of its own that is
also (nearly) that of time. A cursor holds how far each source was read, so that nothing is
shown twice or left out, whatever happens between two pages.
"""

import heapq
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from glu_admin.api import pagination
from glu_admin.api.errors import ApiError
from glu_admin.workspaces.models import Environment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = UUID(int=2**128 - 1)
WITH = "^"  # before a ref: this entry is the first of the next page
NOTHING = "-"  # instead of one: nothing was there when the first page was read


@dataclass(frozen=True)
class Entry:
    """Something that happened. `ref` names it among the entries of its kind."""

    at: datetime
    kind: str
    title: str
    detail: dict[str, Any]
    ref: str


# (environment, the person's keys, where to go on, how many) -> the next entries; the third is
# for `number` or `moment`, which make of it what the next rows are less than
Source = Callable[[Environment, Sequence[int], str | None, int], list[Entry]]


@dataclass(frozen=True)
class _Registered:
    label: str
    source: Source


_sources: dict[str, _Registered] = {}


def register(kind: str, label: str, source: Source) -> None:
    """Add what a part knows of people; call it from AppConfig.ready()."""
    _sources[kind] = _Registered(label, source)


def kinds() -> dict[str, str]:
    """Every kind of entry with its label, in the order of registration."""
    return {kind: each.label for kind, each in _sources.items()}


def of_person(
    environment: Environment,
    user_pks: Sequence[int],
    *,
    kinds: Collection[str] | None = None,
    before: str | None = None,
    limit: int = pagination.USUAL,
) -> tuple[list[Entry], str | None]:
    """A page of entries and the cursor of the next; raises ApiError for a broken cursor or kind.

    `user_pks` are all rows of the person: their own and those of visitors who they turned out to be.
    """
    unknown = set(kinds or ()) - _sources.keys()
    if unknown:
        message = f"There is no kind {min(unknown)!r}. Choose from {', '.join(_sources)}."
        raise ApiError("unknown_value", message, field="kind")
    seen = _read(before)
    pages = {
        kind: each.source(environment, user_pks, seen.get(kind), limit + 1)
        for kind, each in _sources.items()
        if (kinds is None or kind in kinds) and seen.get(kind) != NOTHING
    }
    merged = heapq.merge(*pages.values(), key=lambda entry: entry.at, reverse=True)
    shown = list(islice(merged, limit))
    # a source of which nothing was shown begins where it began now, whatever is new by then
    begun = {kind: WITH + page[0].ref if page else NOTHING for kind, page in pages.items()}
    seen = begun | seen | {entry.kind: entry.ref for entry in shown}
    return shown, _written(seen) if next(merged, None) else None


def number(ref: str | None) -> int:
    """A ref that is a row's number; the largest there can be for the first page."""
    if ref is None:
        return pagination.LARGEST
    try:
        found = int(ref.removeprefix(WITH)) + ref.startswith(WITH)
    except ValueError:
        raise pagination.broken() from None
    if abs(found) > pagination.LARGEST:
        raise pagination.broken()
    return found


def moment_ref(at: datetime, row: UUID) -> str:
    """A ref for rows in the order of time and then of their UUID."""
    return f"{(at - EPOCH) // timedelta(microseconds=1)}.{row.hex}"


def moment(ref: str | None) -> tuple[datetime, UUID]:
    """What `moment_ref` was made of; the end of all times for the first page."""
    if ref is None:
        return datetime.max.replace(tzinfo=UTC), LAST
    microseconds, _, row = ref.removeprefix(WITH).partition(".")
    try:
        key = UUID(int=min(UUID(row).int + ref.startswith(WITH), LAST.int))
        return EPOCH + timedelta(microseconds=int(microseconds)), key
    except (ValueError, OverflowError):
        raise pagination.broken() from None


def _read(cursor: str | None) -> dict[str, str]:
    if not cursor:
        return {}
    pairs = (each.partition(":") for each in pagination.decode(cursor, seen=str)["seen"].split(","))
    return {kind: ref for kind, _, ref in pairs}


def _written(seen: dict[str, str]) -> str:
    return pagination.encode({"seen": ",".join(f"{kind}:{ref}" for kind, ref in seen.items())})
