"""`GET /reward/v1.1/user`: the campaigns that a person may see now, and where they open."""

from collections.abc import Iterable, Set
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import catalog, eligibility, entries, moments, participations
from campaigns.api import documents
from campaigns.catalog import CatalogCampaign
from campaigns.eligibility import NOT_BEGUN, Progress
from campaigns.participations import Overview
from glu_admin.api.json import answer
from glu_admin.api.views import JsonView
from users import tokens
from users.tokens import Identity

FILTERS = ("status", "type", "campaignId")
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
        self.glu_id = str(overview.person.glu_id)  # of a visitor's old token: the user's
        self.token = tokens.page_token(identity, now=now)
        campaigns = catalog.of(identity.config).campaigns
        self.visible = [
            each for each in campaigns if not eligibility.closed(each, now) and overview.is_for(each)
        ]

    def body(self, wanted: dict[str, Set[str]]) -> dict[str, object]:
        return {
            "success": True,
            "defaultUrl": entries.page_url(self.base, "wallet", self.token),
            "defaultBanner": {
                "liveCampaignCount": len(self.visible),
                "totalRewardCount": self.overview.rewards,
            },
            "campaigns": [
                self._entry(each) for each in self.visible if not wanted or self._matches(each, wanted)
            ],
        }

    def _progress(self, campaign: CatalogCampaign) -> Progress:
        return self.overview.progress.get(campaign.id, NOT_BEGUN)

    def _matches(self, campaign: CatalogCampaign, wanted: dict[str, Set[str]]) -> bool:
        """One value of each filter must fit; a filter with unknown values lets none pass."""
        names = {
            "status": (self._progress(campaign).status,),
            "type": (campaign.type,),
            "campaignId": (campaign.name_in_urls, campaign.tag.lower()),
        }
        return all(not values.isdisjoint(names[name]) for name, values in wanted.items())

    def _entry(self, campaign: CatalogCampaign) -> dict[str, object]:
        progress = self._progress(campaign)
        attempt = None
        if campaign.kind.page == "reward":
            attempt = entries.reward_user_id_text(campaign.id, self.glu_id, progress.plays + 1)
        return {
            "campaignId": campaign.name_in_urls,
            "url": entries.page_url(self.base, campaign.kind.page, self.token, campaign, attempt),
            "type": campaign.type,
            "status": progress.status,
            "banner": self._banner(campaign, progress),
        }

    def _banner(self, campaign: CatalogCampaign, progress: Progress) -> dict[str, str]:
        """The card's texts; of a program also how far the person is, as text like all of them."""
        banner = campaign.card | {"userCampaignStatus": progress.status}
        if not campaign.is_program:
            return banner
        kind, state = campaign.kind, progress.state
        moment = moments.of(campaign, self.overview.person, progress.plays + 1, self.now)
        if said := kind.card(campaign.config, state, moment):
            banner |= {"body": said}
        if way := kind.way(campaign.config, state, moment):
            steps = (way.total, way.done, way.total - way.done)
            banner |= dict(zip(COUNTED, map(str, steps), strict=True))
        return banner


def _values(request: HttpRequest, name: str) -> Set[str]:
    """A filter's values, repeated or with commas between."""
    parts: Iterable[str] = ",".join(request.GET.getlist(name)).split(",")
    return {part.strip().lower() for part in parts if part.strip()}
