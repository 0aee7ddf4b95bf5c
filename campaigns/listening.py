"""Which live campaigns an event may move people on in, found once for each catalogue.

An environment in which none listens costs its events nothing more than this look-up.
"""

from collections.abc import Mapping
from datetime import datetime

from campaigns import catalog, ways
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import Progress
from glu_admin.config import EnvironmentConfig

Listeners = Mapping[str, tuple[CatalogCampaign, ...]]


def by_name(config: EnvironmentConfig) -> Listeners:
    """The live campaigns that listen, by the names of events."""
    return config.part("campaign_listeners", _compiled)


def is_heard(config: EnvironmentConfig, name: str) -> bool:
    """Whether it is worth telling of this."""
    return name in by_name(config)


def _compiled(config: EnvironmentConfig) -> Listeners:
    found: dict[str, list[CatalogCampaign]] = {}
    for campaign in catalog.of(config).campaigns:
        if campaign.status == "live":
            for name in names(campaign):
                found.setdefault(name, []).append(campaign)
    return {name: tuple(campaigns) for name, campaigns in found.items()}


def names(campaign: CatalogCampaign) -> frozenset[str]:
    """What the game itself waits for, and what earns more plays of it."""
    return campaign.listens | ways.names(campaign.ways)


def is_open(campaign: CatalogCampaign, received_at: datetime, happened_at: datetime) -> bool:
    """Whether something counts that came then: the campaign ran, and had begun when it happened."""
    if campaign.starts_at and min(received_at, happened_at) < campaign.starts_at:
        return False
    return campaign.ends_at is None or received_at < campaign.ends_at


def is_tracked(campaign: CatalogCampaign, progress: Progress | None, at: datetime) -> bool:
    """Whether what this person does counts yet, and still does."""
    if not ways.is_tracked(campaign.ways, progress):
        return False
    is_done = campaign.is_program and progress is not None and progress.status == "completed"
    return not is_done or ways.is_rested(campaign.ways, progress, at)
