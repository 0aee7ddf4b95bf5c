"""Participations as they are read, locked and entered: how far each person is in each campaign.

They serve engine.py alone, which is the only writer of participations and plays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import OperationalError

from campaigns import catalog, standings
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import Progress
from campaigns.standings import Known
from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from users import people
from users.people import Person
from users.tokens import Identity

PERSON = 9  # columns of people.COLUMNS, which come first
PROGRESS = (
    "p.status, p.plays, p.plays_on_day, p.day, p.wins, p.state::text, p.extra_plays, p.extra_used,"
    " p.ways::text"
)
PROGRESS_COLUMNS = 9
MORE = "/* what audiences need */"
# A key that was used as a visitor keeps its answer as a user; the token's own play comes first.
READ = f"""
SELECT {people.COLUMNS}, {PROGRESS}, p.id, p.updated_at, c.status, c.version, made.fingerprint, made.answer
  {MORE} FROM {people.NAMED}
  LEFT JOIN campaigns_campaign c ON c.environment_id = u.environment_id AND c.id = %(campaign)s
  LEFT JOIN campaigns_participation p
         ON p.environment_id = u.environment_id AND p.user_id = u.id AND p.campaign_id = c.id
  LEFT JOIN LATERAL (
        SELECT y.user_id, y.fingerprint, y.answer::text AS answer FROM campaigns_play y
         WHERE y.participation_id = p.id AND y.idempotency_key = %(key)s
        UNION ALL
        SELECT y.user_id, y.fingerprint, y.answer::text FROM users_enduser alias
          JOIN campaigns_participation folded ON folded.environment_id = alias.environment_id
           AND folded.user_id = alias.id AND folded.campaign_id = c.id
          JOIN campaigns_play y ON y.participation_id = folded.id AND y.idempotency_key = %(key)s
         WHERE alias.environment_id = u.environment_id AND alias.merged_into_id = u.id
       ) made ON true
 WHERE t.environment_id = %(environment)s AND t.glu_id = %(glu_id)s
 ORDER BY made.user_id = t.id DESC NULLS LAST, made.user_id = u.id DESC NULLS LAST
 LIMIT 1
"""
THERE = f"""
SELECT p.id
  FROM {people.NAMED}
  JOIN campaigns_participation p ON p.environment_id = u.environment_id AND p.user_id = u.id
 WHERE t.environment_id = %(environment)s AND t.glu_id = %(glu_id)s AND p.campaign_id = %(campaign)s
   AND p.folded_at IS NULL
"""
LOCK = f"{THERE} FOR NO KEY UPDATE OF p"
ENTER = f"""
INSERT INTO campaigns_participation AS p (environment_id, campaign_id, user_id, status, state,
       plays, plays_on_day, wins, created_at, updated_at)
SELECT u.environment_id, %(campaign)s, u.id, %(status)s, %(state)s, 0, 0, 0, %(now)s, %(now)s
  FROM users_enduser u
 WHERE u.environment_id = %(environment)s AND u.id = %(user)s AND u.merged_into_id IS NULL
   AND u.erased_at IS NULL
   FOR SHARE
    ON CONFLICT (environment_id, user_id, campaign_id) DO UPDATE
       SET status = excluded.status, updated_at = excluded.updated_at
     WHERE p.status = 'pristine' AND excluded.status <> 'pristine'
RETURNING {PROGRESS}
"""
OF_PERSON = f"""
SELECT p.campaign_id, {PROGRESS} FROM campaigns_participation p
 WHERE p.environment_id = %s AND p.user_id = %s
"""
# one row, whatever the number of campaigns
OVERVIEW = f"""
SELECT {people.COLUMNS},
       (SELECT count(*) FROM rewards_reward r
         WHERE r.environment_id = u.environment_id AND r.user_id = ANY(ARRAY({people.IDS}))
           AND r.state IN ('won', 'seen') AND (r.expires_at IS NULL OR r.expires_at > %(now)s)),
       (SELECT json_agg(json_build_array(p.campaign_id, p.status, p.plays, p.plays_on_day, p.day, p.wins,
                        CASE WHEN p.campaign_id = ANY(%(programs)s::uuid[]) THEN p.state ELSE '{{}}' END,
                        p.extra_plays, p.extra_used, p.ways))
          FROM campaigns_participation p
         WHERE p.environment_id = u.environment_id AND p.user_id = u.id)::text
  {MORE} FROM {people.NAMED}
 WHERE t.environment_id = %(environment)s AND t.glu_id = %(glu_id)s
