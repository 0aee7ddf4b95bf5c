"""One campaign's results: outcomes set against seen, and its newest plays. By SQL, one statement each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from uuid import UUID

from campaigns.console import sql
from campaigns.console.bands import LEAST_PLAYS, Verdict, verdict
from campaigns.console.sql import Row
from campaigns.models import Campaign
from glu_admin.console import masking
from rewards import odds
from rewards.models import Variant

NEWEST = 20


@dataclass(frozen=True)
class OutcomeResult:
    """`drawn` counts the tickets that fell on it, `given` what people got after stock ran out."""

    variant: Variant
    set_share: str
    drawn: int
    given: int
    seen_share: float
    verdict: Verdict
    left: int | None


@dataclass(frozen=True)
class Version:
    """A table of odds that people played under, or will: its campaign's version, and its plays."""

    number: int
    table_id: UUID
    plays: int


@dataclass(frozen=True)
class RecentPlay:
    at: datetime
    who: str
    outcome: str
    ticket: int | None
    reward_id: UUID | None
    webhook: str
    tone: str


_VERSIONS = """
    SELECT max(p.campaign_version), v.table_id, count(*)
    FROM campaigns_play p JOIN rewards_variant v ON v.id = p.variant_id
    WHERE p.environment_id = %(environment)s AND p.campaign_id = %(campaign)s
    GROUP BY v.table_id ORDER BY 1 DESC
"""
# a ticket says what was drawn; the variant says what was given instead, once something ran out
_OUTCOMES = """
    SELECT drawn, given, count(*) FROM (
        SELECT width_bucket(ticket, %(ends)s::bigint[]) AS drawn, variant_id AS given
        FROM campaigns_play
        WHERE environment_id = %(environment)s AND campaign_id = %(campaign)s
          AND variant_id = ANY(%(variants)s) AND ticket IS NOT NULL
    ) p GROUP BY drawn, given
"""
_NEWEST = """
    SELECT p.played_at, u.user_name, u.user_id, v.name, p.ticket, p.reward_id,
        (SELECT string_agg(DISTINCT d.state, ' ') FROM webhooks_outboxmessage m
         JOIN webhooks_delivery d ON d.message_id = m.id
         WHERE m.kind = 'reward.won' AND m.subject_id = p.reward_id)
    FROM (
        SELECT * FROM campaigns_play
        WHERE environment_id = %(environment)s AND campaign_id = %(campaign)s
        ORDER BY played_at DESC LIMIT %(most)s
    ) p
    JOIN users_enduser u ON u.id = p.user_id
    LEFT JOIN rewards_variant v ON v.id = p.variant_id
    ORDER BY p.played_at DESC
"""
TONES = {"delivered": "good", "exhausted": "bad"}


def versions(campaign: Campaign) -> list[Version]:
    """Every table with plays, and the present one; the newest first."""
    rows = sql.rows(_VERSIONS, environment=campaign.environment_id, campaign=campaign.pk)
    found = [Version(*row) for row in rows]
    if all(each.table_id != campaign.table_id for each in found):
        found.insert(0, Version(campaign.version, campaign.table_id, 0))
    return found


def version_to_show(found: Sequence[Version], wanted: str) -> Version:
    """The one that was asked for; else the newest that has enough plays to say something."""
    named = [each for each in found if str(each.number) == wanted]
    telling = [each for each in found if each.plays >= LEAST_PLAYS]
    return (named or telling or list(found))[0]


def outcomes(campaign: Campaign, variants: Sequence[Variant], left: dict[UUID, int]) -> list[OutcomeResult]:
    """What the odds of a version say, against what its plays say."""
    weights = [variant.weight for variant in variants]
    if not any(weights):
        return []
    counted = sql.rows(
        _OUTCOMES,
        environment=campaign.environment_id,
        campaign=campaign.pk,
        variants=[variant.pk for variant in variants],
        ends=_inner_ends(weights),
    )
    total = sum(row[2] for row in counted)
    shares, places = odds.shares(weights), _places(weights)
    results = []
    for position, variant in enumerate(variants):
        drawn = sum(row[2] for row in counted if weights[position] and row[0] == places[position])
        given = sum(row[2] for row in counted if row[1] == variant.pk)
        chance = weights[position] / sum(weights)
        seen = 100 * drawn / total if total else 0.0
        judged = verdict(drawn, total, chance)
        results.append(
            OutcomeResult(variant, shares[position], drawn, given, seen, judged, _left(variant, left))
        )
    return results


def newest(campaign: Campaign, *, in_full: bool) -> list[RecentPlay]:
    rows = sql.rows(_NEWEST, environment=campaign.environment_id, campaign=campaign.pk, most=NEWEST)
    return [_recent(row, in_full=in_full) for row in rows]


def _recent(row: Row, *, in_full: bool) -> RecentPlay:
    at, name, user_id, outcome, ticket, reward_id, states = row
    webhook = states or ("not sent" if reward_id else "")
    who = masking.person(name, user_id, in_full=in_full)
    return RecentPlay(at, who, outcome or "", ticket, reward_id, webhook, TONES.get(webhook, "plain"))


def _inner_ends(weights: Sequence[int]) -> list[int]:
    """Where one outcome's tickets end and the next one's begin; outcomes without a chance have none."""
    return list(accumulate(weight for weight in weights if weight))[:-1]


def _places(weights: Sequence[int]) -> list[int]:
    """The number of each outcome among those that have a chance."""
    return [place - 1 for place in accumulate(int(weight > 0) for weight in weights)]


def _left(variant: Variant, pools: dict[UUID, int]) -> int | None:
    """How many can still be won; None if it never runs out."""
    if variant.pool_id is not None:
        return pools.get(variant.pool_id, 0)
    return variant.stock.limit - variant.stock.issued if variant.stock else None
