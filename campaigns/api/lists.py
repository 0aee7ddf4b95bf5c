"""`/segment/{campaignId}/user/…`: the client's server says who may see a campaign, and asks."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import catalog, lists, standings
from campaigns.api import lists_documents as documents
from campaigns.catalog import CatalogCampaign
from glu_admin.api.auth import Caller, server
from glu_admin.api.errors import ApiError
from glu_admin.api.json import answer, load_object
from glu_admin.api.views import JsonView
from users.models import EndUser
from users.v1 import search

READ, WRITE = "segments:read", "segments:write"


class ListView(JsonView):
    """The base of the three: who calls, which campaign, which person; in this order."""

    def opened(
        self, request: Request, scope: str, campaign_id: str
    ) -> tuple[Caller, CatalogCampaign, EndUser]:
        caller = server(request, scope)
        campaign = catalog.of(caller.config).by_id(campaign_id)
        if campaign is None or campaign.status == "ended":
            message = "There is no active campaign with this id or tag. Launch it first."
            raise ApiError("campaign_not_found", message, status=404, field="campaignId")
        return caller, campaign, person_of(caller, load_object(request))

    def _tell(self, request: Request, campaign_id: str, *, included: bool, message: str) -> HttpResponse:
        caller, campaign, person = self.opened(request, WRITE, campaign_id)
        lists.put(caller.config.id, campaign.id, person.pk, included=included, now=timezone.now())
        return answer({"success": True, "message": message})


class AddView(ListView):
    """The person sees the campaign from now on, whatever its segments say."""

    @extend_schema(**documents.ADD)
    def post(self, request: Request, campaign_id: str) -> HttpResponse:
        return self._tell(request, campaign_id, included=True, message="User added to campaign successfully")


class RemoveView(ListView):
    """The campaign stops appearing for the person, whatever its segments say."""

    @extend_schema(**documents.REMOVE)
    def delete(self, request: Request, campaign_id: str) -> HttpResponse:
        done = "User removed from campaign successfully"
        return self._tell(request, campaign_id, included=False, message=done)


class StatusView(ListView):
    """Whether the campaign is for the person: by its list, its segments and its rule together."""

    @extend_schema(**documents.STATUS)
    def post(self, request: Request, campaign_id: str) -> HttpResponse:
        caller, campaign, person = self.opened(request, READ, campaign_id)
        why_not = standings.why_not(caller.config, campaign, person.pk, now=timezone.now())
        return answer({"success": True, "data": {"isPresent": not why_not}})


def person_of(caller: Caller, body: Mapping[str, Any]) -> EndUser:
    """Whom a body names by `userId`; raises ApiError."""
    user_id = body.get("userId")
    if not isinstance(user_id, str) or not user_id.strip():
        message = "Send the user's id as text, such as userId: u_1."
        raise ApiError("user_id_missing", message, field="userId")
    if "\0" in user_id or (found := search.named(caller.config.id, user_id)) is None:
        message = "There is no user with this userId. Register the user first."
        raise ApiError("user_not_found", message, status=404, field="userId")
    return found
