"""One earning becomes one play, in the caller's transaction.

The earning's own row is locked already, and nothing here waits while others may wait for it: a
participation that is in somebody else's hands is left for the next time.
"""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from django.db import transaction

from campaigns import answers, claims, consequences, eligibility, internal
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import Progress
from campaigns.participations import PROGRESS, as_progress, dump
from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from rewards import award as awards
from rewards.award import Award
from rewards.ledger import Claimant
from users import people
from users.people import Person

EARNED = "✓ "  # no app can send this in a key, so none takes the place of an earning
_SEAT = f"""
SELECT p.id, {PROGRESS} FROM campaigns_participation p
 WHERE p.environment_id = %(environment)s AND p.user_id = %(user)s AND p.campaign_id = %(campaign)s
   AND p.folded_at IS NULL
   FOR NO KEY UPDATE SKIP LOCKED
"""
# also what was settled for the visitor before a merge
_SETTLED = """
SELECT EXISTS (
    SELECT FROM users_enduser u
      JOIN campaigns_participation p
        ON p.environment_id = u.environment_id AND p.user_id = u.id AND p.campaign_id = %(campaign)s
      JOIN campaigns_play y ON y.participation_id = p.id AND y.idempotency_key = %(key)s
     WHERE u.environment_id = %(environment)s AND (u.id = %(user)s OR u.merged_into_id = %(user)s))
"""
_FORGET = "DELETE FROM campaigns_earning WHERE environment_id = %s AND id = %s"
_WRITE = """
WITH open AS MATERIALIZED (
    SELECT c.id FROM campaigns_campaign c
     WHERE c.environment_id = %(environment)s AND c.id = %(campaign)s AND c.version = %(version)s
       AND c.status IN ('live', 'ended')
       FOR KEY SHARE OF c
), counted AS (
    UPDATE campaigns_participation p
       SET plays = %(plays)s, plays_on_day = %(plays_on_day)s, day = %(day)s, wins = %(wins)s,
           extra_plays = %(extra_plays)s, extra_used = %(extra_used)s,
           updated_at = greatest(%(now)s, p.updated_at + interval '1 microsecond')
      FROM open WHERE p.environment_id = %(environment)s AND p.id = %(participation)s
    RETURNING p.id
), made AS (
    INSERT INTO campaigns_play (id, environment_id, participation_id, campaign_id, user_id, attempt,
           idempotency_key, fingerprint, campaign_version, occasion, variant_id, ticket, reward_id,
           answer, local_day, played_at)
    SELECT %(play)s, %(environment)s, counted.id, %(campaign)s, %(user)s, %(plays)s,
           %(key)s, %(fingerprint)s, %(version)s, %(occasion)s, %(variant)s, %(ticket)s, %(reward)s,
           %(answer)s::jsonb, %(day)s, %(now)s
      FROM counted
    RETURNING id
), gone AS (
    DELETE FROM campaigns_earning e USING made
     WHERE e.environment_id = %(environment)s AND e.id = %(earning)s
    RETURNING e.id
)
SELECT count(*) FROM gone
"""


class Changed(Exception):
    """The campaign is another version now, or paused: nothing is written."""


@dataclass(frozen=True)
class Seat:
    """The locked participation of whoever is to be paid."""

    id: int
    person: Person
    before: Progress


@dataclass(frozen=True)
class Due:
    """An earning, as its row says it."""

    id: int
    user_pk: int
    occasion: str
    cause: str
    details: str
    earned_at: datetime

    @property
    def key(self) -> str:
        """The idempotency key of the play that it becomes."""
        return f"{EARNED}{self.cause} {self.occasion}"


def settle(config: EnvironmentConfig, campaign: CatalogCampaign, due: Due, *, now: datetime) -> bool:
    """Whether the earning is settled; else it waits for whoever has the participation. Raises Changed."""
    person = people.by_keys(config.id, [due.user_pk]).get(due.user_pk)
    if person is None:  # erased: there is nobody to pay
        hot.rows(_FORGET, [config.id, due.id])
        return True
    values: dict[str, Any] = {
        "environment": config.id,
        "user": person.id,
        "campaign": campaign.id,
        "key": due.key,
    }
    row = hot.row(_SEAT, values)
    if row is None:
        return False
    if hot.rows(_SETTLED, values)[0][0] or not campaign.table.lot(due.occasion).total:
        hot.rows(_FORGET, [config.id, due.id])
        return True
    _pay(config, campaign, due, Seat(row[0], person, as_progress(row[1:])), now=now)
    return True


def _pay(
    config: EnvironmentConfig, campaign: CatalogCampaign, due: Due, seat: Seat, *, now: datetime
) -> None:
    claimant = claims.claimant(config, campaign, seat.person, seat.before.plays + 1)
    details: Mapping[str, Any] = orjson.loads(due.details)
    award = awards.award(config, campaign.table, claimant, now=now, occasion=due.occasion, details=details)
    is_won = award.reward is not None
    after = _counted(campaign, seat.before, now, won=is_won)
    values = _play(campaign, due, claimant, award, after=after, now=now)
    values |= {"environment": config.id, "participation": seat.id, "now": now}
    if not hot.rows(_WRITE, values)[0][0]:
        raise Changed
    person = seat.person
    internal.tell(config, internal.played(campaign, person, after.plays, won=is_won, is_done=False), now=now)
    consequences.mark_watched(config, person.id)
    transaction.on_commit(partial(consequences.tell, award.reward))


def _counted(campaign: CatalogCampaign, before: Progress, now: datetime, *, won: bool) -> Progress:
    """One play more. It was earned, so of a campaign with limits it takes none of its own."""
    today = eligibility.local_day(campaign.time_zone, before.day, now)
    return replace(
        before,
        extra_plays=before.extra_plays + 1,
        extra_used=before.extra_used + 1,
        plays=before.plays + 1,
        plays_on_day=before.plays_on_day + 1 if before.day == today else 1,
        day=today,
        wins=before.wins + won,
    )


def _play(
    campaign: CatalogCampaign, due: Due, claimant: Claimant, award: Award, *, after: Progress, now: datetime
) -> dict[str, Any]:
    play_id = uuid.uuid4()
    answer = answers.made(
        campaign,
        play_id=play_id,
        reward_user_id=claimant.reward_user_id,
        award=award,
        after=eligibility.standing(campaign, after, now),
        state=after.state,
    )
    return {
        "play": play_id,
        "campaign": campaign.id,
        "version": campaign.version,
        "user": claimant.user_pk,
        "plays": after.plays,
        "plays_on_day": after.plays_on_day,
        "day": after.day,
        "wins": after.wins,
        "extra_plays": after.extra_plays,
        "extra_used": after.extra_used,
        "key": due.key,
        "fingerprint": hashlib.sha256(due.key.encode()).digest(),
        "occasion": due.occasion,
        "variant": award.variant.id,
        "ticket": award.ticket,
        "reward": award.reward_id,
        "answer": dump(answer),
        "earning": due.id,
    }
