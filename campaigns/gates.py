"""What stands between a person and a campaign that is open: another one to finish first, a yes to say,
a rest after it was completed. Campaigns without such ways in cost nothing here.
"""

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns import catalog, eligibility, participations, standings, ways
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import NOT_BEGUN, Progress
from campaigns.ways import PLAIN
from glu_admin.config import EnvironmentConfig

LOCKED = "locked"
YES = (True, "true", "on", "1", "yes")


def gate(campaign: CatalogCampaign, mine: Mapping[UUID, Progress]) -> str:
    """Why the campaign is closed to somebody with this progress in all of theirs; "" if it is not."""
    first_id = campaign.ways.after
    if not campaign.ways.unlocks or first_id is None or first_id == campaign.id:
        return ""
    first = mine.get(first_id, NOT_BEGUN)
    return "" if first.status == "completed" else LOCKED


def gate_of(config: EnvironmentConfig, campaign: CatalogCampaign, user_pk: int) -> str:
    """The same, read where it is needed: one statement for a campaign that follows another."""
    return gate(campaign, participations.all_of(config, user_pk)) if campaign.ways.unlocks else ""


def first_name(config: EnvironmentConfig, campaign: CatalogCampaign) -> str:
    """What people call the campaign that comes first."""
    first = catalog.of(config).by_id(campaign.ways.after) if campaign.ways.after else None
    return first.card["title"] if first else ""


def begun(campaign: CatalogCampaign, progress: Progress, now: datetime) -> Progress:
    """The progress, begun again if it was completed and has rested."""
    if campaign.ways is PLAIN:
        return progress
    return ways.begun_again(campaign.ways, progress, campaign.kind.start(campaign.config), now)


def waits_for_yes(campaign: CatalogCampaign, progress: Progress) -> bool:
    """Whether nothing counts until the person accepts."""
    return campaign.ways.accept and "acceptedAt" not in progress.ways


def accepted(
    campaign: CatalogCampaign, progress: Progress, action: Mapping[str, Any], now: datetime
) -> Progress | None:
    """The progress of somebody who says yes by this action; None if it says something else.

    Only what says so: sent twice it says yes twice, and never plays. One who has said so says it again
    for nothing.
    """
    if not campaign.ways.accept or action.get("accept") not in YES:
        return None
    if not waits_for_yes(campaign, progress):
        return progress
    noted = {**progress.ways, "acceptedAt": now.isoformat()}
    return replace(progress, status="in-progress", ways=noted)


def fetched(config: EnvironmentConfig, user_pk: int, mine: Container[Any], now: datetime) -> None:
    """Note that the app has shown campaigns whose events count from then on: once for each person.
    `mine` holds the campaigns of theirs, by id or by its text."""
    for campaign in catalog.of(config).told_when_fetched:
        if campaign.id in mine or campaign.name_in_urls in mine or eligibility.closed(campaign, now):
            continue
        if not standings.why_not(config, campaign, user_pk, now=now):
            participations.enter(config, user_pk, campaign, "pristine", now)
