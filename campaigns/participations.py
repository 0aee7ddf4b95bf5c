"""The statements of a play: take the lock, read behind it, write it all, or find nothing to write.

They serve engine.py alone, which is the only writer of participations and plays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import OperationalError

from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import Progress
from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from users import people
from users.people import Person
from users.tokens import Identity

PERSON = 10  # columns of people.COLUMNS, which come first
PROGRESS = "p.status, p.plays, p.plays_on_day, p.day, p.wins, p.state::text"
# Two statements, because each sees what was committed when it began: the second, which runs
# behind the lock, finds the play that held it until then.
LOCK = f"""
SELECT {people.COLUMNS}, p.id, {PROGRESS}
  FROM {people.NAMED}
  JOIN campaigns_participation p ON p.environment_id = u.environment_id AND p.user_id = u.id
 WHERE t.environment_id = %(environment)s AND t.glu_id = %(glu_id)s AND p.campaign_id = %(campaign)s
   AND p.folded_at IS NULL
   FOR NO KEY UPDATE OF p
"""
LOOK = f"""
SELECT c.status, c.version, made.fingerprint, made.answer
  FROM campaigns_campaign c
  LEFT JOIN LATERAL (
        SELECT y.fingerprint, y.answer::text AS answer
          FROM {people.NAMED}
         CROSS JOIN LATERAL ({people.IDS}) own (id)
          JOIN campaigns_participation p ON p.environment_id = u.environment_id AND p.user_id = own.id
          JOIN campaigns_play y ON y.participation_id = p.id AND y.idempotency_key = %(key)s
         WHERE t.environment_id = c.environment_id AND t.glu_id = %(glu_id)s AND p.campaign_id = c.id
         ORDER BY own.id = t.id DESC, own.id = u.id DESC LIMIT 1
       ) made ON true
 WHERE c.environment_id = %(environment)s AND c.id = %(campaign)s
"""
# FOR KEY SHARE waits for whoever is about to pause the campaign, and makes them wait for us.
WRITE = """
WITH open AS MATERIALIZED (
    SELECT id FROM campaigns_campaign
     WHERE environment_id = %(environment)s AND id = %(campaign)s AND status = 'live'
       AND version = %(version)s
       FOR KEY SHARE
), counted AS (
    UPDATE campaigns_participation
       SET status = %(status)s, state = %(state)s, plays = %(attempt)s, plays_on_day = %(plays_on_day)s,
           day = %(day)s, wins = %(wins)s, updated_at = %(now)s
      FROM open
     WHERE environment_id = %(environment)s AND campaigns_participation.id = %(participation)s
)
INSERT INTO campaigns_play (id, environment_id, participation_id, campaign_id, user_id, attempt,
       idempotency_key, fingerprint, campaign_version, variant_id, ticket, reward_id, answer,
       local_day, played_at)
SELECT %(play)s, %(environment)s, %(participation)s, open.id, %(user)s, %(attempt)s,
       %(key)s, %(fingerprint)s, %(version)s, %(variant)s, %(ticket)s, %(reward)s, %(answer)s,
       %(day)s, %(now)s
  FROM open
RETURNING answer::text
"""
ENTER = f"""
INSERT INTO campaigns_participation AS p (environment_id, campaign_id, user_id, status, state,
       plays, plays_on_day, wins, created_at, updated_at)
SELECT u.environment_id, %(campaign)s, u.id, %(status)s, %(state)s, 0, 0, 0, %(now)s, %(now)s
  FROM users_enduser u
 WHERE u.environment_id = %(environment)s AND u.id = %(user)s AND u.merged_into_id IS NULL
   FOR SHARE
    ON CONFLICT (environment_id, user_id, campaign_id) DO UPDATE
       SET status = excluded.status, updated_at = excluded.updated_at
     WHERE p.status = 'pristine' AND excluded.status <> 'pristine'
RETURNING {PROGRESS}
"""
# one row, whatever the number of campaigns: the person's attributes travel once
OVERVIEW = f"""
SELECT {people.COLUMNS},
       (SELECT count(*) FROM rewards_reward r
         WHERE r.environment_id = u.environment_id AND r.user_id IN ({people.IDS})
           AND r.state IN ('won', 'seen') AND (r.expires_at IS NULL OR r.expires_at > %(now)s)),
       (SELECT json_agg(json_build_array(p.campaign_id, p.status, p.plays, p.plays_on_day, p.day, p.wins))
          FROM campaigns_participation p
         WHERE p.environment_id = u.environment_id AND p.user_id = u.id)::text
  FROM {people.NAMED}
 WHERE t.environment_id = %(environment)s AND t.glu_id = %(glu_id)s
