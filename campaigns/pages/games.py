"""A game page: where the person stands, what to show, and its parts for a page that has played."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string

from campaigns import eligibility, engine, forcing, gates, moments, standings
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import NOT_BEGUN, Progress, Standing
from campaigns.pages import chances, plays, screens, times
from campaigns.pages.links import Links
from campaigns.pages.plays import Result
from campaigns.pages.screens import Scene, Screen
from campaigns.pages.visits import Visit
from campaigns.pages.wallet import zone_of
from campaigns.types.base import Moment
from rewards import coupons, shown
from rewards.models import Stock

PARTS = ("head", "card", "actions")
WITH_CHANCES = {"pristine", "in-progress", "lost", "won", "no_plays"}
SPENT = {"no_plays_left", "no_plays_today"}


def scene(
    visit: Visit, campaign: CatalogCampaign, links: Links, *, now: datetime, wanted: UUID | None
) -> tuple[Scene, Progress]:
    """Everything that decides the screen. `wanted` is the `rewardUserId` of an attempt."""
    mine = engine.progress_of(visit.config, visit.person.id)
    progress = gates.begun(campaign, mine.get(campaign.id, NOT_BEGUN), now)
    gate = gates.gate(campaign, mine)
    first = gates.first(visit.config, campaign) if gate else None
    why_not = _why_not(visit, campaign, mine, now)
    standing = eligibility.standing(campaign, progress, now, why_not=why_not, gate=gate)
    attempt = plays.attempt_named(visit, campaign, progress, wanted)
    result = plays.result(visit, campaign, attempt, now=now) if attempt else None
    if attempt is None and progress.plays and (campaign.is_program or standing.reason in SPENT):
        result = _newest(visit, campaign, standing, now)
    made = Scene(
        campaign=campaign,
        standing=standing,
        progress=progress,
        moment=moment_of(visit, campaign, progress, now),
        result=result,
        sold_out=standing.may_play and _is_sold_out(visit, campaign, now),
        schemes=tuple(visit.config.environment.deep_link_schemes),
        links=links,
        key=plays.key_of(visit, campaign, progress.plays + 1),
        now=now,
        zone=zone_of(visit, campaign),
        brand=visit.config.environment.workspace.name,
        forces=forcing.may(visit.config, visit.person),
        first=first,
        asks=gates.waits_for_yes(campaign, progress),
    )
    return made, progress


def _why_not(visit: Visit, campaign: CatalogCampaign, mine: Mapping[UUID, Progress], now: datetime) -> str:
    """Why the campaign is not for this person, who may not hear of one that opens out of their sight."""

    def outside(each: CatalogCampaign) -> str:
        return standings.why_not(visit.config, each, visit.person.id, now=now)

    found = outside(campaign)
    return found or ("" if gates.is_in_sight(visit.config, campaign, mine, outside, now) else "hidden")


def moment_of(visit: Visit, campaign: CatalogCampaign, progress: Progress, now: datetime) -> Moment:
    """The moment of this person's next attempt, or of the one that is under way."""
    moment = moments.of(campaign, visit.person, progress.plays + 1, now)
    return moments.with_referral(visit.config, visit.person, moment) if campaign.is_program else moment


def _newest(visit: Visit, campaign: CatalogCampaign, standing: Standing, now: datetime) -> Result | None:
    """What came last: it stays in sight where nothing is left to play. Of a program that goes on it is
    news only until it was seen."""
    found = plays.newest(visit, campaign, now=now)
    if standing.reason in SPENT or found is None:
        return found
    return found if found.reward and found.reward.state == "won" else None


def see(visit: Visit, scene: Scene) -> None:
    """Note that the person has the reward before their eyes."""
    if scene.result and scene.result.reward and scene.result.reward.state == "won":
        shown.mark_seen(visit.config, visit.person.id, scene.result.reward.id, now=scene.now)


def context(scene: Scene, progress: Progress) -> dict[str, Any]:
    """What the game's template draws; holds nothing about a result that is not shown."""
    campaign, screen = scene.campaign, screens.screen(scene)
    slug, table = campaign.type, campaign.table
    return {
        "screen": screen,
        "campaign": campaign,
        "game": campaign.kind.view(campaign.config, progress.state, campaign.outcomes, scene.moment),
        "play": {"url": scene.links.play(campaign.id), "key": scene.key},
        "forces": campaign.table.variants if scene.forces else (),
        "game_template": f"types/{slug}/game.html",
        "game_css": f"types/{slug}/game.css",
        "game_js": f"types/{slug}/game.js",
        "play_url": scene.links.play(campaign.id),
        "pictures": campaign.kind.pictures(campaign.config),
        "own_screens": [screens.playing(), screens.offline(), screens.broken()],
        "shows_odds": screen.state in WITH_CHANCES,
        "chances": chances.of(campaign),
        "fallback": table.fallback,
        "last_day": times.last_day(campaign.ends_at, scene.now, scene.zone) if campaign.ends_at else "",
        "now": scene.now,
        "zone": scene.zone,
        "schemes": scene.schemes,
    }


def news(scene: Scene, brand: str) -> dict[str, Any]:
    """Where a page stands after an action; one that is redrawn gets its stage too."""
    screen, campaign = screens.screen(scene), scene.campaign
    known: dict[str, Any] = {"campaign": campaign, "brand": brand}
    if campaign.kind.is_redrawn:
        known = context(scene, scene.progress) | known
    return parts(screen, known)


def parts(screen: Screen, known: Mapping[str, Any]) -> dict[str, Any]:
    """A screen for a page that is open already: its changing parts, in the page's own words."""
    context = {**known, "screen": screen}
    html = {name: render_to_string(f"player/parts/{name}.html", context) for name in PARTS}
    if "game_template" in known:
        html["stage"] = render_to_string(known["game_template"], {**context, "landed": screen.landed})
    brand = known.get("brand")
    return {
        "state": screen.state,
        "title": f"{screen.title} · {brand}" if brand else screen.title,
        "parts": html,
    }


def _is_sold_out(visit: Visit, campaign: CatalogCampaign, now: datetime) -> bool:
    """Whether nothing is left to be won: every prize that can be drawn has run out."""
    if campaign.table.fallback.is_prize:
        return False
    prizes = [each for each in campaign.table.variants if each.is_prize and each.weight]
    if not prizes or any(each.pool_id is None and each.stock_id is None for each in prizes):
        return False
    return not any(_has_left(visit, each.pool_id, each.stock_id, now) for each in prizes)


def _has_left(visit: Visit, pool_id: UUID | None, stock_id: int | None, now: datetime) -> bool:
    if stock_id is not None:
        stock = Stock.objects.get(environment_id=visit.config.id, id=stock_id)
        if stock.issued >= stock.limit:
            return False
    return pool_id is None or coupons.has_left(visit.config.id, pool_id, now=now)
