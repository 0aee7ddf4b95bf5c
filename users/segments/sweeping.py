"""The sweep: counts anew what was noted or is due, and moves people in and out of segments.

Each second, and when the drain rings. With nothing due it asks three indexes and ends. Each
transaction takes some people of one shard; whom a fault concerns waits for some minutes, and
keeps the last good answer.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from glu_admin import config as configs
from glu_admin.config import EnvironmentConfig
from users.events.shards import SHARDS
from users.models import EndUser, Segment
from users.segments import folding, keeping, looking, members, recount, turns
from users.segments.entering import look_again
from users.segments.rule import Did

AT_ONCE = 500
LATER = timedelta(minutes=5)
NOTED = datetime(1970, 1, 1, tzinfo=UTC)  # checks.AT_ONCE: somebody did or changed something

_DUE = f"""
SELECT DISTINCT environment_id, (user_id %% {SHARDS})::int FROM (
    (SELECT environment_id, user_id FROM users_behaviourstate
     WHERE check_at <= %(now)s ORDER BY check_at LIMIT %(limit)s)
    UNION ALL
    (SELECT environment_id, user_id FROM users_segmentcheck
     WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(limit)s)
    UNION ALL
    (SELECT environment_id, user_id FROM users_segmentmember
     WHERE leaves_at <= %(now)s ORDER BY leaves_at LIMIT %(limit)s)
) due
"""
_MINE = f"environment_id = %(environment)s AND user_id %% {SHARDS} = %(shard)s"
# What is noted of them meanwhile waits for us, and is due after us again.
_STATES = f"""
SELECT state.user_id, state.behaviour_id, state.differs, state.check_at, kept.condition::text
FROM users_behaviourstate state JOIN users_keptbehaviour kept ON kept.id = state.behaviour_id
WHERE (state.environment_id, state.user_id, state.behaviour_id) IN (
    SELECT environment_id, user_id, behaviour_id FROM users_behaviourstate
    WHERE check_at <= %(now)s AND {_MINE} ORDER BY check_at LIMIT %(limit)s)
ORDER BY state.user_id, state.behaviour_id FOR UPDATE OF state
"""
_CHECKS = f"""
SELECT user_id, due_at FROM users_segmentcheck
WHERE (environment_id, user_id) IN (
    SELECT environment_id, user_id FROM users_segmentcheck
    WHERE due_at <= %(now)s AND {_MINE} ORDER BY due_at LIMIT %(limit)s)
ORDER BY user_id FOR UPDATE
"""
_EXPIRED = f"""
SELECT user_id, segment_id FROM users_segmentmember
WHERE leaves_at <= %(now)s AND {_MINE} ORDER BY leaves_at LIMIT %(limit)s
"""
_WRITE = """
WITH found AS (
    SELECT * FROM unnest(%(users)s::bigint[], %(differs)s::bool[], %(moments)s::timestamptz[])
        AS found (user_id, differs, check_at)
), written AS (
    UPDATE users_behaviourstate state SET differs = found.differs, check_at = found.check_at FROM found
    WHERE state.environment_id = %(environment)s AND state.user_id = found.user_id
        AND state.behaviour_id = %(behaviour)s AND (found.differs OR found.check_at IS NOT NULL)
)
DELETE FROM users_behaviourstate state USING found
WHERE state.environment_id = %(environment)s AND state.user_id = found.user_id
    AND state.behaviour_id = %(behaviour)s AND NOT found.differs AND found.check_at IS NULL
