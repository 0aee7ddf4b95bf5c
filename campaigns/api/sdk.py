"""`GET /client/v1/sdk/config`: what a mobile SDK asks before anything else.

Only what this server does is switched on. A key of a wrong type makes an app refuse all of
it, and counts of 0 stop it from ever loading campaigns.
"""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import catalog, eligibility, entries, entry_points
from campaigns.api import documents
from glu_admin.api.auth import open_with_write_key
from glu_admin.api.json import answer
from glu_admin.api.views import JsonView
from glu_admin.config import EnvironmentConfig

ON = ("allowUserRegistration", "allowAnonymousRegistration", "enableEntryPoints")
OFF = (
    "disableSdk",
    "enableAnalytics",
    "enableSentry",
    "enableSse",
    "enableMqtt",
    "forceUserRegistration",
    "enableDarkMode",
    "listenToSystemDarkLightMode",
    "isDiagnosticsEnabled",
    "isMetricsEnabled",
    "isCrashLoggingEnabled",
    "enableSslPinning",  # an app takes a missing key for true, and then refuses our certificate
    "allowProxy",
    "preloadWebView",
)


class SdkConfigView(JsonView):
    """The mobile SDK's configuration."""

    @extend_schema(**documents.SDK_CONFIG)
    def get(self, request: Request) -> HttpResponse:
        key = request.headers.get("X-API-KEY") or request._request.GET.get("x-api-key")
        config = open_with_write_key(request, key)
        host = urlsplit(entries.base_url(request._request)).hostname or ""
        return answer({"success": True, "data": {"mobile": _mobile(config, host)}})


def _mobile(config: EnvironmentConfig, host: str) -> dict[str, Any]:
    now = timezone.now()
    running = sum(not eligibility.closed(each, now) for each in catalog.of(config).campaigns)
    brand = config.environment.workspace.brand_color
    return {
        **dict.fromkeys(ON, True),
        **dict.fromkeys(OFF, False),
        "campaignCount": max(1, running),
        "entryPointCount": max(1, entry_points.count(config)),
        "allowedRetryCount": 3,
        "whiteListedDomains": [host],
        "errorCodeForDomain": 404,
        "errorMessageForDomain": "This page is not part of the app.",
        "loaderColor": brand,
        "loadScreenColor": "#FFFFFF",
        "lightBackground": "#FFFFFF",
        "darkBackground": "#000000",
        **entry_points.slots(config),
    }