"""


class CampaignGone(LookupError):
    """The campaign was deleted while a copy of it was still in memory."""


class StillPlaying(Exception):
    """Another play of this person did not end in the time that we wait."""


@dataclass(frozen=True)
class Overview:
    """A person, how far they are in each campaign (the state of programs only), and their usable rewards.

    `known` is None while all campaigns are for everybody.
    """

    person: Person
    progress: Mapping[str, Progress]  # by the campaign's id as text
    rewards: int
    known: Known | None


@dataclass(frozen=True)
class Made:
    """A play that this key made before."""

    fingerprint: bytes
    answer: str


@dataclass(frozen=True)
class Seen:
    """What was true of a person in a campaign when it was read."""

    person: Person
    progress: Progress
    participation_id: int | None  # None: this person never came here
    changed_at: datetime | None
    status: str
    version: int
    made: Made | None
    why_not: str  # why the campaign, as it was in memory, is not for this person; "" if it is


def read(identity: Identity, campaign: CatalogCampaign, key: str, *, now: datetime) -> Seen:
    """How this person stands, and what this key gave before; takes no lock.

    Raises CampaignGone, and Unauthorized or ApiError 403 if the person may not act.
    """
    needs = None if campaign.audience.is_everybody else campaign.audience.needs
    values = _names(identity, campaign) | {"key": key, "now": now}
    row = hot.row(_with(READ, needs), values) or ()
    person = people.admit(identity, row[:PERSON])
    progress = row[PERSON : PERSON + PROGRESS_COLUMNS]
    rest = row[PERSON + PROGRESS_COLUMNS :]
    participation_id, changed_at, status, version, fingerprint, answer = rest[:6]
    if status is None:
        raise CampaignGone(str(campaign.id))
    return Seen(
        person=person,
        progress=as_progress(progress) if participation_id else _begun(campaign),
        participation_id=participation_id,
        changed_at=changed_at,
        status=status,
        version=version,
        made=None if answer is None else Made(bytes(fingerprint), answer),
        why_not=""
        if needs is None
        else standings.known(rest[6:], needs, identity.config, now).why_not(campaign),
    )


@lru_cache(maxsize=64)
def _with(statement: str, needs: frozenset[str] | None) -> str:
    """The statement with what audiences need to know of the person."""
    return statement.replace(MORE, "" if needs is None else f", {standings.columns(needs)}")


def lock(identity: Identity, campaign: CatalogCampaign) -> bool:
    """Lock this person's participation for the caller's transaction; False if there is none.

    What is read behind the lock is read anew: it finds the play that held the lock until then.
    Raises StillPlaying.
    """
    try:
        with hot.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute(LOCK, _names(identity, campaign))
            return cursor.fetchone() is not None
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise StillPlaying from error
        raise


def is_locked(identity: Identity, campaign: CatalogCampaign) -> bool:
    """Whether a play of this person runs at this moment."""
    names = _names(identity, campaign)
    return bool(hot.rows(THERE, names)) and not hot.rows(f"{LOCK} SKIP LOCKED", names)


def _names(identity: Identity, campaign: CatalogCampaign) -> dict[str, Any]:
    return {"environment": identity.config.id, "glu_id": identity.glu_id, "campaign": campaign.id}


def _begun(campaign: CatalogCampaign) -> Progress:
    return Progress(state=campaign.kind.start(campaign.config))


def enter(
    config: EnvironmentConfig, user_pk: int, campaign: CatalogCampaign, status: str, now: datetime
) -> Progress | None:
    """Make the participation, or mark a pristine one; None if it stands as it should."""
    values: dict[str, Any] = {
        "environment": config.id,
        "campaign": campaign.id,
        "user": user_pk,
        "status": status,
        "state": dump(campaign.kind.start(campaign.config)),
        "now": now,
    }
    row = hot.row(ENTER, values)
    return as_progress(row) if row else None


def all_of(config: EnvironmentConfig, user_pk: int) -> dict[UUID, Progress]:
    """Every participation of one person, by campaign."""
    return {row[0]: as_progress(row[1:]) for row in hot.rows(OF_PERSON, [config.id, user_pk])}


def overview(identity: Identity, *, now: datetime) -> Overview:
    """What the list of campaigns needs of a token's person, in one statement; raises as `read`."""
    campaigns = catalog.of(identity.config)
    values: dict[str, Any] = {"environment": identity.config.id, "glu_id": identity.glu_id, "now": now}
    values["programs"], needs = campaigns.programs, campaigns.needs
    row = hot.row(_with(OVERVIEW, needs), values) or ()
    person = people.admit(identity, row[:PERSON])
    rewards, listed, *more = row[PERSON:]
    known = None if needs is None else standings.known(more, needs, identity.config, now)
    return Overview(person, dict(map(_listed, orjson.loads(listed or "[]"))), rewards, known)


def _listed(row: Sequence[Any]) -> tuple[str, Progress]:
    campaign_id, status, plays, plays_on_day, day, *rest = row
    last = day and date.fromisoformat(day)
    return campaign_id, Progress(status, plays, plays_on_day, last, *rest)


def as_progress(row: Sequence[Any]) -> Progress:
    """The columns of PROGRESS as a value."""
    status, plays, plays_on_day, day, wins, state, extra_plays, extra_used, ways = row
    counts = (plays, plays_on_day, day, wins, orjson.loads(state), extra_plays, extra_used)
    return Progress(status, *counts, orjson.loads(ways) if ways != "{}" else {})


def dump(data: Mapping[str, Any]) -> str:
    return orjson.dumps(data).decode()
