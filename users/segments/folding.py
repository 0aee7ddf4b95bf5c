"""A visitor who turns out to be a user: lists and events' segments that they were in count for the user.

In the merge's own transaction, so that the user's next call sees it; what follows from rules
and behaviour of both together is counted within a second. A drain or a sweep that was at work
on the visitor may write of them after that: the visitor is looked at once more, and folded again.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from glu_admin import config as configs
from users.models import Segment
from users.segments import checks, members

_KEEPS = """
SELECT EXISTS (SELECT FROM users_keptbehaviour WHERE environment_id = %(environment)s),
    EXISTS (SELECT FROM users_segment WHERE environment_id = %(environment)s AND (kept OR kind = 'event'))
"""
# What the visitor was known to have done holds at once; all of it is counted anew.
_STATES = f"""
WITH gone AS (
    DELETE FROM users_behaviourstate WHERE environment_id = %(environment)s AND user_id = %(alias)s
    RETURNING behaviour_id, differs
)
INSERT INTO users_behaviourstate AS state (environment_id, user_id, behaviour_id, differs, check_at)
SELECT %(environment)s, %(user)s, kept.id, coalesce(gone.differs, false), {checks.AT_ONCE}
FROM users_keptbehaviour kept LEFT JOIN gone ON gone.behaviour_id = kept.id
WHERE kept.environment_id = %(environment)s ORDER BY kept.id
ON CONFLICT (environment_id, user_id, behaviour_id) DO UPDATE
    SET differs = state.differs OR excluded.differs, check_at = excluded.check_at
"""


def fold(environment_id: UUID, alias_pk: int, user_pk: int, now: datetime) -> None:
    """For users.identity.merging.on_merge, after what waits for the drain."""
    if _fold(environment_id, alias_pk, user_pk, now):
        checks.mark_in(environment_id, sorted((alias_pk, user_pk)))


def fold_late(environment_id: UUID, alias_pk: int, user_pk: int, now: datetime) -> None:
    """The same for what was written of the visitor since."""
    if _fold(environment_id, alias_pk, user_pk, now):
        checks.mark_in(environment_id, [user_pk])


def _fold(environment_id: UUID, alias_pk: int, user_pk: int, now: datetime) -> bool:
    """Whether anything is kept that may have to be looked at."""
    values: dict[str, Any] = {"environment": environment_id, "alias": alias_pk, "user": user_pk}
    with connection.cursor() as cursor:
        cursor.execute(_KEEPS, values)
        keeps_behaviour, keeps_segments = cursor.fetchone()
        if keeps_behaviour:
            cursor.execute(_STATES, values)
    rows = members.drop(environment_id, alias_pk)
    if rows and configs.get(environment_id) is not None:
        segments = Segment.objects.in_bulk([row.segment_id for row in rows])
        for row in sorted(rows, key=lambda row: row.segment_id):
            if row.source != members.Source.RULE:
                members.enter(
                    segments[row.segment_id],
                    {user_pk: (row.entered_at, row.leaves_at)},
                    source=row.source,
                    batch=row.batch,
                    why="merge",
                    now=now,
                )
    return bool(keeps_behaviour or keeps_segments)
