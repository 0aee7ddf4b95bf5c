"""Participations as the drain moves them: many people's, locked in one order, written at once.

They serve progress.py alone. Locks are taken by person and campaign, in the order of a merge; a play
holds just one. Nobody is entered who is about to become somebody else.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import OperationalError

from campaigns.eligibility import Progress
from campaigns.participations import PROGRESS, as_progress, dump
from glu_admin import hot
from glu_admin.config import EnvironmentConfig

Key = tuple[int, UUID]  # person and campaign

_LOCK = f"""
SELECT p.user_id, p.campaign_id, p.id, p.folded_at IS NOT NULL, {PROGRESS}
  FROM campaigns_participation p
  JOIN unnest(%(users)s::bigint[], %(campaigns)s::uuid[]) AS wanted (user_id, campaign_id)
    ON p.user_id = wanted.user_id AND p.campaign_id = wanted.campaign_id
 WHERE p.environment_id = %(environment)s
 ORDER BY p.user_id, p.campaign_id FOR NO KEY UPDATE OF p
"""
# FOR SHARE waits for a merge or an erasure, and then sees that there is nobody to enter
_ENTER = """
WITH people AS MATERIALIZED (
    SELECT id FROM users_enduser
     WHERE environment_id = %(environment)s AND id = ANY(%(users)s::bigint[]) AND merged_into_id IS NULL
       AND erased_at IS NULL
     ORDER BY id FOR SHARE
)
INSERT INTO campaigns_participation (environment_id, campaign_id, user_id, status, state,
       plays, plays_on_day, wins, created_at, updated_at)
SELECT %(environment)s, wanted.campaign_id, people.id, 'pristine', wanted.state::jsonb, 0, 0, 0,
       %(now)s, %(now)s
  FROM unnest(%(users)s::bigint[], %(campaigns)s::uuid[], %(states)s::text[])
       AS wanted (user_id, campaign_id, state)
  JOIN people ON people.id = wanted.user_id
 ORDER BY people.id, wanted.campaign_id
    ON CONFLICT (environment_id, user_id, campaign_id) DO NOTHING
"""
# A play that has read the row tells by its moment that it was changed.
_WRITE = """
UPDATE campaigns_participation p
   SET status = moved.status, state = moved.state::jsonb, extra_plays = moved.extra_plays,
       ways = moved.ways::jsonb, updated_at = greatest(%(now)s, p.updated_at + interval '1 microsecond')
  FROM unnest(%(ids)s::bigint[], %(statuses)s::text[], %(states)s::text[], %(extra)s::int[],
              %(ways)s::text[]) AS moved (id, status, state, extra_plays, ways)
 WHERE p.environment_id = %(environment)s AND p.id = moved.id
"""


class FoldedMeanwhile(OperationalError):
    """A visitor became a user while the events were in hand: the next drain finds the user."""


@dataclass(frozen=True)
class Track:
    """A locked participation."""

    id: int
    progress: Progress


def lock(config: EnvironmentConfig, keys: Collection[Key]) -> dict[Key, Track]:
    """The participations that are there, locked for the caller's transaction; raises FoldedMeanwhile."""
    rows = hot.rows(_LOCK, _wanted(config, sorted(keys)))
    if any(row[3] for row in rows):
        raise FoldedMeanwhile
    return {(row[0], row[1]): Track(row[2], as_progress(row[4:])) for row in rows}


def enter(config: EnvironmentConfig, states: Mapping[Key, Mapping[str, Any]], now: datetime) -> None:
    """Make the participations that are not there yet."""
    keys = sorted(states)
    values = _wanted(config, keys) | {"states": [dump(states[key]) for key in keys], "now": now}
    hot.rows(_ENTER, values)


def write(config: EnvironmentConfig, moved: Sequence[tuple[Track, Progress]], now: datetime) -> None:
    """What became of locked participations."""
    values = {
        "environment": config.id,
        "ids": [track.id for track, _ in moved],
        "statuses": [after.status for _, after in moved],
        "states": [dump(after.state) for _, after in moved],
        "extra": [after.extra_plays for _, after in moved],
        "ways": [orjson.dumps(after.ways).decode() for _, after in moved],
        "now": now,
    }
    hot.rows(_WRITE, values)


def _wanted(config: EnvironmentConfig, keys: Sequence[Key]) -> dict[str, Any]:
    return {
        "environment": config.id,
        "users": [user_pk for user_pk, _ in keys],
        "campaigns": [campaign_id for _, campaign_id in keys],
    }
