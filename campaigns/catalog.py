"""The campaigns of an environment, compiled once per version and kept in memory.

Holds live, paused and ended campaigns with their frozen tables; drafts don't exist here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from campaigns import look as looks
from campaigns import targeting, ways
from campaigns.audience import EVERYBODY, Audience
from campaigns.look import OURS, Look
from campaigns.models import Campaign
from campaigns.types import all_types
from campaigns.types.base import CampaignType, Outcome
from campaigns.ways import PLAIN, Ways
from glu_admin.config import EnvironmentConfig
from glu_admin.pictures import names
from glu_admin.pictures.names import Shown
from glu_admin.workspaces.models import Workspace
from rewards import tables
from rewards.tables import FrozenTable, FrozenVariant


@dataclass(frozen=True)
class CatalogCampaign:
    """One campaign as the hot paths need it. Immutable."""

    id: UUID
    type: str
    name: str
    tag: str
    status: str
    version: int
    config: Mapping[str, Any]
    banner: Mapping[str, Any]
    table: FrozenTable
    plays_in_all: int | None
    plays_a_day: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    time_zone: ZoneInfo
    kind: CampaignType
    audience: Audience = EVERYBODY
    ways: Ways = PLAIN
    look: Look = OURS
    card_picture: Shown | None = None

    @cached_property
    def name_in_urls(self) -> str:
        """The id as text, made once: a list of campaigns writes it several times a campaign."""
        return str(self.id)

    @cached_property
    def is_program(self) -> bool:
        """Whether people come here by what they do elsewhere, and not to play."""
        return self.kind.page == "program"

    @cached_property
    def may_be_over(self) -> bool:
        """Whether its game may end for one person while it goes on for others."""
        return type(self.kind).is_over is not CampaignType.is_over

    @cached_property
    def listens(self) -> frozenset[str]:
        """The names of the events that its game waits for."""
        return self.kind.listens(self.config)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The variants as the campaign's type sees them."""
        return tuple(as_outcome(variant) for variant in self.table.variants)

    @cached_property
    def card(self) -> dict[str, str]:
        """What of a wallet card is the same for everybody; a key nobody filled in is left out."""
        texts = {"title": self.banner.get("title") or self.name, "tag": self.tag}
        texts |= {key: self.banner[key] for key in ("body", "imageUrl") if self.banner.get(key)}
        if self.card_picture:
            texts["imageUrl"] = self.card_picture.address  # whoever sends it says on which host
        return {key: str(text) for key, text in texts.items()}


def as_outcome(variant: FrozenVariant) -> Outcome:
    return Outcome(
        str(variant.id), variant.name, variant.position, variant.is_prize, variant.occasion, variant.weight
    )


class Catalog:
    """The campaign of the highest priority first, of the same the newest launched."""

    def __init__(self, campaigns: Iterable[CatalogCampaign]) -> None:
        newest = list(campaigns)
        self.campaigns = tuple(sorted(newest, key=lambda each: -each.ways.priority))
        # of tags that differ in capitals only, the newest campaign's counts
        self._by_name = {each.tag.lower(): each for each in reversed(newest) if each.tag}
        self._by_name |= {each.tag: each for each in self.campaigns if each.tag}
        self._by_name |= {each.name_in_urls: each for each in self.campaigns}

    @cached_property
    def needs(self) -> frozenset[str] | None:
        """What the audiences of campaigns that may still be played read of a person; None: nothing,
        because all of these are for everybody."""
        aimed = [each.audience for each in self.campaigns if each.status != "ended"]
        aimed = [each for each in aimed if not each.is_everybody]
        return frozenset[str]().union(*(each.needs for each in aimed)) if aimed else None

    @cached_property
    def programs(self) -> list[UUID]:
        """Whose state says how far a person has come, on every card."""
        return [each.id for each in self.campaigns if each.is_program]

    @cached_property
    def told_when_fetched(self) -> list[CatalogCampaign]:
        """Whose events count from the moment in which the app has shown them."""
        return [each for each in self.campaigns if each.ways.tracking == "fetch" and each.status == "live"]

    def by_id(self, name: UUID | str) -> CatalogCampaign | None:
        """By id or tag, in capitals or not; a tag as it is written comes first."""
        text = str(name)
        return self._by_name.get(text) or self._by_name.get(text.lower())


def of(config: EnvironmentConfig) -> Catalog:
    """The environment's catalog, made once per version of the environment."""
    return config.part("catalog", _build)


def fresh(config: EnvironmentConfig, campaign_id: UUID) -> CatalogCampaign | None:
    """One campaign as it stands this moment, past the cache; None if it is gone or a draft."""
    return next(iter(_compile(config, _launched(config).filter(id=campaign_id))), None)


def _build(config: EnvironmentConfig) -> Catalog:
    return Catalog(_compile(config, _launched(config).order_by("-launched_at", "id")))


def _launched(config: EnvironmentConfig) -> Any:
    return Campaign.objects.filter(environment_id=config.id).exclude(status=Campaign.Status.DRAFT)


def _compile(config: EnvironmentConfig, rows: Iterable[Campaign]) -> list[CatalogCampaign]:
    known = [row for row in rows if row.type in all_types()]  # a removed type's campaigns rest
    frozen = tables.load(config, [row.table_id for row in known])
    audiences = targeting.compiled(config, known)
    workspace = config.environment.workspace
    return [_compile_one(row, frozen[row.table_id], audiences[row.pk], workspace) for row in known]


def _compile_one(
    row: Campaign, table: FrozenTable, audience: Audience, workspace: Workspace
) -> CatalogCampaign:
    return CatalogCampaign(
        id=row.id,
        type=row.type,
        name=row.name,
        tag=row.tag,
        status=row.status,
        version=row.version,
        config=row.config,
        banner=row.banner,
        table=table,
        plays_in_all=row.plays_in_all,
        plays_a_day=row.plays_a_day,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        time_zone=ZoneInfo(row.time_zone),
        kind=all_types()[row.type],
        audience=audience,
        ways=ways.read(row.earning),
        look=looks.of(row.look, workspace.look),
        card_picture=names.shown(workspace.pk, row.banner.get("picture", "")),
    )
