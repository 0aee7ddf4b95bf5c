"""What a wallet holds: what to play now, what is under way, what comes, and what was won."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from campaigns import catalog, eligibility, engine, gates, moments, standings
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import NOT_BEGUN, Progress, Standing
from campaigns.pages import cards, screens, times
from campaigns.pages.cards import Card
from campaigns.pages.links import Links
from campaigns.pages.visits import Visit
from campaigns.types.base import Moment, Way
from glu_admin.pictures.names import Shown
from rewards import shown
from rewards.models import RewardType
from rewards.shown import ShownReward

MOST_SHOWN = 50  # rewards, the newest; older ones follow on a page of their own


@dataclass(frozen=True)
class Tile:
    """A campaign in the wallet: one link."""

    campaign: CatalogCampaign
    href: str
    title: str
    text: str
    way: Way | None = None
    first: str = ""  # the title of the campaign that has to be finished first

    @property
    def picture(self) -> Shown | None:
        return self.campaign.card_picture

    @property
    def icons(self) -> list[str]:
        """The templates to look for: the type's own picture, else a plain one."""
        return [f"types/{self.campaign.type}/icon.html", "player/parts/icon.html"]


@dataclass(frozen=True)
class RewardTile:
    """A reward in the wallet. `href` is "" once its campaign is gone."""

    reward: ShownReward
    card: Card
    href: str

    @property
    def adds_up(self) -> bool:
        """Whether it is an amount, such as points, rather than something to use."""
        return self.reward.reward_type in cards.ADDED_UP


@dataclass(frozen=True)
class Wallet:
    """`points` counts what is still good; `ready` the rewards that can be used."""

    play_now: tuple[Tile, ...]
    in_progress: tuple[Tile, ...]
    later: tuple[Tile, ...]
    rewards: tuple[RewardTile, ...]
    older: int
    points: int
    ready: int

    @property
    def to_do(self) -> int:
        return len(self.play_now) + len(self.in_progress)


def wallet(visit: Visit, links: Links, *, now: datetime, skip: int = 0) -> Wallet:
    """The wallet of a visit's person: two queries, whatever the number of campaigns."""
    progress = engine.progress_of(visit.config, visit.person.id)
    gates.fetched(visit.config, visit.person.id, progress, now)
    rewards = shown.of_person(visit.config, visit.person.id, now=now)
    tiles = _tiles(visit, links, progress, now)
    usable = [each for each in rewards if _is_usable(each)]
    newest = rewards[skip : skip + MOST_SHOWN]
    return Wallet(
        play_now=tuple(tile for tile, place in tiles if place == "play_now"),
        in_progress=tuple(tile for tile, place in tiles if place == "in_progress"),
        later=tuple(tile for tile, place in tiles if place == "later"),
        rewards=tuple(_reward_tiles(visit, links, newest, now)),
        older=max(0, len(rewards) - skip - MOST_SHOWN),
        points=sum(each.amount or 0 for each in usable if each.reward_type == RewardType.POINTS),
        ready=sum(each.reward_type not in cards.ADDED_UP for each in usable),
    )


def zone_of(visit: Visit, campaign: CatalogCampaign | None = None) -> ZoneInfo:
    """The person's own time zone, else the campaign's, else the workspace's."""
    if visit.person.time_zone:
        return ZoneInfo(visit.person.time_zone)
    return campaign.time_zone if campaign else visit.config.zone


def _is_usable(reward: ShownReward) -> bool:
    return reward.state not in cards.STATES_OF_REWARDS


def _tiles(
    visit: Visit, links: Links, progress: Mapping[UUID, Progress], now: datetime
) -> list[tuple[Tile, str]]:
    found = []
    campaigns = [each for each in catalog.of(visit.config).campaigns if each.status != "ended"]
    why_not = standings.why_not_each(visit.config, campaigns, visit.person.id, now=now)
    for campaign in campaigns:
        person = gates.begun(campaign, progress.get(campaign.id, NOT_BEGUN), now)
        hidden, gate = why_not.get(campaign.id, ""), gates.gate(campaign, progress)
        if gate and not gates.is_in_sight(
            visit.config, campaign, progress, lambda each: why_not.get(each.id, ""), now
        ):
            continue
        standing = eligibility.standing(campaign, person, now, why_not=hidden, gate=gate)
        moment = moments.of(campaign, visit.person, person.plays + 1, now)
        place = _place(campaign, standing, person, moment)
        if place:
            way = campaign.kind.way(campaign.config, person.state, moment)
            tile = _tile(visit, links, campaign, standing, now)
            found.append((replace(tile, way=way), place))
    return found


def _place(campaign: CatalogCampaign, standing: Standing, person: Progress, moment: Moment) -> str:
    """Which list of the wallet a campaign belongs to; "" for none. What has a headline is under way."""
    if not standing.visible:
        return "later" if standing.reason == "not_started" else ""
    if campaign.kind.is_over(campaign.config, person.state, moment):
        return ""
    if standing.may_play:
        begun = campaign.kind.headline(campaign.config, person.state, moment)
        return "in_progress" if begun else "play_now"
    return "later" if standing.next_play_at or standing.reason == gates.LOCKED else ""


def _tile(visit: Visit, links: Links, campaign: CatalogCampaign, standing: Standing, now: datetime) -> Tile:
    first = gates.first(visit.config, campaign) if standing.reason == gates.LOCKED else None
    return Tile(
        campaign=campaign,
        first=first.card["title"] if first else "",
        href=links.game(campaign.kind.page, campaign.id),
        title=campaign.card["title"],
        text=" · ".join(filter(None, _facts(campaign, standing, now, zone_of(visit, campaign)))),
    )


def _facts(campaign: CatalogCampaign, standing: Standing, now: datetime, zone: ZoneInfo) -> list[str]:
    if standing.next_play_at:
        when = times.when(standing.next_play_at, now, zone)
        opens = standing.reason == "not_started"
        return [(_("Opens %(when)s") if opens else _("Play again %(when)s")) % {"when": when}]
    if standing.reason == gates.LOCKED:  # its limits are no news yet
        return []
    facts = [screens.plays_left(standing) or str(campaign.card.get("body", ""))]
    if campaign.ends_at:
        facts.append(_("until %(day)s") % {"day": times.short_last_day(campaign.ends_at, zone)})
    return facts


def _reward_tiles(
    visit: Visit, links: Links, rewards: Sequence[ShownReward], now: datetime
) -> list[RewardTile]:
    campaigns = catalog.of(visit.config)
    tiles = []
    for reward in rewards:
        campaign = campaigns.by_id(reward.campaign_id)
        href = links.game(campaign.kind.page, campaign.id, reward.reward_user_id) if campaign else ""
        card = cards.card_of(reward, now, zone_of(visit, campaign))
        tiles.append(RewardTile(reward, card, href))
    return tiles
