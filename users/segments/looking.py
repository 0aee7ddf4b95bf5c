"""Looks at people anew: who of them is in which kept segment now, and when time alone may change that.

The caller holds the lock of these people (turns.py), so that nobody else decides of them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from glu_admin.config import EnvironmentConfig
from users.models import Segment, SegmentMember
from users.segments import book as books
from users.segments import facts, members
from users.segments.book import SegmentEntry
from users.segments.facts import Facts
from users.segments.predicate import next_change

# What a rule, or what is known of somebody, can do to whoever evaluates it.
FAULTS = (DatabaseError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)
TRIED_ALONE = 20
_NEXT = """
INSERT INTO users_segmentcheck (environment_id, user_id, due_at)
SELECT %(environment)s, due.pk, due.at
FROM unnest(%(users)s::bigint[], %(moments)s::timestamptz[]) due (pk, at) ORDER BY due.pk
ON CONFLICT (environment_id, user_id) DO UPDATE SET due_at = excluded.due_at
WHERE users_segmentcheck.due_at > excluded.due_at
"""
log = structlog.get_logger("glu.segments")


@dataclass(frozen=True)
class Kept:
    """A kept segment as it is stored, and its rule."""

    segment: Segment
    entry: SegmentEntry


def kept(config: EnvironmentConfig, *, complete: bool = True) -> list[Kept]:
    """The segments by rules whose members are kept, as far as their rules can be followed."""
    book = books.of(config)
    rows = Segment.objects.filter(environment_id=config.id, kind=Segment.Kind.RULES, kept=True)
    rows = rows.filter(kept_since__isnull=not complete).order_by("id")
    # a rule that was changed since the book was written is counted when its turn comes
    found = ((row, book.inlined(row.id)) for row in rows)
    return [Kept(row, entry) for row, entry in found if entry and entry.data == row.rule]


def look(
    config: EnvironmentConfig,
    segments: Sequence[Kept],
    why: Mapping[int, str],
    *,
    now: datetime,
    quietly: bool = False,
) -> dict[int, datetime]:
    """Bring the members of these segments up to date, of the people in `why`; when to look again."""
    if not segments or not why:
        return {}
    needs = frozenset[str]().union(*(each.entry.needs for each in segments))
    known = facts.load(config, why, now=now, needs=needs)
    inside = _inside(config, segments, why)
    for each in segments:
        fits = {pk for pk, person in known.items() if each.entry.predicate(person)}
        there = inside.get(each.segment.id, set())
        for reason in sorted(set(why.values())):
            came = sorted(pk for pk in fits - there if why[pk] == reason)
            went = sorted(pk for pk in there - fits if why[pk] == reason)
            if came:
                members.add(each.segment, came, source="rule", why=reason, now=now, quietly=quietly)
            if went:
                members.remove(each.segment, went, why=reason, now=now, quietly=quietly)
    moments = {pk: _next_of(config, segments, person) for pk, person in known.items()}
    return {pk: moment for pk, moment in moments.items() if moment}


def _inside(
    config: EnvironmentConfig, segments: Sequence[Kept], user_pks: Collection[int]
) -> dict[object, set[int]]:
    rows = SegmentMember.objects.filter(
        environment_id=config.id,
        user_id__in=list(user_pks),
        segment_id__in=[each.segment.id for each in segments],
    )
    inside: dict[object, set[int]] = {}
    for segment_id, pk in rows.values_list("segment_id", "user_id"):
        inside.setdefault(segment_id, set()).add(pk)
    return inside


def _next_of(config: EnvironmentConfig, segments: Sequence[Kept], person: Facts) -> datetime | None:
    book = books.of(config)
    moments = (next_change(each.entry.sound_rule, person, book) for each in segments)
    return min((moment for moment in moments if moment), default=None)


def look_later(config: EnvironmentConfig, moments: Mapping[int, datetime]) -> None:
    """Have each of them looked at when their moment has come, unless they are before."""
    if moments:
        with connection.cursor() as cursor:
            cursor.execute(
                _NEXT,
                {
                    "environment": config.id,
                    "users": list(moments),
                    "moments": list(moments.values()),
                },
            )


def apart(run: Callable[[Sequence[int]], None], user_pks: Sequence[int], what: str) -> list[int]:
    """Run it for all of them at once, or if that fails for each alone; for whom it fails.

    What is the database's fault is nobody's: it is raised.
    """
    try:
        with transaction.atomic():
            run(user_pks)
    except (OperationalError, InterfaceError):
        raise
    except FAULTS as fault:
        if len(user_pks) == 1:
            log.warning("segments.look_failed", what=what, user=user_pks[0], error=_first_line(fault))
            return list(user_pks)
    else:
        return []
    failed: list[int] = []
    for place, pk in enumerate(user_pks):
        if place == TRIED_ALONE == len(failed):  # then it is not the people
            return list(user_pks)
        failed += apart(run, [pk], what)
    return failed


def _first_line(fault: Exception) -> str:
    return f"{type(fault).__name__}: {str(fault).partition(chr(10))[0][:200]}"
