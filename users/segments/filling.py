"""Counts the past of what has begun to be kept: behaviour from all events, segments from all people.

What the drain had in hand before it knew of a condition is in the log when the counting
begins, and what it takes after that is noted: nothing is missed, and what is counted twice
gives the same. Killed, it begins anew.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import orjson
import structlog
from django.db import connection, transaction

from glu_admin import config as configs
from glu_admin.config import EnvironmentConfig
from glu_admin.workspaces.models import Environment
from users.events.shards import SHARDS
from users.models import EndUser, KeptBehaviour, Segment, SegmentMember
from users.segments import book as books
from users.segments import demand, keeping, looking, recount, turns
from users.segments.checks import expanded
from users.segments.looking import Kept
from users.segments.parse import digest
from users.segments.rule import Did

# By then every process has the version of the environment that says what is kept.
SETTLED = timedelta(seconds=3)
CHUNK = 500
TRIES = 5

_FILL = """
INSERT INTO users_behaviourstate AS state (environment_id, user_id, behaviour_id, differs, check_at)
SELECT %(environment)s, found.person, %(behaviour)s, found.differs, found.check_at
FROM ({found}) found (person, differs, check_at)
JOIN users_enduser u ON u.environment_id = %(environment)s AND u.id = found.person AND u.erased_at IS NULL
WHERE found.differs OR found.check_at IS NOT NULL
ORDER BY found.person
ON CONFLICT (environment_id, user_id, behaviour_id) DO UPDATE SET differs = excluded.differs,
    check_at = least(state.check_at, excluded.check_at)
"""
log = structlog.get_logger("glu.segments")
_watched: dict[object, int] = {}  # the version of each environment that needs no more looking at


def run(*, now: datetime) -> None:
    """For the beat: all environments, as far as anything has changed in one."""
    for environment_id in Environment.objects.order_by("id").values_list("id", flat=True):
        config = configs.get(environment_id)
        if config is not None and _watched.get(config.id) != config.version:
            if settle(config, now=now):
                _watched[config.id] = config.version
            else:
                _watched.pop(config.id, None)


def settle(config: EnvironmentConfig, *, now: datetime) -> bool:
    """Keep what is to be kept now, and count its past; whether nothing is left to do.

    Call it after the commit of what changed the demand to have it at once: the beat would
    within seconds.
    """
    for _ in range(TRIES):
        if not demand.watch(config, now=now):
            break
        configs.forget()  # for the version that we have just made
        found = configs.get(config.id)
        if found is None:
            return True
        config = found
    behaviours = KeptBehaviour.objects.filter(environment_id=config.id, ready_at__isnull=True)
    for kept in behaviours.order_by("id"):
        _count(config, kept, now)
    ready = KeptBehaviour.objects.filter(environment_id=config.id, ready_at__isnull=False)
    digests = frozenset(ready.values_list("digest", flat=True))
    waiting = False
    for each in looking.kept(config, complete=False):
        if _may_begin(config, each, digests, now):
            fill(config, each, now=now)
        else:
            waiting = True
    return not waiting


def _count(config: EnvironmentConfig, kept: KeptBehaviour, now: datetime) -> None:
    """The answers of everybody who did anything that counts."""
    did = keeping.condition_of(orjson.dumps(kept.condition).decode())
    if did is None:
        return
    _let_drains_pass()
    sql, values = recount.select(config, did, None, now=now)
    values |= {"environment": config.id, "behaviour": kept.pk}
    with transaction.atomic():
        turns.take(config.id)  # no sweep is to delete what we have counted a moment before
        with connection.cursor() as cursor:
            cursor.execute(_FILL.format(found=sql), values)
            counted = cursor.rowcount
        KeptBehaviour.objects.filter(environment_id=config.id, pk=kept.pk).update(ready_at=now)
    log.info("segments.behaviour_counted", behaviour=kept.pk, people=counted)


def _let_drains_pass() -> None:
    """Those that begin after this see what is kept; all others have ended, with what they took."""
    for shard in range(SHARDS):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM users_shard WHERE number = %s FOR UPDATE", [shard])


def _may_begin(config: EnvironmentConfig, each: Kept, ready: frozenset[str], now: datetime) -> bool:
    kept_at = each.segment.kept_at
    rules = expanded(each.entry.sound_rule, books.of(config))
    needed = {digest(leaf) for leaf in rules if isinstance(leaf, Did)}
    return kept_at is not None and kept_at + SETTLED <= now and needed <= ready


def fill(config: EnvironmentConfig, kept: Kept, *, now: datetime) -> None:
    """Bring a segment's members up to date, person by person; nobody is told of the first filling."""
    members = SegmentMember.objects.filter(environment_id=config.id, segment=kept.segment)
    is_first = not members.exists()
    for people in _people(config):
        with transaction.atomic():
            turns.take(config.id, turns.of(people))
            moments = looking.look(config, [kept], dict.fromkeys(people, "rule"), now=now, quietly=is_first)
            looking.look_later(config, moments)
    rows = Segment.objects.filter(environment_id=config.id, id=kept.segment.id)
    rows.filter(kept_digest=kept.segment.kept_digest, kept=True).update(kept_since=now)
    log.info("segments.filled", segment=str(kept.segment.id), members=members.count())


def _people(config: EnvironmentConfig) -> Iterator[Sequence[int]]:
    last = 0
    while True:
        rows = EndUser.objects.filter(environment_id=config.id, pk__gt=last)
        rows = rows.filter(merged_into__isnull=True, erased_at__isnull=True).order_by("pk")
        people = list(rows.values_list("pk", flat=True)[:CHUNK])
        if not people:
            return
        yield people
        last = people[-1]
