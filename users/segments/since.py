"""Up to which row of history everything is settled, and who was changed after it.

Rows get their numbers in one order and become visible in another: a transaction that is still
open may hold a number below what others have committed. A mark is the newest number, read
BEFORE a new transaction id is taken. Whoever has a number up to it had its transaction id by
then (but for what may lie between taking a number and the row, for which SLACK numbers are
never called settled). So once no transaction of this database below that id is open, every
later snapshot sees all rows up to the mark. Above it, people are looked at one by one.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

SLACK = 1_000
MOST_MARKS = 16
# what is written of an erasure bears the time at which it began
LONGEST_ERASURE = timedelta(days=1)

_NUMBERS = """
SELECT (SELECT last_value FROM users_userchange_number), (SELECT last_value FROM users_event_number)
"""
# takes an id: what a snapshot has as its end is only one beyond the newest that has ENDED
_NEXT_ID = "SELECT pg_current_xact_id()::text::bigint"
# Transactions of other databases are none of ours. Of the sessions of another role nothing is
# told, but that they are there: then any open transaction counts.
_ENDED = """
SELECT NOT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND (%(next_id)s::bigint - backend_xid::text::bigint) & 4294967295 BETWEEN 1 AND 2147483647
) AND NOT EXISTS (
    SELECT FROM pg_prepared_xacts WHERE database = current_database()
        AND (%(next_id)s::bigint - transaction::text::bigint) & 4294967295 BETWEEN 1 AND 2147483647
) AND (pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= %(next_id)s::bigint OR NOT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND query = '<insufficient privilege>'
))
"""
# of visitors who were merged, the user has the change
_CHANGED = """
WITH changed AS (
    SELECT DISTINCT user_id AS id FROM users_userchange
     WHERE environment_id = %(environment)s AND id > %(settled)s
     LIMIT %(most)s
)
SELECT id FROM changed
UNION SELECT alias.id FROM changed JOIN users_enduser alias
    ON alias.environment_id = %(environment)s AND alias.merged_into_id = changed.id
UNION SELECT id FROM users_enduser
    WHERE environment_id = %(environment)s AND erased_at IS NOT NULL AND erased_at >= %(erased_after)s
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """All rows up to these numbers are visible where no transaction below `open_below` is open."""

    open_below: int
    change: int
    event: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What a snapshot surely sees, and when that was found."""

    change: int
    event: int
    at: datetime


def mark() -> Mark:
    """Outside a transaction, whose snapshot would be older than the numbers."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS)
        change, event = cursor.fetchone()
        cursor.execute(_NEXT_ID)
        (next_id,) = cursor.fetchone()
    return Mark(next_id, change - SLACK, event - SLACK)


def settle(marks: list[Mark]) -> Settled | None:
    """The newest of the marks that all later snapshots settle. Before the snapshot is taken."""
    for each in sorted(marks, key=lambda mark: -mark.open_below):
        if _has_ended(each):
            return Settled(each.change, each.event, timezone.now())
    return None


def wait_until_settled(marked: Mark, seconds: float) -> None:
    """Until those who write in this moment have ended: most take milliseconds."""
    end = time.monotonic() + seconds
    while not _has_ended(marked) and time.monotonic() < end:
        time.sleep(0.005)


def _has_ended(marked: Mark) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # or a transaction sees what it saw before
        cursor.execute(_ENDED, {"next_id": marked.open_below})
        return bool(cursor.fetchone()[0])


def changed(environment_id: UUID, settled: Settled, most: int) -> list[int]:
    """Whoever may have changed since: at least these, perhaps more. Beyond `most` some are left out."""
    values: dict[str, Any] = {
        "environment": environment_id,
        "settled": settled.change,
        "most": most,
        "erased_after": settled.at - LONGEST_ERASURE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, values)
        return [row[0] for row in cursor.fetchall()]
