"""The entry-point endpoints of the SDKs. Every refusal holds `"data": []`: apps unwrap it by force."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import entry_points
from campaigns.api import documents
from campaigns.entry_point_shapes import PLATFORMS
from campaigns.entry_points import UnknownEntryPoint
from campaigns.models import Slot
from glu_admin.api.auth import open_with_write_key
from glu_admin.api.errors import ApiError
from glu_admin.api.json import answer, load_object
from glu_admin.api.views import JsonView
from users import people, tokens

MOST_NAMES = 500  # in one report of an app
LONGEST_NAME = 200


class EntryPointsView(JsonView):
    """The entry points, for a person's token."""

    @extend_schema(**documents.ENTRY_POINTS)
    def get(self, request: Request) -> HttpResponse:
        identity = tokens.identify(request)
        person = people.load(identity)
        query = request._request.GET
        points = entry_points.listed(
            identity.config, query.get("consumer") or "MOBILE", point_id=query.get("id", "")
        )
        mine = entry_points.for_person(identity.config, person, points, now=timezone.now())
        return answer({"success": True, "data": mine})


class KeyedEntryPointsView(JsonView):
    """The entry points, for an app's write key."""

    @extend_schema(**documents.KEYED_ENTRY_POINTS)
    def get(self, request: Request, write_key: str) -> HttpResponse:
        config = open_with_write_key(request, write_key)
        query = request._request.GET
        wanted = [part.strip() for part in query.get("campaignIds", "").split(",") if part.strip()]
        points = entry_points.listed(config, query.get("consumer") or "MOBILE", campaign_ids=wanted)
        return answer({"success": True, "data": points})


class EntryPointStateView(JsonView):
    """What the token's person did with entry points."""

    @extend_schema(**documents.ENTRY_POINT_STATES)
    def get(self, request: Request) -> HttpResponse:
        identity = tokens.identify(request)
        person = people.load(identity)
        return answer({"success": True, "data": entry_points.states(identity.config, person)})

    @extend_schema(**documents.ENTRY_POINT_STATE)
    def post(self, request: Request) -> HttpResponse:
        identity = tokens.identify(request)
        person = people.load(identity)
        body = load_object(request)
        try:
            entry_points.mark(
                identity.config,
                person,
                _text(body, "entrypointId"),
                _text(body, "campaignId"),
                clicked=body.get("entryPointClicked") is True,
                complete_state_viewed=body.get("entryPointCompleteStateViewed") is True,
            )
        except UnknownEntryPoint:
            raise ApiError(
                "entry_point_not_found", "There is no entry point with this entrypointId.", status=404
            ) from None
        return answer({"success": True, "data": entry_points.states(identity.config, person)})


class SlotsView(JsonView):
    """An app in test mode reports its screens, banners and embeds."""

    @extend_schema(**documents.SLOTS)
    def post(self, request: Request) -> HttpResponse:
        config = open_with_write_key(request, request.headers.get("X-API-KEY"))
        body = load_object(request)
        platform = request.headers.get("platform", PLATFORMS[0]).lower()
        if platform not in PLATFORMS:
            raise ApiError(
                "unknown_platform", "The header platform must be android or ios.", field="platform"
            )
        entry_points.record_slots(config, platform, {kind: _names(body, kind) for kind in Slot.Kind.values})
        return answer({"success": True, "data": entry_points.slots(config)})


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > 64:
        raise ApiError("invalid_field", f"{name} must be text of up to 64 characters.", field=name)
    return value


def _names(body: dict[str, Any], name: str) -> list[str]:
    value = body.get(name) or []
    if not isinstance(value, list) or len(value) > MOST_NAMES or not all(map(_is_name, value)):
        message = f"{name} must be a list of up to {MOST_NAMES} names of 1 to {LONGEST_NAME} characters."
        raise ApiError("invalid_field", message, field=name)
    return value


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME
