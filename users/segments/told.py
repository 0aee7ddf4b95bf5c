"""What others are told of who entered and left: webhooks, and the person's own timeline.

The body of segment.entered and of segment.left, made when it is sent:
{"type": "segment.entered", "moveId", "segmentId", "segmentName", "gluId", "userId" and
"anonymousId" (null where there is none), "reason": "event" | "attribute" | "time" | "rule" |
"merge" | "hand" | "api" | "import", "at": milliseconds since 1970}. `moveId` is for telling
repeats apart. Of a visitor who became a user since, the ids are the user's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from glu_admin.webhooks import outbox
from glu_admin.workspaces.models import Environment
from users.history import timeline
from users.history.timeline import Entry
from users.segments import members

KIND = "segment"
_MOVE = """
SELECT move.segment_id, segment.name, u.glu_id, u.user_id, u.anonymous_id, move.why, move.at, move.entered
FROM users_segmentmove move
JOIN users_segment segment ON segment.id = move.segment_id
JOIN users_enduser known ON known.id = move.user_id
JOIN users_enduser u ON u.id = coalesce(known.merged_into_id, known.id) AND u.erased_at IS NULL
WHERE move.environment_id = %(environment)s AND move.id = %(move)s
"""
_MOVES = """
WITH mine AS MATERIALIZED (
    SELECT * FROM users_segmentmove WHERE environment_id = %(environment)s AND user_id = ANY(%(pks)s)
)
SELECT mine.id, mine.at, mine.entered, mine.why, mine.segment_id, segment.name
FROM mine JOIN users_segment segment ON segment.id = mine.segment_id
WHERE (mine.at, mine.id) < (%(before)s, %(before_id)s)
ORDER BY mine.at DESC, mine.id DESC LIMIT %(limit)s
"""


def register() -> None:
    outbox.register_body(members.ENTERED, body)
    outbox.register_body(members.LEFT, body)
    timeline.register(KIND, "Segments", moves)


def body(config: EnvironmentConfig, move_id: UUID) -> dict[str, object] | None:
    """None if the person was erased, or the segment is gone: then nobody is told."""
    row = hot.row(_MOVE, {"environment": config.id, "move": move_id})
    if row is None:
        return None
    segment_id, name, glu_id, user_id, anonymous_id, why, at, entered = row
    return {
        "type": members.ENTERED if entered else members.LEFT,
        "moveId": str(move_id),
        "segmentId": str(segment_id),
        "segmentName": name,
        "gluId": str(glu_id),
        "userId": user_id,
        "anonymousId": anonymous_id,
        "reason": why,
        "at": _milliseconds(at),
    }


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def moves(environment: Environment, pks: Sequence[int], after: str | None, limit: int) -> list[Entry]:
    """Which kept segments the person entered and left, and why."""
    at, key = timeline.moment(after)
    values: dict[str, Any] = {"environment": environment.id, "pks": list(pks), "limit": limit}
    values |= {"before": at, "before_id": key}
    with connection.cursor() as cursor:
        cursor.execute(_MOVES, values)
        return [_entry(row) for row in cursor.fetchall()]


def _entry(row: tuple[Any, ...]) -> Entry:
    move_id, at, entered, why, segment_id, name = row
    detail = {"segmentId": str(segment_id), "name": name, "entered": entered, "reason": why}
    title = f"Entered {name}" if entered else f"Left {name}"
    return Entry(at, KIND, title, detail, timeline.moment_ref(at, move_id))
