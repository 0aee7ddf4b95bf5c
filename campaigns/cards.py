"""The cards of the list of campaigns, whose JSON is written beforehand as far as it is everybody's.

A list is some fifty cards at every start of an app. To put texts together takes half of what it
takes to make objects of them and to encode these.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import orjson

from campaigns import catalog, eligibility, entries
from campaigns.catalog import CatalogCampaign
from glu_admin.config import EnvironmentConfig

OURS = '"imageUrl":"/'  # a text of a marketer holds no quote that is not escaped
FOR_EVER = datetime.max.replace(tzinfo=UTC)


class Card:
    """One campaign's; `attempt` names a person's attempt in it."""

    def __init__(self, campaign: CatalogCampaign) -> None:
        self.campaign = campaign
        self.name = campaign.name_in_urls
        self.page = campaign.kind.page
        self.is_everybody = campaign.audience.is_everybody
        self.may_hide = campaign.ways.unlocks or campaign.may_be_over
        self.attempt = entries.attempts_of(campaign.id)
        self._type = inner(campaign.type)
        self._texts = written(campaign.card)[:-1]  # open, for one more key
        self.is_pictured = OURS in self._texts

    def entry(self, address: str, status: str, banner: str | None = None, *, host: str = "") -> str:
        """Its JSON for one person; `address`, in JSON, lacks the campaign's name. `banner` replaces
        what everybody sees. `host`, in JSON, is where an app finds our pictures."""
        if banner is None:
            banner = f'{self._texts},"userCampaignStatus":"{status}"}}'
        if self.is_pictured:
            banner = banner.replace(OURS, f"{OURS[:-1]}{host}/", 1)
        return (
            f'{{"campaignId":"{self.name}","url":"{address}&campaignId={self.name}",'
            f'"type":"{self._type}","status":"{status}","banner":{banner}}}'
        )


class Cards:
    """Those of an environment's catalog, in its order."""

    def __init__(self, campaigns: Iterable[CatalogCampaign]) -> None:
        self._all = tuple(map(Card, campaigns))
        self._running: tuple[datetime, datetime, tuple[Card, ...]] = (FOR_EVER, FOR_EVER, ())

    def running(self, now: datetime) -> tuple[Card, ...]:
        """Of the campaigns that run; sought again when one begins or ends."""
        since, until, found = self._running
        if not since <= now < until:
            found = tuple(card for card in self._all if not eligibility.closed(card.campaign, now))
            moments = (at for card in self._all for at in (card.campaign.starts_at, card.campaign.ends_at))
            until = min((at for at in moments if at and at > now), default=FOR_EVER)
            self._running = now, until, found
        return found


def of(config: EnvironmentConfig) -> Cards:
    """Made once for each version of the environment."""
    return config.part("cards", lambda config: Cards(catalog.of(config).campaigns))


def written(data: object) -> str:
    return orjson.dumps(data).decode()


def inner(text: str) -> str:
    """The text as it stands in JSON, without the quotes."""
    return written(text)[1:-1]
