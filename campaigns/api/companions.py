"""What mobile SDKs ask beside the campaigns: where a deep link leads, and files to fetch ahead."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import assets, catalog, eligibility, entries
from campaigns.api import companion_documents as documents
from glu_admin.api.auth import open_with_write_key
from glu_admin.api.errors import ApiError
from glu_admin.api.json import answer
from glu_admin.api.views import JsonView
from glu_admin.config import EnvironmentConfig

WALLET = "wallet"
FULL = {"type": "full-default", "absoluteHeight": 0, "relativeHeight": 100}  # whole numbers: Android's rule
FOR_EVER = "public, max-age=31536000, immutable"


class DeepLinkView(JsonView):
    """Resolves the key of a link such as `https://…/c/autumn`: a campaign's id or tag, or `wallet`."""

    @extend_schema(**documents.DEEP_LINK)
    def get(self, request: Request) -> HttpResponse:
        query = request._request.GET
        config = open_with_write_key(request, request.headers.get("X-API-KEY") or query.get("x-api-key"))
        content = _content(config, query.get("id", ""))
        client = str(config.id)
        data = {"anonymous": True, "client": client, "container": FULL, "content": content}
        return answer({"success": True, "message": "", "data": data})


class AssetsView(JsonView):
    """Says where the files of player pages lie, as one zip."""

    @extend_schema(**documents.ASSETS)
    def get(self, request: Request) -> HttpResponse:
        query = request._request.GET
        open_with_write_key(request, request.headers.get("X-API-KEY") or query.get("x-api-key"))
        name, _ = assets.bundle()
        address = f"{entries.base_url(request._request)}{reverse('assets-file')}?v={name}"
        return answer({"success": True, "message": "", "data": {"hash": name, "compressedAssets": address}})


@require_safe
def assets_file(request: HttpRequest) -> HttpResponse:
    """The zip itself: kept for good under the name of what is in it, else asked for again."""
    name, content = assets.bundle()
    kept = FOR_EVER if request.GET.get("v") == name else "no-cache"
    return HttpResponse(content, content_type="application/zip", headers={"Cache-Control": kept})


def _content(config: EnvironmentConfig, key: str) -> dict[str, Any]:
    plain = {"closeOnDeepLink": True, "type": "WALLET", "url": "", "campaignId": ""}
    if key.lower() == WALLET:
        return plain
    campaign = catalog.of(config).by_id(key)
    if campaign is None or eligibility.closed(campaign, timezone.now()):
        message = "No running campaign has this id or tag. The link may be old: open the wallet instead."
        raise ApiError("link_unknown", message, status=404, field="id")
    return plain | {"type": "CAMPAIGN", "campaignId": campaign.name_in_urls}
