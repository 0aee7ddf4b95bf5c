"""People put on a list, or taken off it, by their ids: a verdict for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from users.models import EndUser, Segment, SegmentMember
from users.segments import members
from users.segments.lists.imports import not_a_list

MOST = 1_000  # ids a call
ADDED, ALREADY_IN, REMOVED, NOT_IN = "added", "already_in", "removed", "not_in"
UNKNOWN, DUPLICATE = "unknown", "duplicate"


@dataclass(frozen=True, slots=True)
class Named:
    """An id as it was sent, of the client's or ours, and what became of it."""

    id: str
    is_ours: bool
    verdict: str


def add(
    segment: Segment, *, user_ids: Sequence[str], glu_ids: Sequence[UUID], actor: Actor, now: datetime
) -> list[Named]:
    """Raises ApiError for a segment that is no list."""
    source = _source(actor)
    with transaction.atomic():
        people, known = _found(segment, user_ids, glu_ids)
        held = _held(segment, list(known.values()))
        missing = sorted(set(known.values()) - held)
        members.add(segment, missing, source=source, why=source, now=now)
        _tell(segment, actor, "segment.members_add", len(missing))
    return _verdicts(people, known, held, (ALREADY_IN, ADDED))


def remove(
    segment: Segment, *, user_ids: Sequence[str], glu_ids: Sequence[UUID], actor: Actor, now: datetime
) -> list[Named]:
    """Raises ApiError for a segment that is no list."""
    with transaction.atomic():
        people, known = _found(segment, user_ids, glu_ids)
        held = _held(segment, list(known.values()))
        members.remove(segment, sorted(held), why=_source(actor), now=now)
        _tell(segment, actor, "segment.members_remove", len(held))
    return _verdicts(people, known, held, (REMOVED, NOT_IN))


def _source(actor: Actor) -> str:
    return members.Source.HAND if actor.member else members.Source.API


def _tell(segment: Segment, actor: Actor, action: str, people: int) -> None:
    """What members do is logged; a server may call for each person, and would fill the log."""
    if actor.member and people:
        audit.record(segment.environment, actor, action, segment, {"people": [None, people]})


Key = tuple[str, bool]  # (id, whether it is ours)


def _found(
    segment: Segment, user_ids: Sequence[str], glu_ids: Sequence[UUID]
) -> tuple[list[Key], dict[Key, int]]:
    """What was sent, in order; and the person of each id that is known."""
    if segment.kind != Segment.Kind.STATIC:
        raise not_a_list()
    sent = [(each, False) for each in user_ids] + [(str(each), True) for each in glu_ids]
    here = EndUser.objects.filter(environment_id=segment.environment_id, erased_at=None)
    known: dict[Key, int] = {
        (user_id, False): pk
        for user_id, pk in here.filter(user_id__in=user_ids).values_list("user_id", "pk")
        if user_id is not None
    }
    ours = here.filter(glu_id__in=glu_ids).values_list("glu_id", "pk", "merged_into_id")
    known |= {(str(glu_id), True): merged or pk for glu_id, pk, merged in ours}
    return sent, known


def _held(segment: Segment, pks: Sequence[int]) -> set[int]:
    rows = SegmentMember.objects.filter(environment_id=segment.environment_id, segment_id=segment.id)
    return set(rows.filter(user_id__in=pks).values_list("user_id", flat=True))


def _verdicts(
    people: Sequence[Key], known: dict[Key, int], held: set[int], words: tuple[str, str]
) -> list[Named]:
    """`words` for those who were in and who were not."""
    seen: set[int] = set()
    named = []
    for key in people:
        pk = known.get(key)
        if pk is None:
            verdict = UNKNOWN
        elif pk in seen:
            verdict = DUPLICATE
        else:
            verdict = words[0] if pk in held else words[1]
            seen.add(pk)
        named.append(Named(*key, verdict))
    return named
