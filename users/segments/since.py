"""Up to which row of history everything is settled, and who was changed after it.

Rows get their numbers in one order and become visible in another: a transaction that is still
open may hold a number below what others have committed. A mark is the newest number, read
BEFORE the next free transaction id. Whoever has a number up to it had its transaction id by
then (but for what may lie between taking a number and the row, for which SLACK numbers are
never called settled); so once no transaction below that id is open in a snapshot, that
snapshot sees all rows up to the mark, for ever. Above it people are looked at one by one.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

SLACK = 1_000
MOST_MARKS = 16
# what is written of an erasure bears the time at which it began
LONGEST_ERASURE = timedelta(days=1)

_NUMBERS = """
SELECT (SELECT last_value FROM users_userchange_number), (SELECT last_value FROM users_event_number)
"""
_NEXT_ID = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_SEEN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, now()"
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
    """What a snapshot surely sees, and when it was taken."""

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


def settle(marks: list[Mark]) -> tuple[Settled | None, datetime]:
    """The newest of the marks that the snapshot of this transaction settles; its time."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN)
        open_from, at = cursor.fetchone()
    best = max((each for each in marks if each.open_below <= open_from), default=None, key=_number)
    return (Settled(best.change, best.event, at) if best else None), at


def wait_until_settled(marked: Mark, seconds: float) -> bool:
    """Whether those who write in this moment have ended; most take milliseconds."""
    end = time.monotonic() + seconds
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SEEN)
            if cursor.fetchone()[0] >= marked.open_below:
                return True
        if time.monotonic() > end:
            return False
        time.sleep(0.005)


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


def _number(mark: Mark) -> int:
    return mark.open_below
