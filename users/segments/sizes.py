"""How many people each segment has, day by day: the line in the list of segments.

All rules of an environment are counted in one pass over its people, a few dozen at a time, by
a worker; today's sizes are counted anew each hour, so that the last of a day is the day's.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import batched

from django.db import connection

from glu_admin import config as configs
from glu_admin.config import EnvironmentConfig
from glu_admin.workspaces.models import Environment
from users.models import SegmentSize
from users.segments import book as books
from users.segments import counting, tally
from users.segments.book import SegmentEntry
from users.segments.rule import InSegment

AT_ONCE = 25  # segments a pass
SECONDS = 120.0  # what a pass may take before it is estimated

_MEMBERS = """
SELECT segment_id, count(*) FROM users_segmentmember
 WHERE environment_id = %s AND (leaves_at IS NULL OR leaves_at > %s) GROUP BY segment_id
"""
Sized = tuple[SegmentEntry, int, bool]  # how many, and whether that is an estimate


def refresh_all(*, now: datetime) -> int:
    """Count the segments of all environments; how many there are."""
    return sum(refresh(environment, now=now) for environment in Environment.objects.order_by("id"))


def refresh(environment: Environment, *, now: datetime) -> int:
    """Write down today's sizes of the environment's segments, in the workspace's time zone."""
    config = configs.get(environment.id)
    if config is None:  # deleted in this moment
        return 0
    day = now.astimezone(books.of(config).zone).date()
    rows = [
        SegmentSize(
            environment_id=config.id,
            segment_id=entry.id,
            day=day,
            size=size,
            is_estimate=is_estimate,
            counted_at=now,
        )
        for entry, size, is_estimate in _sized(config, now)
    ]
    SegmentSize.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["environment_id", "segment_id", "day"],
        update_fields=["size", "is_estimate", "counted_at"],
    )
    return len(rows)


def _sized(config: EnvironmentConfig, now: datetime) -> Iterator[Sized]:
    book = books.of(config)
    ruled = [entry for entry in book.segments.values() if book.inlined(entry.id)]
    members = _members(config, now)
    for entry in book.segments.values():
        if not book.inlined(entry.id):  # lists, and rules that can't be followed
            yield entry, members.get(str(entry.id), 0), False
    for some in batched(ruled, AT_ONCE):
        yield from _counted(config, some, now)


def _counted(config: EnvironmentConfig, entries: Sequence[SegmentEntry], now: datetime) -> Iterator[Sized]:
    rules = [InSegment(entry.id) for entry in entries]
    try:
        with counting.within(SECONDS):
            found = tally.by_sql(config, books.of(config), rules, now)
    except counting.TooSlow:
        found = counting.sampled(config, rules, now)
    there = max(found.count(found.live), 1)
    for entry, rule in zip(entries, rules, strict=True):
        count = found.count(found.mask(rule))
        yield entry, round(count * found.total / there), found.is_sample


def _members(config: EnvironmentConfig, now: datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS, [config.id, now])
        return {str(row[0]): row[1] for row in cursor.fetchall()}