"""
_POSTPONE_STATES = """
UPDATE users_behaviourstate SET check_at = %(later)s
WHERE environment_id = %(environment)s AND behaviour_id = %(behaviour)s AND user_id = ANY(%(users)s)
"""
_CHECKED = """
DELETE FROM users_segmentcheck WHERE environment_id = %(environment)s AND user_id = ANY(%(users)s)
"""
_GONE = "DELETE FROM users_behaviourstate WHERE environment_id = %(environment)s AND user_id = %(user)s"
log = structlog.get_logger("glu.segments")


@dataclass
class _Due:
    """What is to be counted of one condition: whose answer differed, and when it was due."""

    did: Did | None
    people: dict[int, tuple[bool, datetime]] = field(default_factory=dict)


@dataclass
class _Turn:
    """Some people of one shard, under its lock. `why` says for what reason each may move."""

    config: EnvironmentConfig
    shard: int
    now: datetime
    limit: int
    why: dict[int, str] = field(default_factory=dict)

    def rows(self, sql: str, **more: object) -> list[tuple[object, ...]]:
        values: dict[str, object] = {
            "environment": self.config.id,
            "shard": self.shard,
            "now": self.now,
            "limit": self.limit,
        }
        with connection.cursor() as cursor:
            cursor.execute(sql, values | more)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


def sweep(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Some of what is due, of each shard that has something; how much it was. 0: nothing is left."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "limit": limit})
        due = cursor.fetchall()
    done = 0
    for environment_id, shard in sorted(due, key=str):
        config = configs.get(environment_id)
        if config is not None:
            done += _take_turn(config, shard, now, limit)
    return done


def _take_turn(config: EnvironmentConfig, shard: int, now: datetime, limit: int) -> int:
    try:
        with transaction.atomic():
            if not turns.try_take(config.id, shard):
                return 0
            return _do(_Turn(config, shard, now, limit))
    except (OperationalError, InterfaceError) as fault:
        if connection.in_atomic_block:
            raise
        log.warning("segments.sweep_aborted", shard=shard, error=str(fault).partition("\n")[0])
        connection.close_if_unusable_or_obsolete()
        return 0


def _do(turn: _Turn) -> int:
    due = turn.rows(_STATES)
    done = len(due)
    behaviours: dict[int, _Due] = {}
    aliases = _aliases(turn.config.id, {int(str(row[0])) for row in due})
    for user_pk, behaviour_id, differs, check_at, text in due:
        if user_pk not in aliases:
            known = behaviours.setdefault(behaviour_id, _Due(keeping.condition_of(text)))  # type: ignore[arg-type]
            known.people[user_pk] = differs, check_at  # type: ignore[index,assignment]
    for behaviour_id, each in sorted(behaviours.items()):
        _count(turn, behaviour_id, each)
    done += _let_out(turn)
    checked: dict[int, datetime] = dict(turn.rows(_CHECKS))  # type: ignore[arg-type]
    aliases |= _aliases(turn.config.id, checked)
    for pk, due_at in checked.items():
        turn.why.setdefault(pk, "attribute" if due_at == NOTED else "time")
    _look(turn, checked)
    for alias, (user_pk, is_erased) in sorted(aliases.items()):
        if is_erased:
            turn.rows(_GONE, user=alias)
        else:
            folding.fold_late(turn.config.id, alias, user_pk, turn.now)
    return done + len(checked)


def _aliases(environment_id: UUID, user_pks: Iterable[int]) -> dict[int, tuple[int, bool]]:
    """Those who became somebody else, with whom, and those who were erased."""
    rows = EndUser.objects.filter(environment_id=environment_id, pk__in=list(user_pks))
    gone = rows.exclude(merged_into__isnull=True, erased_at__isnull=True)
    found = gone.values_list("pk", "merged_into_id", "erased_at")
    return {pk: (merged_into or pk, erased_at is not None) for pk, merged_into, erased_at in found}


def _count(turn: _Turn, behaviour_id: int, due: _Due) -> None:
    """The answers to one condition; of whom it can't be counted, the last one stays for a while."""
    did = due.did
    values = {"behaviour": behaviour_id, "later": turn.now + LATER}
    if did is None:
        turn.rows(_POSTPONE_STATES, users=list(due.people), **values)
        return

    def run(user_pks: Sequence[int]) -> None:
        found = recount.of(turn.config, did, user_pks, now=turn.now)
        states = [found.get(pk, recount.State(pk, False, None)) for pk in user_pks]
        turn.rows(
            _WRITE,
            users=list(user_pks),
            differs=[each.differs for each in states],
            moments=[each.check_at for each in states],
            behaviour=behaviour_id,
        )
        for each in states:
            differed, check_at = due.people[each.user_pk]
            if each.differs != differed:
                turn.why[each.user_pk] = "event" if check_at == NOTED else "time"

    failed = looking.apart(run, sorted(due.people), f"behaviour {behaviour_id}")
    if failed:
        turn.rows(_POSTPONE_STATES, users=failed, **values)


def _let_out(turn: _Turn) -> int:
    """Of events' segments, whose time is over."""
    over: defaultdict[UUID, list[int]] = defaultdict(list)
    rows = turn.rows(_EXPIRED)
    for user_pk, segment_id in rows:
        over[segment_id].append(user_pk)  # type: ignore[index,arg-type]
    for segment in Segment.objects.filter(environment_id=turn.config.id, id__in=list(over)).order_by("id"):
        members.remove(segment, sorted(over[segment.id]), why="time", now=turn.now, expired=True)
    return len(rows)


def _look(turn: _Turn, checked: Collection[int]) -> None:
    """Move whom something was found out of, and say when to look again."""
    segments = looking.kept(turn.config)
    moments: dict[int, datetime] = {}

    def run(user_pks: Sequence[int]) -> None:
        why: Mapping[int, str] = {pk: turn.why[pk] for pk in user_pks}
        look_again(turn.config, keeping.doors_of(turn.config), user_pks, now=turn.now)
        moments.update(looking.look(turn.config, segments, why, now=turn.now))

    people = sorted(turn.why.keys() - _aliases(turn.config.id, turn.why).keys())
    failed = looking.apart(run, people, "segments") if people else []
    turn.rows(_CHECKED, users=list(checked))  # ours, so that nobody has changed them since
    again = {pk: moment for pk, moment in moments.items() if pk not in failed}
    looking.look_later(turn.config, again | dict.fromkeys(failed, turn.now + LATER))
