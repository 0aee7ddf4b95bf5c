"""Loads the month of Brewline, all of it or nothing, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from campaigns import catalog
from campaigns.catalog import CatalogCampaign
from campaigns.demo import (
    brand,
    calendar,
    codes,
    draws,
    games,
    happenings,
    history,
    people,
    pictures,
    segments,
    wheels,
)
from campaigns.demo.deliveries import insert_deliveries
from campaigns.demo.draws import Draw
from campaigns.demo.wheels import ACTOR, LAUNCH, SPIN, Wheel
from glu_admin import config as configs
from glu_admin.config import EnvironmentConfig
from glu_admin.webhooks import endpoints
from glu_admin.webhooks.models import Endpoint
from glu_admin.workspaces import keys
from glu_admin.workspaces.models import Environment, Member, Membership, Workspace
from rewards import tables
from rewards.award import REWARD_WON
from rewards.models import CouponCursor, RewardTable
from users.models import EndUser

WORKSPACE_ID = uuid5(brand.NAMESPACE, "workspace")


class DemoIsThereError(Exception):
    """The demo brand is loaded already."""


@dataclass(frozen=True)
class Chapter:
    """One campaign's past, before it is rows."""

    wheel: Wheel
    draws: list[Draw]


@dataclass(frozen=True)
class Stage:
    """What every chapter plays on."""

    config: EnvironmentConfig
    people: list[EndUser]
    pools: dict[str, UUID]
    codes: history.Codes
    rng: Random
    now: datetime


@dataclass(frozen=True)
class Loaded:
    """How much was made."""

    users: int
    plays: int
    rewards: int
    codes: int


def is_loaded() -> bool:
    return Workspace.objects.filter(id=WORKSPACE_ID).exists()


def load(now: datetime) -> Loaded:
    """Everything, relative to `now`; raises DemoIsThereError."""
    if is_loaded():
        raise DemoIsThereError("The demo brand is loaded already; remove it first, or reset it.")
    try:
        with transaction.atomic():
            loaded = _load(make_workspace(now), now)
            _analyze()
    finally:
        # what this process cached stood in a transaction that others could not see
        configs.forget()
    return loaded


def make_workspace(now: datetime) -> Environment:
    """The brand, its owner, who signs in by link, and its test environment."""
    workspace = keys.create_workspace(
        brand.NAME,
        id=WORKSPACE_ID,
        brand_color=brand.COLOR,
        time_zone=brand.TIME_ZONE,
        currency=brand.CURRENCY,
        created_at=now - timedelta(days=60),
    )
    owner = Member.objects.filter(email=brand.OWNER_EMAIL).first()
    owner = owner or Member.objects.create_user(brand.OWNER_EMAIL, name=brand.OWNER_NAME)
    Membership.objects.create(workspace=workspace, member=owner, role=Membership.Role.OWNER)
    return Environment.objects.get(workspace=workspace, kind=Environment.Kind.TEST)


def _load(environment: Environment, now: datetime) -> Loaded:
    rng = Random(brand.SEED)  # noqa: S311  # a story, not a secret
    zone = ZoneInfo(brand.TIME_ZONE)
    rows = people.make_people(
        environment, rng, calendar.instant(calendar.day(now, zone, brand.DAYS - 1), zone)
    )
    chapters = _plan(rows, rng, now, zone)
    for spin in (draw.spin for chapter in chapters for draw in chapter.draws):
        rows[spin.person].last_seen_at = spin.at
    people.insert_people(rows)
    configs.forget()
    config = configs.get(environment.id)
    if config is None:
        raise LookupError("The environment that was just made is gone.")
    pools = _stock(environment, config, chapters, rng)
    source = history.Codes(CouponCursor.objects.filter(pool_id__in=pools.values()).order_by("id"), rng)
    stage = Stage(config, rows, pools, source, rng, now)
    told = [_tell(stage, each) for each in [*chapters, *_games(rows, now, zone)]]
    CouponCursor.objects.bulk_update(source.cursors, ["next_number"])
    wheels.insert_draft(environment)
    rewards = [reward for each in told for reward in each.rewards]
    outage = calendar.instant(calendar.day(now, zone, brand.OUTAGE_DAY), zone, brand.OUTAGE_HOUR)
    insert_deliveries(_endpoint(environment, now), rewards, outage, rng, now)
    happenings.insert_devices(rows)
    segments.open_doors(environment, now)
    happenings.tell_events(config, rows, rng, now)
    segments.insert_segments(config, rows, now)
    pictures.hang(environment)
    return Loaded(
        len(rows), sum(len(each.plays) for each in told), len(rewards), sum(_sizes(chapters).values())
    )


