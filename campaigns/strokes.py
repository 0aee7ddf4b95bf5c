"""The write of a play: one statement, in which all of it happens or nothing does.

It is composed of the parts that each own their tables: what the draw gives, the participation,
the play itself. Its locks come in the order of every play: participation, coupon cursor, stock,
and last the campaign's row, which says whether it may still pay. Only then does it write.
It serves engine.py alone, which is the only writer of participations and plays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from campaigns import answers
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import Progress
from campaigns.participations import Seen, dump
from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from rewards import coupons
from rewards.coupons import ClaimedCoupon
from rewards.gifts import NOTHING, Gift

# Whoever waits for one of these locks for longer is told to come again.
PATIENCE = "patience AS MATERIALIZED (SELECT set_config('lock_timeout', '5s', true))"
# Only if nobody has played since it was read: who waited here for such a play finds no row.
SEAT = """
    seat AS MATERIALIZED (
        SELECT p.id FROM patience, campaigns_participation p
         WHERE p.environment_id = %(environment)s AND p.id = %(participation)s
           AND p.plays = %(plays_seen)s AND p.updated_at = %(seen_at)s AND p.folded_at IS NULL
           FOR NO KEY UPDATE OF p
    )"""
# A first play makes the row, but none for a visitor who became a known user: nobody would fold it;
# and none for whoever was erased at that moment.
FIRST_SEAT = """
    seat AS MATERIALIZED (
        SELECT u.id FROM patience, users_enduser u
         WHERE u.environment_id = %(environment)s AND u.id = %(user)s AND u.merged_into_id IS NULL
           AND u.erased_at IS NULL
           FOR SHARE OF u
    )"""
# FOR KEY SHARE waits for whoever is about to pause the campaign, and makes them wait for us.
OPEN = """
    open AS MATERIALIZED (
        SELECT c.id FROM {after}, campaigns_campaign c
         WHERE c.environment_id = %(environment)s AND c.id = %(campaign)s AND c.status = 'live'
           AND c.version = %(version)s
           FOR KEY SHARE OF c
    )"""
ADVANCE = """
    counted AS (
        UPDATE campaigns_participation p
           SET status = %(status)s, state = %(state)s, plays = %(attempt)s, plays_on_day = %(plays_on_day)s,
               day = %(day)s, wins = %(wins)s, extra_used = %(extra_used)s, ways = %(ways)s,
               updated_at = %(now)s
          FROM open
         WHERE p.environment_id = %(environment)s AND p.id = %(participation)s
        RETURNING p.id
    )"""
# The new row's keys lock the campaign at the statement's end, so not too early;
# of two first plays at once, the second finds no row here, and so writes nothing.
ENTER = """
    counted AS (
        INSERT INTO campaigns_participation AS p (environment_id, campaign_id, user_id, status, state,
               plays, plays_on_day, day, wins, extra_used, ways, created_at, updated_at)
        SELECT %(environment)s, open.id, %(user)s, %(status)s, %(state)s,
               %(attempt)s, %(plays_on_day)s, %(day)s, %(wins)s, %(extra_used)s, %(ways)s, %(now)s, %(now)s
          FROM open
            ON CONFLICT (environment_id, user_id, campaign_id) DO NOTHING
        RETURNING p.id
    )"""
MADE = """
    made AS (
        INSERT INTO campaigns_play (id, environment_id, participation_id, campaign_id, user_id, attempt,
               idempotency_key, fingerprint, campaign_version, occasion, variant_id, ticket, reward_id,
               answer, local_day, played_at)
        SELECT %(play)s, %(environment)s, counted.id, %(campaign)s, %(user)s, %(attempt)s,
               %(key)s, %(fingerprint)s, %(version)s, %(occasion)s, %(variant)s, %(ticket)s, %(reward)s,
               {answer}, %(day)s, %(now)s
          FROM {source}
        RETURNING answer::text
    )"""


class Outrun(Exception):
    """Something that was read is different now: nothing was written, and reading again will tell."""


class RanOut(Exception):
    """There may be nothing left of what was drawn: nothing was written."""


@dataclass(frozen=True)
class NewPlay:
    """What a play writes."""

    id: UUID
    key: str
    fingerprint: bytes
    occasion: str | None
    variant_id: UUID | None
    ticket: int | None
    reward_id: UUID | None
    answer: Mapping[str, Any]
    at: datetime
    gift: Gift = NOTHING
    given: Mapping[str, Any] | None = None  # the values of the gift's parts


@dataclass(frozen=True)
class Written:
    """The answer as it is stored, and the coupon that was taken with it."""

    answer: str
    coupon: ClaimedCoupon | None


def write(
    config: EnvironmentConfig, campaign: CatalogCampaign, seen: Seen, *, to: Progress, play: NewPlay
) -> Written:
    """Store the play with all it gives, if the world is still as it was seen; raises Outrun, RanOut."""
    values: dict[str, Any] = {
        **(play.given or {}),
        **_values(config, campaign, seen, to, play.at),
        "play": play.id,
        "key": play.key,
        "fingerprint": play.fingerprint,
        "occasion": play.occasion,
        "variant": play.variant_id,
        "ticket": play.ticket,
        "reward": play.reward_id,
        "answer": dump(play.answer),
    }
    row = hot.row(_statement(play.gift, seen.participation_id is None), values)
    return _written(config, play, row or ())


def move(
    config: EnvironmentConfig, campaign: CatalogCampaign, seen: Seen, *, to: Progress, at: datetime
) -> None:
    """Store a move within a play, if the world is still as it was seen; raises Outrun."""
    values = _values(config, campaign, seen, to, at)
    if not hot.row(_move_statement(seen.participation_id is None), values):
        raise Outrun("Another move of this person was first, or the campaign was changed.")


def _values(
    config: EnvironmentConfig, campaign: CatalogCampaign, seen: Seen, to: Progress, at: datetime
) -> dict[str, Any]:
    """What was seen, and what becomes of the participation."""
    return {
        "environment": config.id,
        "campaign": campaign.id,
        "version": campaign.version,
        "participation": seen.participation_id,
        "plays_seen": seen.progress.plays,
        "seen_at": seen.changed_at,
        "user": seen.person.id,
        "status": to.status,
        "state": dump(to.state),
        "attempt": to.plays,
        "plays_on_day": to.plays_on_day,
        "day": to.day,
        "wins": to.wins,
        "extra_used": to.extra_used,
        "ways": dump(to.ways) if to.ways else "{}",
        "now": at,
    }


def _written(config: EnvironmentConfig, play: NewPlay, row: Sequence[Any]) -> Written:
    answer, has_seat, has_all, *coupon = row
    if not has_seat:
        raise Outrun("Another play of this person was first.")
    if not has_all:
        raise RanOut
    if answer is None:
        raise Outrun("The campaign was changed, or this person entered it at the same moment.")
    pool_id = (play.given or {}).get("pool")
    return Written(answer, coupons.claimed(config, pool_id, coupon) if coupon and pool_id else None)


@cache
def _move_statement(is_first: bool) -> str:
    parts = [PATIENCE, FIRST_SEAT if is_first else SEAT, OPEN.format(after="seat")]
    return f"""
        WITH {", ".join([*parts, ENTER if is_first else ADVANCE])}
        SELECT counted.id FROM counted
    """


@lru_cache(maxsize=64)
def _statement(gift: Gift, is_first: bool) -> str:
    locks, last = gift.locks("seat")
    answer = "%(answer)s::jsonb"
    if gift.reward and gift.coupon:
        answer = answers.with_coupon(answer, gift.details, gift.expires_at)
    source = "counted, coupon" if gift.coupon else "counted"
    parts = [
        PATIENCE,
        FIRST_SEAT if is_first else SEAT,
        *locks,
        OPEN.format(after=last),
        ENTER if is_first else ADVANCE,
        *gift.writes("counted"),
        MADE.format(answer=answer, source=source),
    ]
    found = f", {coupons.COLUMNS}" if gift.coupon else ""
    return f"""
        WITH {", ".join(parts)}
        SELECT made.answer, EXISTS (SELECT FROM seat), EXISTS (SELECT FROM {last}){found}
          FROM (SELECT) one LEFT JOIN made ON true {"LEFT JOIN coupon ON true" if gift.coupon else ""}
    """
