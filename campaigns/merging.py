"""What a merge of two people means for campaigns: the visitor's participations count for the user.

Plays, wins and the plays of the day add up, so that limits hold for both together; the further
status and the newest day win; the state is put together by the campaign's type. The visitor's
row stays as it was, marked as folded, so that no play begins on it any more. All under the locks
that plays take, in order of the campaigns.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns import ways
from campaigns.eligibility import Progress
from campaigns.models import Participation
from campaigns.participations import PROGRESS, as_progress
from campaigns.types import all_types
from campaigns.types.base import State, merged_states
from glu_admin import hot
from users.records import dumps

FURTHER = list(Participation.Status.values)  # from pristine to completed

# waits for a play that runs, and then reads what it made
_LOCK = f"""
    SELECT p.campaign_id, p.id, c.type, {PROGRESS}
      FROM campaigns_participation p JOIN campaigns_campaign c ON c.id = p.campaign_id
     WHERE p.environment_id = %s AND p.user_id = %s AND p.campaign_id = ANY(%s::uuid[])
     ORDER BY p.campaign_id FOR NO KEY UPDATE OF p
"""
_TAKE = f"""
    SELECT p.campaign_id, p.id, c.type, {PROGRESS}
      FROM campaigns_participation p JOIN campaigns_campaign c ON c.id = p.campaign_id
     WHERE p.environment_id = %s AND p.user_id = %s AND p.folded_at IS NULL
     ORDER BY p.campaign_id FOR NO KEY UPDATE OF p
"""
_MAKE = """
    INSERT INTO campaigns_participation (environment_id, campaign_id, user_id, status, state,
           plays, plays_on_day, wins, created_at, updated_at)
    SELECT p.environment_id, p.campaign_id, %s, 'pristine', '{}', 0, 0, 0, %s, %s
      FROM campaigns_participation p
     WHERE p.environment_id = %s AND p.id = ANY(%s::bigint[])
     ORDER BY p.campaign_id
        ON CONFLICT (environment_id, user_id, campaign_id) DO NOTHING
"""
_WRITE = """
    UPDATE campaigns_participation
       SET status = %s, plays = %s, plays_on_day = %s, day = %s, wins = %s, state = %s::jsonb,
           extra_plays = %s, extra_used = %s, ways = %s::jsonb, updated_at = %s
     WHERE environment_id = %s AND id = %s
"""
_FOLDED = """
    UPDATE campaigns_participation SET folded_at = %s WHERE environment_id = %s AND id = ANY(%s::bigint[])
"""
_ENTRY_POINTS = """
    INSERT INTO campaigns_entrypointstate AS s
           (environment_id, entry_point_id, user_id, campaign_id, clicked, complete_state_viewed)
    SELECT environment_id, entry_point_id, %s, campaign_id, clicked, complete_state_viewed
      FROM campaigns_entrypointstate WHERE environment_id = %s AND user_id = %s
     ORDER BY entry_point_id, campaign_id
        ON CONFLICT (environment_id, user_id, entry_point_id, campaign_id) DO UPDATE
       SET clicked = s.clicked OR excluded.clicked,
           complete_state_viewed = s.complete_state_viewed OR excluded.complete_state_viewed
"""


def fold(environment_id: UUID, alias_pk: int, user_pk: int, now: datetime) -> None:
    """Count what the visitor did for the user. Called once, in the merge's transaction."""
    visitors = _by_campaign(hot.rows(_TAKE, [environment_id, alias_pk]))
    keys = [row[0] for row in visitors.values()]
    if visitors:
        hot.rows(_MAKE, [user_pk, now, now, environment_id, keys])
        users = _by_campaign(hot.rows(_LOCK, [environment_id, user_pk, list(visitors)]))
        for campaign_id, (_, slug, visitor) in visitors.items():
            pk, _, user = users[campaign_id]
            _write(environment_id, pk, merged(slug, user, visitor), now)
        hot.rows(_FOLDED, [now, environment_id, keys])
    hot.rows(_ENTRY_POINTS, [user_pk, environment_id, alias_pk])


def merged(slug: str, user: Progress, visitor: Progress) -> Progress:
    """The progress of both together. Pure."""
    day = max((each.day for each in (user, visitor) if each.day), default=None)
    return Progress(
        status=max(user.status, visitor.status, key=FURTHER.index),
        plays=user.plays + visitor.plays,
        plays_on_day=sum(each.plays_on_day for each in (user, visitor) if day and each.day == day),
        day=day,
        wins=user.wins + visitor.wins,
        state=_state(slug, user.state, visitor.state),
        extra_plays=user.extra_plays + visitor.extra_plays,
        extra_used=user.extra_used + visitor.extra_used,
        ways=ways.merged(user.ways, visitor.ways),
    )


def _state(slug: str, user: State, visitor: State) -> State:
    if not user or not visitor:
        return user or visitor
    kind = all_types().get(slug)  # the folder of an old campaign's type may be gone
    return kind.merge(user, visitor) if kind else merged_states(user, visitor)


def _by_campaign(rows: Sequence[Sequence[Any]]) -> Mapping[UUID, tuple[int, str, Progress]]:
    return {row[0]: (row[1], row[2], as_progress(row[3:])) for row in rows}


def _write(environment_id: UUID, pk: int, to: Progress, now: datetime) -> None:
    values = [to.status, to.plays, to.plays_on_day, to.day, to.wins, dumps(to.state)]
    values += [to.extra_plays, to.extra_used, dumps(to.ways), now]
    hot.rows(_WRITE, [*values, environment_id, pk])