def _plan(rows: Sequence[EndUser], rng: Random, now: datetime, zone: ZoneInfo) -> list[Chapter]:
    """Who spins when in which campaign, and what comes of it; the oldest campaign first."""
    joined, glu_ids = [row.registered_at for row in rows], [row.glu_id for row in rows]
    opening = calendar.plan_launch(joined, rng, now, zone)
    spins = calendar.plan_spins(joined, rng, now, zone)
    changed = calendar.instant(calendar.day(now, zone, brand.CHANGE_DAY), zone, brand.CHANGE_HOUR)
    changed_from = sum(spin.at < changed for spin in spins)
    return [
        Chapter(wheels.launch_day(now, zone), draws.draw_all(LAUNCH, opening, glu_ids, len(opening))),
        Chapter(wheels.weekend_spin(now, zone, changed), draws.draw_all(SPIN, spins, glu_ids, changed_from)),
    ]


def _games(rows: Sequence[EndUser], now: datetime, zone: ZoneInfo) -> list[Chapter]:
    """The games beside the wheel, with a chance of their own: the wheel's story stays what it is."""
    joined, glu_ids = [row.registered_at for row in rows], [row.glu_id for row in rows]
    return [Chapter(game, past) for game, past in games.past(joined, glu_ids, now, zone)]


def _stock(
    environment: Environment, config: EnvironmentConfig, chapters: Sequence[Chapter], rng: Random
) -> dict[str, UUID]:
    return {
        name: codes.stock_pool(environment, config, name, count, rng).id
        for name, count in _sizes(chapters).items()
    }


def _sizes(chapters: Sequence[Chapter]) -> dict[str, int]:
    """How many codes each pool has in all: what is won, and what the story leaves over."""
    won = draws.codes_needed([draw for chapter in chapters for draw in chapter.draws])
    return {name: won[name] + left for name, left in brand.CODES_LEFT.items()}


def _tell(stage: Stage, chapter: Chapter) -> history.History:
    """Make the campaign and write its past."""
    config, rows = stage.config, stage.people
    made = wheels.build(config.environment, chapter.wheel, stage.pools)
    versions = _versions(config, draws.campaign_id(chapter.wheel.tag), made)
    historian = history.Historian(config, versions, rows, stage.codes, stage.rng)
    told = historian.tell(chapter.draws, stage.now)
    history.insert_history(told, versions[-1], rows, config)
    if not chapter.wheel.has_ended:
        history.insert_openings(versions[-1], rows, config, stage.rng, stage.now)
    return told


def _versions(
    config: EnvironmentConfig, campaign_id: UUID, made: Sequence[RewardTable]
) -> list[CatalogCampaign]:
    """The campaign as it was with each of its tables."""
    newest = catalog.fresh(config, campaign_id)
    if newest is None:
        raise LookupError("The campaign that was just made is gone.")
    frozen = tables.load(config, [table.id for table in made])
    return [
        replace(newest, version=number, table=frozen[table.id]) for number, table in enumerate(made, start=1)
    ]


def _endpoint(environment: Environment, now: datetime) -> Endpoint:
    """The built-in receiver, which has been there since the brand's first day."""
    endpoint, _ = endpoints.create(
        environment, endpoints.receiver_path(environment.id), [REWARD_WON], actor=ACTOR
    )
    endpoint.created_at = now - timedelta(days=60)
    endpoint.save(update_fields=["created_at"])
    return endpoint


def _analyze() -> None:
    """Fresh tables have no statistics, and the console's first pages would be slow."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
