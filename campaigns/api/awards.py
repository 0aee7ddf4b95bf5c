"""`POST /api/v1/campaigns/{id}/awards`: the client's server gives a campaign's reward without a game."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import catalog, eligibility, giving
from campaigns.api import awards_documents as documents
from campaigns.api.lists import person_of
from campaigns.giving import Award
from campaigns.requests import checked_key
from glu_admin.api.auth import header, server
from glu_admin.api.errors import ApiError
from glu_admin.api.json import answer, load_object
from glu_admin.api.views import JsonView
from rewards.outcomes import MOST_DETAILS, MOST_OCCASION
from users import people
from users.events.forms import storable

SCOPE = "rewards:write"
FIELDS = {"userId", "occasion", "details"}
CLOSED = {
    "ended": ("campaign_ended", "This campaign has ended."),
    "not_started": ("not_started", "This campaign has not started yet."),
}


class AwardsView(JsonView):
    """Gives a reward once for each Idempotency-Key; it is in the wallet a moment later."""

    @extend_schema(**documents.AWARD)
    def post(self, request: Request, campaign_id: str) -> HttpResponse:
        caller, now = server(request, SCOPE), timezone.now()
        key = checked_key(header(request, "Idempotency-Key"))
        campaign = catalog.of(caller.config).by_id(campaign_id)
        if campaign is None:
            message = "There is no launched campaign with this id or tag."
            raise ApiError("campaign_not_found", message, status=404)
        body = load_object(request)
        if unknown := sorted(body.keys() - FIELDS):
            raise ApiError("unknown_field", f"Send only {', '.join(sorted(FIELDS))}.", field=unknown[0])
        person = person_of(caller, body)
        if person.blocked_at:
            raise people.blocked()
        reason = eligibility.closed(campaign, now)  # a paused one gives it when it goes on
        if reason in CLOSED:
            raise ApiError(*CLOSED[reason], status=409)
        occasion = _occasion(body)
        award = Award(person.merged_into_id or person.pk, key, occasion, _details(body))
        is_new = giving.give(caller.config, campaign, award, now=now)
        told = {"campaignId": campaign.name_in_urls, "userId": body["userId"], "occasion": occasion}
        return answer({"success": True, "data": {**told, "isNew": is_new}})


def _occasion(body: Mapping[str, Any]) -> str:
    occasion = body.get("occasion", "")
    if not isinstance(occasion, str) or len(occasion) > MOST_OCCASION or "\0" in occasion:
        message = f"occasion is the key of one of the campaign's occasions, up to {MOST_OCCASION} characters."
        raise ApiError("invalid_occasion", message, field="occasion")
    return occasion


def _details(body: Mapping[str, Any]) -> dict[str, Any]:
    details = body.get("details", {})
    text = storable(details) if isinstance(details, dict) else ""
    if not text or len(text.encode()) > MOST_DETAILS:
        message = f'details is an object of up to {MOST_DETAILS} bytes: {{"orderId": "o-1"}}.'
        raise ApiError("invalid_details", message, field="details")
    return dict(details)
