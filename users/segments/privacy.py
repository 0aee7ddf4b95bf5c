"""What segments hold of a person: memberships, moves and kept answers. All of it goes with the person.

Messages of moves that wait are cancelled, and what receivers answered to others is forgotten.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from glu_admin.webhooks import subjects
from glu_admin.workspaces.models import Environment
from users.models import SegmentMember, SegmentMove
from users.privacy import parts
from users.segments import turns
from users.segments.members import ENTERED, LEFT

_ERASE = """
WITH states AS (
    DELETE FROM users_behaviourstate WHERE environment_id = %(environment)s AND user_id = ANY(%(pks)s)
), checks AS (
    DELETE FROM users_segmentcheck WHERE environment_id = %(environment)s AND user_id = ANY(%(pks)s)
)
DELETE FROM users_segmentmember WHERE environment_id = %(environment)s AND user_id = ANY(%(pks)s)
"""


def register() -> None:
    parts.register("segments", memberships, erase, count=parts.counted(_members), hold=hold)
    parts.register("segmentMoves", moves, erase_moves, count=parts.counted(_moves), cancel=cancel)


def hold(environment: Environment, pks: Sequence[int]) -> None:
    """Wait until no sweep decides of this person, and let none begin."""
    turns.take(environment.id, turns.of(pks))


def memberships(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in _members(environment, pks).select_related("segment").order_by("segment_id"):
        yield {
            "segmentId": str(row.segment_id),
            "segment": row.segment.name,
            "source": row.source,
            "enteredAt": row.entered_at.isoformat(),
            "leavesAt": row.leaves_at and row.leaves_at.isoformat(),
        }


def erase(environment: Environment, pks: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ERASE, {"environment": environment.id, "pks": list(pks)})
        return int(cursor.rowcount)


def _members(environment: Environment, pks: Sequence[int]) -> QuerySet[SegmentMember]:
    return SegmentMember.objects.filter(environment=environment, user_id__in=list(pks))


def moves(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in parts.paged(_moves(environment, pks).select_related("segment")):
        yield {
            "segmentId": str(row.segment_id),
            "segment": row.segment.name,
            "entered": row.entered,
            "reason": row.why,
            "at": row.at.isoformat(),
        }


def erase_moves(environment: Environment, pks: Sequence[int]) -> int:
    """Also what was said of them is forgotten."""
    told = _ids(environment, pks)
    for kind in (ENTERED, LEFT):
        subjects.forget(environment.id, kind, told)
    return _moves(environment, pks).delete()[0]


def cancel(environment: Environment, pks: Sequence[int]) -> list[dict[str, Any]]:
    told = _ids(environment, pks)
    return [row for kind in (ENTERED, LEFT) for row in subjects.cancel(environment.id, kind, told)]


def _ids(environment: Environment, pks: Sequence[int]) -> list[UUID]:
    return list(_moves(environment, pks).values_list("id", flat=True))


def _moves(environment: Environment, pks: Sequence[int]) -> QuerySet[SegmentMove]:
    return SegmentMove.objects.filter(environment=environment, user_id__in=list(pks))
