"""`POST /server/v4`, the partners' receivers, and the streams of what SDKs say of themselves.

Senders are servers as often as apps, so calls are counted by key; the address counts only
where the key is wrong.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from glu_admin.api.auth import open_with_write_key
from glu_admin.api.errors import Unauthorized
from glu_admin.api.throttles import limit
from glu_admin.api.views import JsonView
from glu_admin.config import EnvironmentConfig
from glu_admin.observability.addresses import client_address
from users.events import answers, bodies, forms, ingest


class SenderView(JsonView):
    """The base of what is sent with a write key."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """No limit by address: a client's server sends everything from one."""

    def open(self, request: Request) -> EnvironmentConfig:
        """The environment of the header's write key; raises Unauthorized, ApiError beyond a limit."""
        try:
            return open_with_write_key(request, self.key_of(request._request))
        except Unauthorized:
            limit("address", client_address(request._request), path=request.path)
            raise

    def key_of(self, request: HttpRequest) -> str | None:
        return request.META.get("HTTP_X_API_KEY")


class EventsView(SenderView):
    """Takes events: one, an array of them, or one a line."""

    def post(self, request: Request) -> HttpResponse:
        config = self.open(request)
        body = bodies.split(bodies.read_body(request))
        now = timezone.now()
        events = [forms.read(raw, now=now) for raw in body.events]
        # both send to one path; only apps name the version of their SDK
        source = "sdk" if "HTTP_CG_SDK_VERSION" in request._request.META else "server"
        verdicts = ingest.take(config, events, source=source, now=now)
        return answers.told(request, config, verdicts, is_batch=body.is_batch)
