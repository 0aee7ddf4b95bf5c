"""Middleware, chosen by what a request is for.

Console, admin and player pages get sessions, CSRF and the rest; JSON requests pass them by.
CORS and framing follow the environment's allowed origins.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

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


class Pages:
    """Runs PAGE_MIDDLEWARE around every request but those for JSON, which pass all of it by at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._view_hooks: list[Callable[..., HttpResponseBase | None]] = []
        self.get_page: Callable[[HttpRequest], Any] = get_response
        for name in reversed(settings.PAGE_MIDDLEWARE):
            made = import_string(name)(self.get_page)
            self.get_page = convert_exception_to_response(made)
            if hook := getattr(made, "process_view", None):
                self._view_hooks.insert(0, hook)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer: HttpResponseBase = self.get_response(request) if is_json(request) else self.get_page(request)
        return answer

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponseBase | None:
        """The check for forged requests, which needs to know the view."""
        if is_json(request):
            return None
        answers = (hook(request, *view) for hook in self._view_hooks)
        return next((answer for answer in answers if answer is not None), None)


class Cors:
    """Answers preflights, and names the origin on JSON answers where the environment allows it.

    The view's authentication leaves the environment on the request; a refused request names
    no environment and so allows no origin. Preflights carry no key, so they are answered to
    anyone: the answer to the real request is what a browser hides or shows.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        origin = request.META.get("HTTP_ORIGIN")  # `headers` would make all of them, for every request
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
