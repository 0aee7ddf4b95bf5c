"""The cards of the list of campaigns, whose JSON is written beforehand as far as it is everybody's.

A list is some fifty cards at every start of an app. To put texts together takes half of what it
takes to make objects of them and to encode these.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import orjson

from campaigns import catalog, eligibility, entries
from campaigns.catalog import CatalogCampaign
from campaigns.entries import VARIANT
from campaigns.standings import Known
from glu_admin.config import EnvironmentConfig

OURS = '"imageUrl":"/'  # a text of a marketer holds no quote that is not escaped
FOR_EVER = datetime.max.replace(tzinfo=UTC)


class Card:
    """One campaign's; `attempt` names a person's attempt in it."""

    def __init__(self, campaign: CatalogCampaign) -> None:
        self.campaign = campaign
        self.name = campaign.name_in_urls
        self.is_program = campaign.is_program
        self.lets_in = campaign.audience.lets_in
        self.may_hide = campaign.ways.unlocks or campaign.may_be_over
        self.may_rest = bool(campaign.ways.cool_down)
        self._hash = entries.hash_of(campaign.id)
        # what stands before the address, between it and the status, and after that
        self._head = f'{{"campaignId":"{self.name}","url":"'
        self._type = f'&campaignId={self.name}","type":"{inner(campaign.type)}","status":"'
        self._banner = f'","banner":{written(campaign.card)[:-1]},"userCampaignStatus":"'
        self._is_pictured = OURS in self._banner

    def of_game(self, address: str, attempt: bytes, status: str, host: str) -> str:
        """Its JSON for one person, whose next attempt is `gluId:number`. `address`, in JSON, lacks the
        names of both. `host`, in JSON, is where an app finds our pictures."""
        hashed = self._hash.copy()
        hashed.update(attempt)
        x = hashed.hexdigest()
        banner = _hosted(self._banner, host) if self._is_pictured else self._banner
        # the name is what entries.reward_user_id makes: a list has fifty, for which calls are dear
        return (
            f"{self._head}{address}&rewardUserId={x[:8]}-{x[8:12]}-5{x[13:16]}-{VARIANT[x[16]]}{x[17:20]}"
            f'-{x[20:32]}{self._type}{status}{banner}{status}"}}}}'
        )

    def of_program(self, address: str, status: str, banner: dict[str, str], host: str) -> str:
        """The same, with what only this person's banner says."""
        said = _hosted(written(banner), host)
        return f'{self._head}{address}{self._type}{status}","banner":{said}}}'


def _hosted(text: str, host: str) -> str:
    return text.replace(OURS, f"{OURS[:-1]}{host}/", 1)


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


def meant_for(known: Known, cards: Sequence[Card]) -> list[Card]:
    """The cards of the campaigns whose audience the person is in."""
    if known.listed:
        return [card for card in cards if known.is_in(card.campaign)]
    facts = known.facts
    return [card for card in cards if card.lets_in(facts)]


def written(data: object) -> str:
    return orjson.dumps(data).decode()


def inner(text: str) -> str:
    """The text as it stands in JSON, without the quotes."""
    return written(text)[1:-1]
