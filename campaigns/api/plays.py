"""`POST /api/v1/campaigns/{id}/play`: one play, for the player pages and for apps that draw their own."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import engine, entries
from campaigns.api import documents
from glu_admin.api.auth import header
from glu_admin.api.errors import ApiError
from glu_admin.api.json import answer, load_object
from glu_admin.api.views import JsonView
from glu_admin.pictures.names import is_address
from rewards import shown
from users import people, tokens


class PlayView(JsonView):
    """Plays once. The same Idempotency-Key gives the same answer for as long as the campaign exists."""

    @extend_schema(**documents.PLAY)
    def post(self, request: Request, campaign_id: str) -> HttpResponse:
        identity = tokens.identify(request)
        key = header(request, "Idempotency-Key")
        data = engine.act(identity, campaign_id, key=key, body=load_object(request), now=timezone.now())
        if "game" in data:  # a move: apps that draw the game themselves need to know where pictures are
            data = {**data, "game": _hosted(data["game"], entries.base_url(request._request))}
        body = answer({"success": True, "data": data})
        body.headers["Cache-Control"] = "no-store"
        return body


def _hosted(part: Any, base: str) -> Any:
    """The same, with the whole addresses of our own pictures."""
    if isinstance(part, dict):
        return {name: _hosted(value, base) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_hosted(value, base) for value in part]
    return f"{base}{part}" if is_address(part) else part


class SeenView(JsonView):
    """Tells that the person has seen a reward, whose status becomes redeemable-seen."""

    @extend_schema(**documents.SEEN)
    def post(self, request: Request, reward_id: str) -> HttpResponse:
        identity = tokens.identify(request)
        person = people.load(identity)
        shown.mark_seen(identity.config, person.id, _uuid(reward_id), now=timezone.now())
        return answer({"success": True})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ApiError("reward_not_found", "This person has no such reward.", status=404) from None
