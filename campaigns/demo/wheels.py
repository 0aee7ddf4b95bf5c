"""The campaigns of Brewline: one that runs, one that has ended, one that is not finished.

Tables are made, frozen and retired as any campaign's are; the campaign's row is written
here, because its id and its dates lie in a past that publishing does not know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns import publishing
from campaigns.demo import brand, calendar, draws
from campaigns.demo.brand import Prize
from campaigns.models import Campaign
from campaigns.publishing import CampaignDraft
from glu_admin.workspaces.audit import Actor, record
from glu_admin.workspaces.models import Environment
from rewards import odds, tables
from rewards.models import RewardTable
from rewards.tables import OutcomeDraft

SPIN, LAUNCH, DRAFT = "weekend-spin", "launch-day", "barista-wheel"
TYPE = "spinthewheel"
ACTOR = Actor(brand.ACTOR)


@dataclass(frozen=True)
class Wheel:
    """A wheel, or another game of chance, and its life. `versions`: from when on each of its tables held."""

    tag: str
    name: str
    banner: Mapping[str, str]
    versions: tuple[datetime, ...]
    ends_at: datetime
    has_ended: bool
    plays_in_all: int | None = None
    plays_a_day: int | None = None
    type: str = TYPE
    config: Mapping[str, Any] = field(default_factory=lambda: {"title": "Spin to win your coffee"})
    prizes: tuple[Prize, ...] = brand.WHEEL


def weekend_spin(now: datetime, zone: ZoneInfo, changed: datetime) -> Wheel:
    """Live for a month; its odds were changed once, and its seed is new from now on."""
    today = calendar.day(now, zone, brand.DAYS - 1)
    return Wheel(
        tag=SPIN,
        name="Weekend spin",
        banner={"title": "Weekend spin", "body": "Free coffee, pastries and points."},
        versions=(calendar.instant(calendar.first_day(now, zone), zone), changed, now),
        ends_at=calendar.instant(today + timedelta(days=brand.ENDS_IN_DAYS), zone),
        has_ended=False,
        plays_a_day=brand.PLAYS_A_DAY,
    )


def launch_day(now: datetime, zone: ZoneInfo) -> Wheel:
    """The opening week: over, one spin a person."""
    begin, end = calendar.launch_days(now, zone)
    return Wheel(
        tag=LAUNCH,
        name="Launch-day spin",
        banner={"title": "We are open!", "body": "One spin on the house."},
        versions=(calendar.instant(begin, zone),),
        ends_at=calendar.instant(end, zone),
        has_ended=True,
        plays_in_all=1,
    )


def build(environment: Environment, wheel: Wheel, pools: Mapping[str, UUID]) -> list[RewardTable]:
    """The wheel with its frozen tables, the oldest first. Returns the tables."""
    made: list[RewardTable] = []
    for number, since in enumerate(wheel.versions):
        is_past = number < len(wheel.versions) - 1 or wheel.has_ended
        table = tables.next_version(made[-1]) if made else tables.new_table(environment, [])
        tables.replace_outcomes(table, _outcomes(wheel.prizes, min(number, 1), pools))
        # what is still played must stay unknown to readers of this file
        tables.freeze(table, now=since, seed=draws.seed(wheel.tag, number) if is_past else None)
        if made:
            tables.retire(made[-1], now=since)
        made.append(table)
    if wheel.has_ended:
        tables.retire(made[-1], now=wheel.ends_at)
    insert_campaign(environment, wheel, made[-1])
    return made


def insert_campaign(environment: Environment, wheel: Wheel, table: RewardTable) -> None:
    """The only writer of the demo's launched campaigns."""
    launched, changed = wheel.versions[0], wheel.versions[-1]
    campaign = Campaign(
        id=draws.campaign_id(wheel.tag),
        environment=environment,
        type=wheel.type,
        name=wheel.name,
        tag=wheel.tag,
        status=Campaign.Status.ENDED if wheel.has_ended else Campaign.Status.LIVE,
        version=len(wheel.versions),
        config=dict(wheel.config),
        banner=dict(wheel.banner),
        table=table,
        plays_in_all=wheel.plays_in_all,
        plays_a_day=wheel.plays_a_day,
        starts_at=launched,
        ends_at=wheel.ends_at,
        time_zone=brand.TIME_ZONE,
        is_demo=True,
        created_at=launched,
        launched_at=launched,
        updated_at=wheel.ends_at if wheel.has_ended else changed,
    )
    campaign.save(force_insert=True)
    _tell(environment, campaign, wheel)


def _tell(environment: Environment, campaign: Campaign, wheel: Wheel) -> None:
    """What the audit log says of the wheel's life: why its odds have versions."""
    launched, *later = wheel.versions
    status = {"status": ["draft", "live"]}
    record(environment, ACTOR, "campaign.launched", campaign, status, at=launched)
    for number, since in enumerate(later, start=2):
        changes = {"version": [number - 1, number], **_changed(wheel.prizes, number)}
        record(environment, ACTOR, "campaign.revised", campaign, changes, at=since)


def _changed(prizes: Sequence[Prize], version: int) -> dict[str, list[str]]:
    """The chances that a version changed; if none, it only drew a new seed."""
    before, after = (
        odds.shares([each.weights[min(n, 1)] for each in prizes]) for n in (version - 2, version - 1)
    )
    rows = zip(prizes, before, after, strict=True)
    changed = {f"chance of {each.name}": [f"{a}%", f"{b}%"] for each, a, b in rows if a != b}
    return changed or {"seed": ["used for the past", "new and secret"]}


def insert_draft(environment: Environment) -> None:
    """A campaign whose checklist still has something to say: its odds lack a fallback."""
    outcomes = tuple(
        OutcomeDraft(name=name, weight=weight, reward_type="points", amount=amount)
        for name, weight, amount in (("10 points", 6, 10), ("25 points", 3, 25), ("100 points", 1, 100))
    )
    draft = CampaignDraft(
        type=TYPE, name="Barista wheel", tag=DRAFT, outcomes=outcomes, config={"title": "For our baristas"},
        time_zone=brand.TIME_ZONE,
    )  # fmt: skip
    publishing.create(environment, draft, ACTOR, is_demo=True)


def _outcomes(prizes: Sequence[Prize], version: int, pools: Mapping[str, UUID]) -> list[OutcomeDraft]:
    return [
        OutcomeDraft(
            name=each.name,
            weight=each.weights[version],
            reward_type=each.reward_type,
            amount=each.amount,
            body=each.body,
            terms=each.terms,
            details={"brand": brand.NAME} if each.reward_type != "noReward" else {},
            pool_id=pools.get(each.pool),
            is_fallback=each.is_fallback,
            occasion=each.occasion,
            expiry="relative" if each.days else "never",
            expires_after_days=each.days,
        )
        for each in prizes
    ]
