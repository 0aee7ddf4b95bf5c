"""What stands between a person and a campaign that is open: another one to finish first, a yes to say,
a rest after it was completed. Campaigns without such ways in cost nothing here.

Of a locked campaign people see what comes first, while they see that one; an app's list, which has
no word for it, leaves it out until it is open.
"""

from collections.abc import Callable, Mapping
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


def gate(campaign: CatalogCampaign, mine: Mapping[Any, Progress]) -> str:
    """Why the campaign is closed to somebody with this progress in all of theirs, by id or by its text;
    "" if it is not. What was completed once stays so, also while it is done again."""
    first_id = campaign.ways.after
    if not campaign.ways.unlocks or first_id is None or first_id == campaign.id:
        return ""
    first = mine.get(first_id) or mine.get(str(first_id)) or NOT_BEGUN
    return "" if first.status == "completed" or ways.FINISHED in first.ways else LOCKED


def gate_of(config: EnvironmentConfig, campaign: CatalogCampaign, user_pk: int) -> str:
    """The same, read where it is needed: one statement for a campaign that follows another."""
    return gate(campaign, participations.all_of(config, user_pk)) if campaign.ways.unlocks else ""


def first(config: EnvironmentConfig, campaign: CatalogCampaign) -> CatalogCampaign | None:
    """The campaign that comes first; None if there is none, or none any more."""
    return catalog.of(config).by_id(campaign.ways.after) if campaign.ways.after else None


def is_in_sight(
    config: EnvironmentConfig,
    campaign: CatalogCampaign,
    mine: Mapping[Any, Progress],
    why_not: Callable[[CatalogCampaign], str],
    now: datetime,
) -> bool:
    """Whether this person sees what opens a locked campaign: it runs or will, and is for them, and so
    is whatever opens that one."""
    passed: set[UUID] = set()
    while gate(campaign, mine):
        before = first(config, campaign)
        if before is None or before.id in passed:
            return False
        if eligibility.closed(before, now) not in {"", "not_started"} or why_not(before):
            return False
        passed.add(before.id)
        campaign = before
    return True


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


def fetched(config: EnvironmentConfig, user_pk: int, mine: Mapping[Any, Progress], now: datetime) -> None:
    """Note that the app has shown campaigns whose events count from then on: once for each person.
    `mine` holds their progress, by the campaign's id or by its text. A locked one is not begun yet."""
    for campaign in catalog.of(config).told_when_fetched:
        if campaign.id in mine or campaign.name_in_urls in mine or eligibility.closed(campaign, now):
            continue
        if gate(campaign, mine):
            continue
        if not standings.why_not(config, campaign, user_pk, now=now):
            participations.enter(config, user_pk, campaign, "pristine", now)
