"""What a person's timeline tells of campaigns: how far the person came, and each play.

A person's plays are few beside everybody's, so a page reads all of them along the index of
their user.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from glu_admin.workspaces.models import Environment
from users.history import timeline
from users.history.timeline import Entry

CAMPAIGN, PLAY = "campaign", "play"

# MATERIALIZED: else the planner may walk everybody's plays backwards, hoping to meet this person soon
_PLAYS = """
WITH mine AS MATERIALIZED (
    SELECT p.id, p.played_at, p.campaign_id, p.attempt, p.reward_id, p.variant_id, p.occasion
      FROM campaigns_play p WHERE p.environment_id = %(environment)s AND p.user_id = ANY(%(pks)s)
)
SELECT mine.id, mine.played_at, mine.campaign_id, mine.attempt, mine.reward_id, c.name, v.name, mine.occasion
  FROM mine JOIN campaigns_campaign c ON c.id = mine.campaign_id
  LEFT JOIN rewards_variant v ON v.id = mine.variant_id
 WHERE (mine.played_at, mine.id) < (%(before)s, %(before_id)s)
 ORDER BY mine.played_at DESC, mine.id DESC LIMIT %(limit)s
"""
# one row when somebody came into a campaign, and one when they had done all there is to do
_STATES = """
WITH mine AS MATERIALIZED (
    SELECT * FROM campaigns_participation
     WHERE environment_id = %(environment)s AND user_id = ANY(%(pks)s)
)
SELECT state.at, state.number, mine.campaign_id, mine.status, mine.plays, mine.wins, c.name
  FROM mine JOIN campaigns_campaign c ON c.id = mine.campaign_id
 CROSS JOIN LATERAL (VALUES
       (mine.created_at, mine.id * 2, true),
       (mine.updated_at, mine.id * 2 + 1, mine.status = 'completed')
       ) state (at, number, is_told)
 WHERE state.is_told AND (state.at, state.number) < (%(before)s, %(before_id)s)
 ORDER BY state.at DESC, state.number DESC LIMIT %(limit)s
"""


def register() -> None:
    timeline.register(CAMPAIGN, "Campaigns", campaigns)
    timeline.register(PLAY, "Plays", plays)


def campaigns(environment: Environment, pks: Sequence[int], after: str | None, limit: int) -> list[Entry]:
    """Which campaigns the person came into, and which are completed."""
    at, key = timeline.moment(after)
    values = {"before": at, "before_id": min(key.int, 2**63 - 1), "limit": limit}
    return [_state(row) for row in _rows(_STATES, environment, pks, values)]


def plays(environment: Environment, pks: Sequence[int], after: str | None, limit: int) -> list[Entry]:
    """Each play and its outcome."""
    at, key = timeline.moment(after)
    values = {"before": at, "before_id": key, "limit": limit}
    return [_play(row) for row in _rows(_PLAYS, environment, pks, values)]


def _rows(
    statement: str, environment: Environment, pks: Sequence[int], values: dict[str, Any]
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values | {"environment": environment.id, "pks": list(pks)})
        return list(cursor.fetchall())


def _state(row: tuple[Any, ...]) -> Entry:
    at, number, campaign_id, status, plays, wins, name = row
    detail = {"campaignId": str(campaign_id), "name": name, "status": status, "plays": plays, "wins": wins}
    title = f"Completed {name}" if number % 2 else f"Came into {name}"
    return Entry(at, CAMPAIGN, title, detail, timeline.moment_ref(at, UUID(int=number)))


def _play(row: tuple[Any, ...]) -> Entry:
    play_id, at, campaign_id, attempt, reward_id, name, outcome, occasion = row
    detail = {
        "playId": str(play_id),
        "campaignId": str(campaign_id),
        "name": name,
        "attempt": attempt,
        "outcome": outcome,
        "occasion": occasion,
        "rewardId": reward_id and str(reward_id),
    }
    return Entry(at, PLAY, f"Played {name}", detail, timeline.moment_ref(at, play_id))
