"""One campaign's results: outcomes set against seen, and its newest plays. By SQL, one statement each."""

from collections.abc import Mapping, Sequence
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
# plays that noted no occasion: what ran out for one or for another gave the same fallback
BLURRED = Verdict("plain", "can't be told: a fallback stood in", 0.0, 1.0)


@dataclass(frozen=True)
class OutcomeResult:
    """`drawn` counts the tickets that fell on it, `given` what people got after stock ran out.

    Shares are of the draws of its occasion, whose name is `label`.
    """

    variant: Variant
    label: str
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
    label: str = ""  # of what it was for
    stood_in: bool = False  # what was drawn had run out


@dataclass(frozen=True)
class Counted:
    """How often an outcome was given by a ticket of a place; `is_told` if the plays say for what."""

    given: UUID
    occasion: str
    is_told: bool
    drawn: int
    times: int


_VERSIONS = """
    SELECT max(p.campaign_version), v.table_id, count(*)
    FROM campaigns_play p JOIN rewards_variant v ON v.id = p.variant_id
    WHERE p.environment_id = %(environment)s AND p.campaign_id = %(campaign)s
    GROUP BY v.table_id ORDER BY 1 DESC
"""
# a ticket says what was drawn; the variant says what was given instead, once something ran out
_OUTCOMES = """
    SELECT given, occasion, is_told, drawn, count(*) FROM (
        SELECT p.variant_id AS given, lot.occasion, p.occasion IS NOT NULL AS is_told,
            width_bucket(p.ticket, lot.ends::bigint[]) AS drawn
        FROM campaigns_play p
        JOIN unnest(%(variants)s::uuid[], %(own)s::text[]) AS w (variant_id, occasion) USING (variant_id)
        JOIN unnest(%(occasions)s::text[], %(ends)s::text[]) AS lot (occasion, ends)
          ON lot.occasion = coalesce(p.occasion, w.occasion)
        WHERE p.environment_id = %(environment)s AND p.campaign_id = %(campaign)s AND p.ticket IS NOT NULL
    ) p GROUP BY given, occasion, is_told, drawn
"""
_NEWEST = """
    SELECT p.played_at, u.user_name, u.user_id, v.name, p.ticket, p.reward_id,
        p.occasion, p.occasion IS DISTINCT FROM v.occasion AND v.is_fallback,
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


def outcomes(
    campaign: Campaign, variants: Sequence[Variant], left: dict[UUID, int], labels: Mapping[str, str]
) -> list[OutcomeResult]:
    """What the odds of a version say, against what its plays say; occasion by occasion.

    `labels` names the occasions.
    """
    if not any(variant.weight for variant in variants):
        return []
    lots = _lots(variants)
    counted = _counted(campaign, lots, _occasions_of_draws(lots))
    blurred = _blurred(lots) if _stood_in(variants, counted) else set()
    return [
        result
        for occasion, among in lots.items()
        for result in _of_lot(
            among,
            _drawn(among, [each for each in counted if each.occasion == occasion]),
            counted,
            left,
            label=labels.get(occasion, occasion),
            is_blurred=occasion in blurred,
        )
    ]


def _lots(variants: Sequence[Variant]) -> dict[str, list[Variant]]:
    found: dict[str, list[Variant]] = {}
    for variant in variants:
        found.setdefault(variant.occasion, []).append(variant)
    return found


def _may_stand_in(among: Sequence[Variant]) -> bool:
    """Whether the fallback may be given where one of these was drawn."""
    return any((each.is_fallback and each.weight) or each.pool_id or each.stock_id for each in among)


def _occasions_of_draws(lots: Mapping[str, list[Variant]]) -> dict[UUID, str]:
    """What each outcome was given for where the play does not say: its own, but the fallback where it
    stood in."""
    own = {each.pk: occasion for occasion, among in lots.items() for each in among}
    replaced = [occasion for occasion, among in lots.items() if _may_stand_in(among)]
    fallback = next((each for among in lots.values() for each in among if each.is_fallback), None)
    return own | {fallback.pk: replaced[0]} if fallback and len(replaced) == 1 else own


def _blurred(lots: Mapping[str, list[Variant]]) -> set[str]:
    """Occasions of which a fallback's ticket alone can't tell whether it was drawn for this one."""
    several = {occasion for occasion, among in lots.items() if _may_stand_in(among)}
    return several if len(several) > 1 else set()


def _stood_in(variants: Sequence[Variant], counted: Sequence[Counted]) -> bool:
    """Whether a fallback was given by plays that do not say for what."""
    fallbacks = {each.pk for each in variants if each.is_fallback}
    return any(each.given in fallbacks and not each.is_told for each in counted)


def _counted(
    campaign: Campaign, lots: Mapping[str, Sequence[Variant]], own: Mapping[UUID, str]
) -> list[Counted]:
    """How often each outcome was given by a ticket of each place of an occasion."""
    weights = [[each.weight for each in among] for among in lots.values()]
    rows = sql.rows(
        _OUTCOMES,
        environment=campaign.environment_id,
        campaign=campaign.pk,
        variants=list(own),
        own=list(own.values()),
        occasions=list(lots),
        ends=[f"{{{','.join(map(str, _inner_ends(each)))}}}" for each in weights],
    )
    return [Counted(*row) for row in rows]


def _drawn(among: Sequence[Variant], counted: Sequence[Counted]) -> list[int]:
    """How many tickets fell on each of these, whatever was given for them."""
    places = _places([each.weight for each in among])
    return [
        sum(each.times for each in counted if each.drawn == place) if variant.weight else 0
        for variant, place in zip(among, places, strict=True)
    ]


def _of_lot(
    among: Sequence[Variant],
    drawn: Sequence[int],
    counted: Sequence[Counted],
    left: dict[UUID, int],
    *,
    label: str,
    is_blurred: bool,
) -> list[OutcomeResult]:
    weights, total = [each.weight for each in among], sum(drawn)
    shares = odds.shares(weights) if any(weights) else ["0"] * len(weights)
    results = []
    for variant, share, times in zip(among, shares, drawn, strict=True):
        given = sum(each.times for each in counted if each.given == variant.pk)
        seen = 100 * times / total if total else 0.0
        chance = variant.weight / (sum(weights) or 1)
        judged = BLURRED if is_blurred else verdict(times, total, chance)
        results.append(OutcomeResult(variant, label, share, times, given, seen, judged, _left(variant, left)))
    return results


def newest(campaign: Campaign, labels: Mapping[str, str], *, in_full: bool) -> list[RecentPlay]:
    """`labels` names the occasions."""
    rows = sql.rows(_NEWEST, environment=campaign.environment_id, campaign=campaign.pk, most=NEWEST)
    return [_recent(row, labels, in_full=in_full) for row in rows]


def _recent(row: Row, labels: Mapping[str, str], *, in_full: bool) -> RecentPlay:
    at, name, user_id, outcome, ticket, reward_id, occasion, stood_in, states = row
    webhook = states or ("not sent" if reward_id else "")
    return RecentPlay(
        at=at,
        who=masking.person(name, user_id, in_full=in_full),
        outcome=outcome or "",
        ticket=ticket,
        reward_id=reward_id,
        webhook=webhook,
        tone=TONES.get(webhook, "plain"),
        label=labels.get(occasion, occasion) if occasion else "",
        stood_in=bool(occasion and stood_in),
    )


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
