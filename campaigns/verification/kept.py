"""What is kept of people is what is counted anew: answers of behaviour, and members of segments.

Of each, a sample: the people with the lowest and the highest keys. Who waits for the drain or
the sweep at this moment is passed over.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

import orjson
from django.db import connection
from django.utils import timezone

from campaigns.verification.invariants import Invariant
from glu_admin import config as configs
from glu_admin.config import EnvironmentConfig
from users.models import BehaviourState, KeptBehaviour, Segment, SegmentMember
from users.segments import facts, keeping, looking, recount

SAMPLE = 500
_PEOPLE = """
SELECT u.id FROM (
    (SELECT id FROM users_enduser WHERE environment_id = %(environment)s AND merged_into_id IS NULL
        AND erased_at IS NULL ORDER BY id LIMIT %(sample)s)
    UNION
    (SELECT id FROM users_enduser WHERE environment_id = %(environment)s AND merged_into_id IS NULL
        AND erased_at IS NULL ORDER BY id DESC LIMIT %(sample)s)
) u
WHERE NOT EXISTS (SELECT FROM users_behaviourstate state WHERE state.environment_id = %(environment)s
        AND state.user_id = u.id AND state.check_at <= %(now)s)
    AND NOT EXISTS (SELECT FROM users_segmentcheck c WHERE c.environment_id = %(environment)s
        AND c.user_id = u.id AND c.due_at <= %(now)s)
    AND NOT EXISTS (SELECT FROM users_segmentmember m WHERE m.environment_id = %(environment)s
        AND m.user_id = u.id AND m.leaves_at <= %(now)s)
    AND NOT EXISTS (SELECT FROM users_pendingevent p JOIN users_event e
        ON e.id = p.event_id AND e.received_at = p.received_at
        LEFT JOIN users_enduser a ON a.id = e.user_id
        WHERE coalesce(a.merged_into_id, e.user_id) = u.id)
"""


def _environments() -> Iterator[tuple[EnvironmentConfig, datetime, list[int]]]:
    now = timezone.now()
    kept = KeptBehaviour.objects.values_list("environment_id", flat=True)
    segments = Segment.objects.filter(kept=True).values_list("environment_id", flat=True)
    environments: set[UUID] = {*kept.distinct(), *segments.distinct()}
    for environment_id in sorted(environments):
        config = configs.get(environment_id)
        if config is not None:
            with connection.cursor() as cursor:
                cursor.execute(_PEOPLE, {"environment": environment_id, "sample": SAMPLE, "now": now})
                yield config, now, [pk for (pk,) in cursor.fetchall()]


def _behaviour() -> tuple[int, Iterable[str]]:
    checked, wrong = 0, []
    for config, now, people in _environments():
        for kept in KeptBehaviour.objects.filter(environment_id=config.id, ready_at__isnull=False):
            did = keeping.condition_of(orjson.dumps(kept.condition).decode())
            if did is None:
                continue
            rows = BehaviourState.objects.filter(environment_id=config.id, behaviour=kept, user_id__in=people)
            stored = set(rows.filter(differs=True).values_list("user_id", flat=True))
            found = recount.of(config, did, people, now=now)
            counted = {pk for pk, state in found.items() if state.differs}
            wrong += [f"{pk} {kept}" for pk in sorted(stored ^ counted)]
            checked += len(people)
    return checked, wrong


def _segments() -> tuple[int, Iterable[str]]:
    checked, wrong = 0, []
    for config, now, people in _environments():
        segments = looking.kept(config)
        needs = frozenset[str]().union(*(each.entry.needs for each in segments))
        known = facts.load(config, people, now=now, needs=needs) if segments else {}
        for each in segments:
            rows = SegmentMember.objects.filter(
                environment_id=config.id, segment=each.segment, user_id__in=people
            )
            stored = set(rows.values_list("user_id", flat=True))
            fits = {pk for pk, person in known.items() if each.entry.predicate(person)}
            wrong += [f"{pk} {each.segment.id}" for pk in sorted(stored ^ fits)]
            checked += len(people)
    return checked, wrong


INVARIANTS = [
    Invariant("segments.behaviour", "Kept answers of behaviour are what the events say.", _behaviour),
    Invariant("segments.kept", "The members of a kept segment are those whom its rule fits.", _segments),
]
