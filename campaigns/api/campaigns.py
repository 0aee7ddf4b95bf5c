"""`GET /reward/v1.1/user`: the campaigns that a person may see now, and where they open."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from orjson import Fragment
from rest_framework.request import Request

from campaigns import cards, entries, gates, moments, participations
from campaigns.api import documents
from campaigns.cards import Card, inner
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import NOT_BEGUN, Progress
from campaigns.participations import Overview
from campaigns.types.base import Moment
from glu_admin.api.json import answer
from glu_admin.api.views import JsonView
from users import tokens
from users.tokens import Identity

FILTERS = ("status", "type", "campaignId")
PAGES = ("reward", "program")  # which open from a card
COUNTED = ("totalSteps", "stepsCompleted", "stepsRemaining")


class CampaignsView(JsonView):
    """Loads the campaigns of the token's person."""

    @extend_schema(**documents.CAMPAIGNS)
    def get(self, request: Request, campaign_id: str | None = None) -> HttpResponse:
        identity = tokens.identify(request)
        wanted = {name: values for name in FILTERS if (values := _values(request._request, name))}
        if campaign_id is not None:
            wanted["campaignId"] = {campaign_id.lower()}
        now = timezone.now()
        overview = participations.overview(identity, now=now)
        gates.fetched(identity.config, overview.person.id, overview.progress, now)
        listing = _Listing(entries.base_url(request._request), identity, overview, now)
        body = answer(listing.body(wanted))
        body.headers["Cache-Control"] = "no-store"
        return body


class CampaignView(CampaignsView):
    """Loads one of them, by its id or tag, in the same shape."""

    @extend_schema(**documents.CAMPAIGN)
    def get(self, request: Request, campaign_id: str | None = None) -> HttpResponse:
        return super().get(request, campaign_id)


class _Listing:
    """One answer in the making: one page token opens all of its addresses."""

    def __init__(self, base: str, identity: Identity, overview: Overview, now: datetime) -> None:
        self.base, self.overview, self.now = base, overview, now
        self.host = inner(base)
        self.glu_id = str(overview.person.glu_id)  # of a visitor's old token: the user's
        self.token = tokens.page_token(identity, now=now)
        self.addresses = {page: inner(entries.page_url(base, page, self.token)) for page in PAGES}
        self.game_address = self.addresses["reward"]
        self.names: dict[int, bytes] = {}  # of attempts, which mostly are the first
        self.moments: dict[str, Moment] = {}
        running: Sequence[Card] = cards.of(identity.config).running(now)
        if overview.known:
            running = cards.meant_for(overview.known, running)
        self.progress = self._as_of_now(running, overview.progress)
        self.visible = [card for card in running if not (card.may_hide and self._hides(card.campaign))]

    def _as_of_now(self, running: Sequence[Card], mine: Mapping[str, Progress]) -> Mapping[str, Progress]:
        """The progress, begun again in what was completed and has rested."""
        rested = {
            card.name: gates.begun(card.campaign, mine[card.name], self.now)
            for card in running
            if card.may_rest and card.name in mine
        }
        return {**mine, **rested} if rested else mine

    def _hides(self, campaign: CatalogCampaign) -> bool:
        """Whether this person can't do anything there now: another campaign comes first, or their time is
        up. The contract has no status for either, and an app would offer what can't be played; the
        wallet's page says of the first how it opens."""
        if gates.gate(campaign, self.progress):
            return True
        if not campaign.may_be_over:
            return False
        progress = self.progress.get(campaign.name_in_urls, NOT_BEGUN)
        return campaign.kind.is_over(campaign.config, progress.state, self._moment(campaign, progress))

    def _moment(self, campaign: CatalogCampaign, progress: Progress) -> Moment:
        name = campaign.name_in_urls
        found = self.moments.get(name)
        if found is None:
            found = moments.of(campaign, self.overview.person, progress.plays + 1, self.now)
            self.moments[name] = found
        return found

    def body(self, wanted: dict[str, Set[str]]) -> dict[str, object]:
        return {
            "success": True,
            "defaultUrl": entries.page_url(self.base, "wallet", self.token),
            "defaultBanner": {
                "liveCampaignCount": len(self.visible),
                "totalRewardCount": self.overview.rewards,
            },
            "campaigns": Fragment(f"[{','.join(map(self._entry, self._wanted(wanted)))}]"),
        }

    def _wanted(self, wanted: dict[str, Set[str]]) -> list[Card]:
        return [card for card in self.visible if self._matches(card, wanted)] if wanted else self.visible

    def _matches(self, card: Card, wanted: dict[str, Set[str]]) -> bool:
        """One value of each filter must fit; a filter with unknown values lets none pass."""
        campaign = card.campaign
        names = {
            "status": (self.progress.get(card.name, NOT_BEGUN).status,),
            "type": (campaign.type,),
            "campaignId": (campaign.name_in_urls, campaign.tag.lower()),
        }
        return all(not values.isdisjoint(names[name]) for name, values in wanted.items())

    def _entry(self, card: Card) -> str:
        """Its JSON: a game's address names the person's next attempt."""
        progress = self.progress.get(card.name, NOT_BEGUN)
        if card.is_program:
            banner = self._banner(card.campaign, progress)
            return card.of_program(self.addresses["program"], progress.status, banner, self.host)
        attempt = progress.plays + 1
        name = self.names.get(attempt) or self._name(attempt)
        return card.of_game(self.game_address, name, progress.status, self.host)

    def _name(self, attempt: int) -> bytes:
        name = self.names[attempt] = f"{self.glu_id}:{attempt}".encode()
        return name

    def _banner(self, campaign: CatalogCampaign, progress: Progress) -> dict[str, str]:
        """A program's texts: also how far the person is, as text like all of them."""
        banner = campaign.card | {"userCampaignStatus": progress.status}
        kind, state, moment = campaign.kind, progress.state, self._moment(campaign, progress)
        if said := kind.card(campaign.config, state, moment):
            banner |= {"body": said}
        if way := kind.way(campaign.config, state, moment):
            steps = (way.total, way.done, way.total - way.done)
            banner |= dict(zip(COUNTED, map(str, steps), strict=True))
        return banner


def _values(request: HttpRequest, name: str) -> Set[str]:
    """A filter's values, repeated or with commas between."""
    if not request.META.get("QUERY_STRING"):  # mostly, and then there is nothing to parse
        return frozenset()
    parts: Iterable[str] = ",".join(request.GET.getlist(name)).split(",")
    return {part.strip().lower() for part in parts if part.strip()}
