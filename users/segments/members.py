"""Who is in a segment: the only writer of members, of their moves, and of what webhooks hear of both.

One statement a call, in the caller's transaction. Whoever is added by the key of a visitor
who became a user is added as that user; who is in already, or is unknown, is passed over.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from glu_admin.webhooks import outbox
from users.segments import checks
from users.segments.models import Segment, SegmentMember

ENTERED, LEFT = "segment.entered", "segment.left"
Source = SegmentMember.Source
# The drain and the sweep find out later that somebody became known (folding.py), and wait for
# nobody; whoever adds by hand waits for a merge that is under way.
_PATIENT = (Source.HAND, Source.API, Source.IMPORT, Source.FREEZE)

_MOVE = """
moved AS (
    INSERT INTO users_segmentmove (id, environment_id, user_id, segment_id, entered, why, at)
    SELECT gen_random_uuid(), %(environment)s, user_id, %(segment)s, %(entered)s, %(why)s, %(now)s
    FROM changed WHERE %(tells)s
    RETURNING id
)
"""
_CONSEQUENCES = f"""
{_MOVE}, told AS (SELECT id FROM moved WHERE %(notifies)s),
{outbox.parts("told", "kind", "id")},
{checks.part("changed", "user_id", "checks")}
SELECT count(*), CASE WHEN %(lists)s THEN array_agg(user_id) END FROM changed
"""
# Of an event's members the newest entry counts, and how long it lasts.
_ADD = f"""
WITH given AS (
    SELECT * FROM unnest(%(users)s::bigint[], %(entered_at)s::timestamptz[], %(leaves_at)s::timestamptz[])
        AS given (id, entered_at, leaves_at)
), people AS MATERIALIZED (
    SELECT id FROM users_enduser WHERE environment_id = %(environment)s AND id IN (
        SELECT coalesce(u.merged_into_id, u.id) FROM users_enduser u JOIN given ON given.id = u.id
        WHERE u.environment_id = %(environment)s)
    AND merged_into_id IS NULL AND erased_at IS NULL
    ORDER BY id FOR {{lock}}
), entries AS (
    SELECT people.id, max(given.entered_at) AS entered_at, max(given.leaves_at) AS leaves_at
    FROM given JOIN users_enduser u ON u.id = given.id AND u.environment_id = %(environment)s
    JOIN people ON people.id = coalesce(u.merged_into_id, u.id)
    GROUP BY people.id
), written AS (
    INSERT INTO users_segmentmember AS member
        (environment_id, user_id, segment_id, source, batch, entered_at, leaves_at)
    SELECT %(environment)s, id, %(segment)s, %(source)s, %(batch)s, entered_at, leaves_at
    FROM entries ORDER BY id
    ON CONFLICT (environment_id, user_id, segment_id) DO UPDATE
        SET entered_at = excluded.entered_at, leaves_at = excluded.leaves_at
        WHERE member.source = 'event' AND excluded.source = 'event'
            AND excluded.entered_at > member.entered_at
    RETURNING user_id, xmax = 0 AS is_new
), changed AS (SELECT user_id FROM written WHERE is_new), {_CONSEQUENCES}
"""
_REMOVE = f"""
WITH held AS MATERIALIZED (
    SELECT user_id FROM users_segmentmember
    WHERE environment_id = %(environment)s AND segment_id = %(segment)s {{which}}
    ORDER BY user_id FOR UPDATE
), changed AS (
    DELETE FROM users_segmentmember member USING held
    WHERE member.environment_id = %(environment)s AND member.user_id = held.user_id
        AND member.segment_id = %(segment)s
    RETURNING member.user_id
), {_CONSEQUENCES}
"""

_DROP = """
DELETE FROM users_segmentmember WHERE environment_id = %s AND user_id = %s
RETURNING segment_id, source, batch, entered_at, leaves_at
"""


Wanted = Callable[[UUID], bool]
Entered = Callable[[UUID, UUID, Sequence[int], datetime], None]
_on_enter: list[tuple[Wanted, Entered]] = []


def on_enter(is_wanted: Wanted, tell: Entered) -> None:
    """Call `tell(environment_id, segment_id, user_pks, now)` in the transaction that lets people into a
    segment, where `is_wanted(environment_id)`. Whoever comes in quietly is not told of."""
    _on_enter.append((is_wanted, tell))


class Membership(NamedTuple):
    segment_id: UUID
    source: str
    batch: UUID | None
    entered_at: datetime
    leaves_at: datetime | None


def add(
    segment: Segment,
    user_pks: Sequence[int],
    *,
    source: str,
    batch: UUID | None = None,
    why: str,
    now: datetime,
    leaves_at: datetime | None = None,
    quietly: bool = False,
) -> int:
    """Let these people in; how many were not in before. `quietly`: nobody is told (a first filling)."""
    entries = dict.fromkeys(user_pks, (now, leaves_at))
    return enter(segment, entries, source=source, batch=batch, why=why, now=now, quietly=quietly)


def enter(
    segment: Segment,
    entries: Mapping[int, tuple[datetime, datetime | None]],
    *,
    source: str = Source.EVENT,
    batch: UUID | None = None,
    why: str = "event",
    now: datetime,
    quietly: bool = False,
) -> int:
    """The same with a moment of entry for each, and one until when it lasts."""
    values = {
        "users": list(entries),
        "entered_at": [entered_at for entered_at, _ in entries.values()],
        "leaves_at": [leaves_at for _, leaves_at in entries.values()],
        "source": source,
        "batch": batch,
    }
    sql = _ADD.format(lock="SHARE" if source in _PATIENT else "KEY SHARE")
    return _run(sql, segment, values, entered=True, why=why, now=now, quietly=quietly)


def remove(
    segment: Segment,
    user_pks: Sequence[int] | None = None,
    *,
    why: str,
    now: datetime,
    batch: UUID | None = None,
    entered_by: datetime | None = None,
    expired: bool = False,
    quietly: bool = False,
) -> int:
    """Take these people out, or those of a batch, or all; how many were in.

    `entered_by` leaves those alone who entered later, `expired` those whose time is not over.
    """
    which = [
        ("AND user_id = ANY(%(users)s::bigint[])", user_pks is not None),
        ("AND batch = %(batch)s", batch is not None),
        ("AND entered_at <= %(entered_by)s", entered_by is not None),
        ("AND leaves_at <= %(now)s", expired),
    ]
    values = {"users": list(user_pks or ()), "batch": batch, "entered_by": entered_by}
    sql = _REMOVE.format(which=" ".join(sql for sql, asked in which if asked))
    return _run(sql, segment, values, entered=False, why=why, now=now, quietly=quietly)


def drop(environment_id: UUID, user_pk: int) -> list[Membership]:
    """Take a visitor who became a user out of everything; returns what that was."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP, [environment_id, user_pk])
        return [Membership(*row) for row in cursor.fetchall()]


def _run(
    sql: str,
    segment: Segment,
    values: dict[str, Any],
    *,
    entered: bool,
    why: str,
    now: datetime,
    quietly: bool,
) -> int:
    tells = segment.kept or segment.notify or segment.kind == Segment.Kind.EVENT
    notifies = segment.notify and not quietly
    hearers = [] if quietly or not entered else _hearers(segment.environment_id)
    values |= {
        "environment": segment.environment_id,
        "segment": segment.id,
        "entered": entered,
        "kind": ENTERED if entered else LEFT,
        "why": why,
        "now": now,
        "tells": tells and not quietly,
        "notifies": notifies,
        "lists": bool(hearers),
        "checks": checks.asked_by_members(segment.environment_id),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        count, user_pks = cursor.fetchone()
    if count and notifies:
        transaction.on_commit(outbox.ring)
    for tell in hearers if count else ():
        tell(segment.environment_id, segment.id, user_pks, now)
    return int(count)


def _hearers(environment_id: UUID) -> list[Entered]:
    return [tell for is_wanted, tell in _on_enter if is_wanted(environment_id)]
