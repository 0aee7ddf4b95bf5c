"""Middleware, chosen by what a request is for.

Console, admin and player pages get sessions, CSRF and the rest; JSON requests pass them by.
CORS and framing follow the environment's allowed origins.
"""

from collections.abc import Callable
from typing import Any

from axes.middleware import AxesMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin

JSON_PREFIXES = (
    "/user/",
    "/reward/v",
    "/client/",
    "/entrypoints/",
    "/api/v1/",
    "/server/",
    "/v3/",
    "/v4/",
    "/sdk/",
    "/segment/",
    "/clevertap/",
    "/amplitude/",
    "/webengage/",
    "/integrations/",
    "/healthz",
    "/readyz",
    "/metrics",
)
CORS_HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, Idempotency-Key, X-API-KEY, X-GLU-AUTH, sandbox, platform,"
        " x-app-name, cg-sdk-version, cg-app-platform"
    ),
    "Access-Control-Max-Age": "600",
}


def is_json(request: HttpRequest) -> bool:
    """Whether the path belongs to the API and needs none of the pages' machinery."""
    return request.path_info.startswith(JSON_PREFIXES)


class _PagesOnly(MiddlewareMixin):
    """Put before a Django middleware, lets JSON requests pass it by."""

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request) if is_json(request) else super().__call__(request)


class Sessions(_PagesOnly, SessionMiddleware):
    pass


class Common(_PagesOnly, CommonMiddleware):
    pass


class Csrf(_PagesOnly, CsrfViewMiddleware):
    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseForbidden | None:
        return None if is_json(request) else super().process_view(request, *view)


class Authentication(_PagesOnly, AuthenticationMiddleware):
    pass


class Messages(_PagesOnly, MessageMiddleware):
    pass


class FrameOptions(_PagesOnly, XFrameOptionsMiddleware):
    pass


class Axes(AxesMiddleware):  # type: ignore[misc]  # axes has no types
    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request) if is_json(request) else super().__call__(request)


class ContentSecurityPolicy(_PagesOnly, ContentSecurityPolicyMiddleware):
    pass


class Cors:
    """Answers preflights, and names the origin on JSON answers where the environment allows it.

    The view's authentication leaves the environment on the request; a refused request names
    no environment and so allows no origin. Preflights carry no key, so they are answered to
    anyone: the answer to the real request is what a browser hides or shows.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        origin = request.headers.get("Origin")
        if not origin or not is_json(request):
            return self.get_response(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            answer: HttpResponseBase = HttpResponse(status=204, headers=CORS_HEADERS)
            allowed = True
        else:
            answer = self.get_response(request)
            config = getattr(request, "glu_config", None)
            allowed = config is not None and config.allows_origin(origin)
        if allowed:
            answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Vary"] = "Origin"
        return answer
