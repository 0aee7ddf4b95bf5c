"""Keeps who did what and who is in which segment: told by the drain, and by time that passes.

The drain notes whose answers may have changed, in its own transaction, and lets people through
the doors of events' segments; the sweep counts anew of whom something was noted, or whose time
has come, and moves them. It runs each second and when the drain rings. Counted is from the
events themselves, so that late, double and merged ones come right, and a killed sweep repeats.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache

import orjson
import structlog
from django.db import connection, transaction

from glu_admin.config import EnvironmentConfig
from glu_admin.doorbell import Doorbell
from users.events.subscribers import Happened
from users.segments import behaviour, checks
from users.segments import entry as entries
from users.segments.comparisons import Moment
from users.segments.entering import Door, pass_through
from users.segments.models import Segment
from users.segments.parse import parse
from users.segments.rule import Did, RuleError

_bell = Doorbell("users.tasks.sweep_segments", queue="interactive")
# Asked of the database, not of the cache: what began to be kept before this drain took its
# shard is seen, so filling.py counts all that no drain notes, and nothing is missed in between.
_ASKED = """
SELECT id, condition::text, NULL::uuid, NULL, NULL::bool FROM users_keptbehaviour
WHERE environment_id = %(env)s
UNION ALL
SELECT NULL, entry::text, id, name, notify FROM users_segment
WHERE environment_id = %(env)s AND kind = 'event'
"""
# The people first: whoever changes one of them at this moment has that lock first, too.
_NOTE = f"""
WITH noted AS (
    SELECT * FROM unnest(%(users)s::bigint[], %(behaviours)s::bigint[]) AS noted (user_id, behaviour_id)
), people AS MATERIALIZED (
    SELECT id FROM users_enduser WHERE environment_id = %(environment)s AND id = ANY(%(users)s::bigint[])
    ORDER BY id FOR KEY SHARE
)
INSERT INTO users_behaviourstate AS state (environment_id, user_id, behaviour_id, differs, check_at)
SELECT %(environment)s, people.id, noted.behaviour_id, false, {checks.AT_ONCE}
FROM noted JOIN people ON people.id = noted.user_id ORDER BY people.id, noted.behaviour_id
ON CONFLICT (environment_id, user_id, behaviour_id) DO UPDATE SET check_at = excluded.check_at
WHERE state.check_at IS DISTINCT FROM excluded.check_at
"""
log = structlog.get_logger("glu.segments")


def ring() -> None:
    """Call it after the commit. Never waits and never raises."""
    _bell.ring()


def heard(config: EnvironmentConfig, events: Sequence[Happened]) -> None:
    """The subscriber."""
    kept, doors = _asked(config)
    if not kept and not doors:
        return
    now = max(event.received_at for event in events)
    notes = _notes(config, kept, events, now)
    if notes:
        with connection.cursor() as cursor:
            cursor.execute(
                _NOTE,
                {
                    "environment": config.id,
                    "users": [user_pk for user_pk, _ in notes],
                    "behaviours": [behaviour_id for _, behaviour_id in notes],
                },
            )
    if pass_through(config, doors, events, now=now) or notes:
        transaction.on_commit(ring)


def doors_of(config: EnvironmentConfig) -> list[Door]:
    """The segments that are entered by events."""
    return _asked(config)[1]


def _asked(config: EnvironmentConfig) -> tuple[list[tuple[int, Did]], list[Door]]:
    kept: list[tuple[int, Did]] = []
    doors: list[Door] = []
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, {"env": config.id})
        rows = cursor.fetchall()
    for behaviour_id, text, segment_id, name, notify in rows:
        if segment_id is None:
            did = condition_of(text)
            kept += [(behaviour_id, did)] if did else []
        elif entry := _entry_of(text):
            kind = Segment.Kind.EVENT
            segment = Segment(id=segment_id, environment_id=config.id, name=name, kind=kind, notify=notify)
            doors.append(Door(segment, entry))
    return kept, doors


@lru_cache(maxsize=4_096)
def condition_of(text: str) -> Did | None:
    """A kept condition; None if it can't be read any more, so that its answers stay as they are."""
    try:
        rule = parse(orjson.loads(text))
    except RuleError as fault:
        log.warning("segments.condition_unreadable", error=str(fault))
        return None
    return rule if isinstance(rule, Did) else None


@lru_cache(maxsize=4_096)
def _entry_of(text: str) -> entries.Entry | None:
    try:
        return entries.parse(orjson.loads(text))
    except RuleError as fault:
        log.warning("segments.entry_unreadable", error=str(fault))
        return None


def _notes(
    config: EnvironmentConfig, kept: Iterable[tuple[int, Did]], events: Sequence[Happened], now: datetime
) -> list[tuple[int, int]]:
    """Who did what a condition counts: (person, condition), each once."""
    by_name: dict[str, list[Happened]] = {}
    for event in events:
        by_name.setdefault(event.name, []).append(event)
    clock = Moment(now, config.zone)
    notes: set[tuple[int, int]] = set()
    for behaviour_id, did in kept:
        if did.event in by_name:
            fits = behaviour.fits(did, clock)
            notes.update((event.user_pk, behaviour_id) for event in by_name[did.event] if fits(event))
    return sorted(notes)
