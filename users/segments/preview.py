"""What a marketer sees while a rule is being typed: how many, what each condition costs, who for
example, which campaigns reach them, and how it overlaps with other segments.

A newer preview of the same session ends the older one's statement. Beyond its second the count
is an estimate, with its range, and says so.
"""

import hashlib
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any as Whatever
from uuid import UUID

import numpy as np
from django.db import connection

from glu_admin.config import EnvironmentConfig
from users.segments import book as books
from users.segments import counting, explain, facts, kinds, predicate, tally, words
from users.segments.book import Book
from users.segments.columns import Mask
from users.segments.explain import Line
from users.segments.rule import All, Any, Did, InSegment, Rule
from users.segments.tally import Tally

SAMPLES = 5
MOST_COMPARED = 20  # campaigns, and segments
Z = 1.96  # of a range that is right 19 times of 20


@dataclass(frozen=True, slots=True)
class Reach:
    """A campaign, and the rule of its audience."""

    id: UUID
    name: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Shared:
    """How many of the people are in a campaign's audience, or in another segment, too."""

    id: UUID
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class Drop:
    """A condition of the rule's top group: whom it holds for, and how many there would be without it."""

    path: str
    words: str
    people: int
    without: int


@dataclass(frozen=True, slots=True)
class Sample:
    user_pk: int
    glu_id: UUID
    user_id: str | None
    found: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """`low` and `high` are the range of an estimate, else the count. `emptied_by` is the place of
    the condition that leaves nobody; None if somebody is left."""

    count: int
    total: int
    is_estimate: bool
    low: int
    high: int
    conditions: tuple[Drop, ...]
    emptied_by: Drop | None
    samples: tuple[Sample, ...]
    reach: tuple[Shared, ...]
    overlap: tuple[Shared, ...]
    milliseconds: int


_reaches: list[Callable[[EnvironmentConfig], Iterable[Reach]]] = []


def register_reach(source: Callable[[EnvironmentConfig], Iterable[Reach]]) -> None:
    """Campaigns tell their audiences; from AppConfig.ready()."""
    _reaches.append(source)


def preview(
    config: EnvironmentConfig,
    rule: Rule,
    *,
    now: datetime,
    session: str = "",
    shows_people: bool = False,
    compares: bool = True,
    seconds: float = counting.SECONDS,
) -> Preview:
    """Of a rule that need not be kept anywhere; raises counting.TooSlow or Superseded.

    `session` names whoever types: what runs for the same one ends.
    """
    began = time.monotonic()
    book = books.of(config)
    top = _top(rule)
    others = _others(config, book, rule) if compares else ([], [])
    compared = [each.rule for group in others for each in group]
    with _alone(config, session):
        found = counting.tallied(config, [rule], now=now, seconds=seconds, also=compared)
        mask = found.mask(rule)
        samples = _samples(config, rule, found, now) if shows_people else ()
    drops = tuple(_drops(rule, top, found, book))
    count, low, high = _estimated(found, found.count(mask))
    reach, overlap = (_shared(group, found, mask) for group in others)
    return Preview(
        count=count,
        total=found.total,
        is_estimate=found.is_sample,
        low=low,
        high=high,
        conditions=drops,
        emptied_by=None if mask.any() else _emptied_by(rule, top, drops, found),
        samples=samples,
        reach=reach,
        overlap=overlap,
        milliseconds=round((time.monotonic() - began) * 1000),
    )


def _top(rule: Rule) -> Sequence[Rule]:
    return rule.rules if isinstance(rule, All | Any) else (rule,)


def _others(config: EnvironmentConfig, book: Book, rule: Rule) -> tuple[list[Reach], list[Reach]]:
    """The audiences of campaigns, and the other segments."""
    campaigns = [each for source in _reaches for each in source(config)]
    segments = [
        Reach(entry.id, entry.name, InSegment(entry.id))
        for entry in book.segments.values()
        if rule not in (InSegment(entry.id), entry.rule)
    ]
    return campaigns[:MOST_COMPARED], segments[:MOST_COMPARED]


def _shared(group: Iterable[Reach], found: Tally, mask: Mask) -> tuple[Shared, ...]:
    return tuple(
        Shared(each.id, each.name, _scaled(found, found.count(found.mask(each.rule) & mask)))
        for each in group
        if found.has(each.rule)
    )


def _drops(rule: Rule, top: Sequence[Rule], found: Tally, book: Book) -> Iterator[Drop]:
    masks = [found.mask(each) for each in top]
    names = {**kinds.names(book.environment_id), **book.names}
    group = "any" if isinstance(rule, Any) else "all"
    together: Whatever = np.logical_or if group == "any" else np.logical_and
    for place, each in enumerate(top):
        rest = [mask for number, mask in enumerate(masks) if number != place]
        nothing_left = found.live & (group == "all")
        left: Mask = together.reduce(rest) if rest else nothing_left
        path = f"{group}[{place}]" if isinstance(rule, All | Any) else ""
        people, without = (_scaled(found, found.count(mask)) for mask in (masks[place], left))
        yield Drop(path, words.sentence(each, names), people, without)


def _emptied_by(rule: Rule, top: Sequence[Rule], drops: Sequence[Drop], found: Tally) -> Drop | None:
    """The first condition from the top that leaves nobody of those whom the ones before it left."""
    left = found.live
    for each, drop in zip(top, drops, strict=True):
        left = found.mask(each) if isinstance(rule, Any) else left & found.mask(each)
        if not left.any():
            return drop
    return None


def _scaled(found: Tally, count: int) -> int:
    there = found.count(found.live)
    return round(count * found.total / there) if found.is_sample and there else count


def _estimated(found: Tally, count: int) -> tuple[int, int, int]:
    """The count, and its range (after Wilson, which holds for rare conditions, too)."""
    there = found.count(found.live)
    if not found.is_sample or not there:
        return count, count, count
    share, square = count / there, Z * Z / there
    middle, wide = share + square / 2, Z * math.sqrt(share * (1 - share) / there + square / (4 * there))
    low, high = (found.total * (middle + side) / (1 + square) for side in (-wide, wide))
    return _scaled(found, count), max(0, math.floor(low)), min(found.total, math.ceil(high))


def _samples(config: EnvironmentConfig, rule: Rule, found: Tally, now: datetime) -> tuple[Sample, ...]:
    book, ids = found.book, found.ids[found.mask(rule)]
    some = np.random.default_rng().choice(ids, min(SAMPLES, len(ids)), replace=False).tolist()
    asked = tally.conditions([rule], book).values()
    needs = predicate.needs(rule, book) | {"core"}
    dids = [each for each in asked if isinstance(each, Did)]
    people = facts.load(config, some, now=now, needs=needs, counting=dids) if some else {}
    return tuple(
        Sample(pk, known.glu_id, known.core["userId"], tuple(_found(explain.explain(rule, known, book))))
        for pk, known in people.items()
    )


def _found(line: Line) -> Iterator[Line]:
    """The lines that hold, with what they found."""
    if line.children:
        for each in line.children:
            yield from _found(each)
    elif line.verdict and line.found:
        yield line


@contextmanager
def _alone(config: EnvironmentConfig, session: str) -> Iterator[None]:
    """End what an older preview of this session still runs, and be found by a newer one."""
    if not session:
        yield
        return
    name = "glu preview " + hashlib.sha256(f"{config.id}:{session}".encode()).hexdigest()[:32]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = %s AND state = 'active' AND pid <> pg_backend_pid()",
            [name],
        )
    with counting.named(name):
        yield