"""


class CampaignGone(LookupError):
    """The campaign was deleted while a copy of it was still in memory."""


class StillPlaying(Exception):
    """Another play of this person did not end in the time that we wait."""


@dataclass(frozen=True)
class Overview:
    """A person, how far they are in each campaign (without its state), and their usable rewards."""

    person: Person
    progress: Mapping[UUID, Progress]
    rewards: int


@dataclass(frozen=True)
class Made:
    """A play that this key made before."""

    fingerprint: bytes
    answer: str


@dataclass(frozen=True)
class Held:
    """The lock, and what was true behind it."""

    person: Person
    participation_id: int
    progress: Progress
    status: str
    version: int
    made: Made | None


@dataclass(frozen=True)
class NewPlay:
    """What a play writes, all of it in one statement."""

    id: UUID
    key: str
    fingerprint: bytes
    variant_id: UUID | None
    ticket: int | None
    reward_id: UUID | None
    answer: Mapping[str, Any]
    at: datetime


def take(identity: Identity, campaign: CatalogCampaign, key: str) -> Held | None:
    """Lock this person's participation; None if there is none.

    Raises StillPlaying, CampaignGone, and Unauthorized or ApiError 403 if the person may not act.
    """
    values: dict[str, Any] = {
        "environment": identity.config.id,
        "glu_id": identity.glu_id,
        "campaign": campaign.id,
        "key": key,
    }
    try:
        with hot.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute(LOCK, values)
            row = cursor.fetchone()
            cursor.execute(LOOK, values)
            current = cursor.fetchone()
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise StillPlaying from error
        raise
    if current is None:
        raise CampaignGone(str(campaign.id))
    if row is None:
        return None
    made = None if current[2] is None else Made(bytes(current[2]), current[3])
    person = people.admit(identity, row[:PERSON])
    participation_id, *progress = row[PERSON:]
    return Held(person, participation_id, as_progress(progress), current[0], current[1], made)


def write(
    config: EnvironmentConfig, campaign: CatalogCampaign, held: Held, *, to: Progress, play: NewPlay
) -> str | None:
    """Store the play and the progress, if the campaign is live in this version; the stored answer."""
    values: dict[str, Any] = {
        "environment": config.id,
        "campaign": campaign.id,
        "version": campaign.version,
        "participation": held.participation_id,
        "user": held.person.id,
        "status": to.status,
        "state": _dump(to.state),
        "attempt": to.plays,
        "plays_on_day": to.plays_on_day,
        "day": to.day,
        "wins": to.wins,
        "play": play.id,
        "key": play.key,
        "fingerprint": play.fingerprint,
        "variant": play.variant_id,
        "ticket": play.ticket,
        "reward": play.reward_id,
        "answer": _dump(play.answer),
        "now": play.at,
    }
    with hot.cursor() as cursor:
        cursor.execute(WRITE, values)
        row = cursor.fetchone()
    return row[0] if row else None


def enter(
    config: EnvironmentConfig, user_pk: int, campaign: CatalogCampaign, status: str, now: datetime
) -> Progress | None:
    """Make the participation, or mark a pristine one; None if it stands as it should."""
    values: dict[str, Any] = {
        "environment": config.id,
        "campaign": campaign.id,
        "user": user_pk,
        "status": status,
        "state": _dump(campaign.kind.start(campaign.config)),
        "now": now,
    }
    with hot.cursor() as cursor:
        cursor.execute(ENTER, values)
        row = cursor.fetchone()
    return as_progress(row) if row else None


def all_of(config: EnvironmentConfig, user_pk: int) -> dict[UUID, Progress]:
    """Every participation of one person, by campaign."""
    with hot.cursor() as cursor:
        cursor.execute(
            f"SELECT p.campaign_id, {PROGRESS} FROM campaigns_participation p"
            " WHERE p.environment_id = %s AND p.user_id = %s",
            [config.id, user_pk],
        )
        return {row[0]: as_progress(row[1:]) for row in cursor.fetchall()}


def overview(identity: Identity, *, now: datetime) -> Overview:
    """What the list of campaigns needs of a token's person, in one statement; raises as `take`."""
    values: dict[str, Any] = {"environment": identity.config.id, "glu_id": identity.glu_id, "now": now}
    row = hot.row(OVERVIEW, values) or ()
    person = people.admit(identity, row[:PERSON])
    rewards, listed = row[PERSON:]
    return Overview(person, dict(map(_listed, orjson.loads(listed or "[]"))), rewards)


def _listed(row: Sequence[Any]) -> tuple[UUID, Progress]:
    campaign_id, status, plays, plays_on_day, day, wins = row
    return UUID(campaign_id), Progress(status, plays, plays_on_day, day and date.fromisoformat(day), wins)


def as_progress(row: Sequence[Any]) -> Progress:
    """The columns of PROGRESS as a value."""
    status, plays, plays_on_day, day, wins, state = row
    return Progress(status, plays, plays_on_day, day, wins, orjson.loads(state))


def _dump(data: Mapping[str, Any]) -> str:
    return orjson.dumps(data).decode()
