"""`POST /server/v4`, the partners' receivers, and the streams of what SDKs say of themselves.

Senders are servers as often as apps, so calls are counted by key; the address counts only
where the key is wrong.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin.api.auth import open_with_write_key
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.api.json import answer
from glu_admin.api.throttles import limit
from glu_admin.api.views import JsonView
from glu_admin.config import EnvironmentConfig
from glu_admin.observability.addresses import client_address
from users import tokens
from users.events import answers, bodies, documents, forms, ingest, signals
from users.events.models import SdkSignal
from users.events.sources import SOURCES, parts


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

    @extend_schema(**documents.EVENTS)
    def post(self, request: Request) -> HttpResponse:
        config = self.open(request)
        body = bodies.split(bodies.read_body(request))
        now = timezone.now()
        events = [forms.read(raw, now=now) for raw in body.events]
        # both send to one path; only apps name the version of their SDK
        source = "sdk" if "HTTP_CG_SDK_VERSION" in request._request.META else "server"
        verdicts = ingest.take(config, events, source=source, now=now)
        return answers.told(request, config, verdicts, is_batch=body.is_batch)


class SourceView(SenderView):
    """Takes what a partner forwards, in the partner's own format."""

    source = ""

    def post(self, request: Request) -> HttpResponse:
        config = self.open(request)
        body = bodies.split(bodies.read_body(request))
        bodies.check_count(sum(map(parts.held, body.events)))
        now = timezone.now()
        reader = SOURCES[self.source].read
        events = [
            event
            for raw in body.events
            for event in (reader(raw, now=now) if isinstance(raw, dict) else [forms.read(raw, now=now)])
        ]
        verdicts = ingest.take(config, events, source=self.source, now=now)
        return answers.told(request, config, verdicts, is_batch=len(events) > 1)

    def key_of(self, request: HttpRequest) -> str | None:
        """Not every partner lets one set a header; the write key is public, and may stand in the address."""
        return super().key_of(request) or request.GET.get("writekey") or request.GET.get("writeKey")


class SignalsView(SenderView):
    """Takes what SDKs say of themselves. Whatever is JSON is taken."""

    kind = SdkSignal.Kind.ANALYTICS

    def post(self, request: Request) -> HttpResponse:
        config = self.open(request)
        body = bodies.split(bodies.read_body(request))
        if unreadable := next((each for each in body.events if isinstance(each, forms.Unreadable)), None):
            raise ApiError("malformed_json", f"This is not JSON: {unreadable.problem}.")
        person = _named_by_token(request, config)
        numbers = signals.append(config, body.events, kind=self.kind, person=person, now=timezone.now())
        taken = {"success": True, "SequenceNumber": str(numbers[-1]), "ShardId": answers.SHARD}
        return answer(taken | {"data": {"accepted": len(numbers)}})


class ReportView(SignalsView):
    """Takes the crash reports of SDKs into the stream of their diagnostics."""

    kind = SdkSignal.Kind.DIAGNOSTICS
    http_method_names = ["put"]  # noqa: RUF012  # Django's own name

    @extend_schema(**documents.report())
    def put(self, request: Request) -> HttpResponse:
        return self.post(request)


def _named_by_token(request: Request, config: EnvironmentConfig) -> str:
    """Whom the token of X-GLU-AUTH names; "" if there is none, or one that is not worth believing."""
    word, _, token = request._request.META.get("HTTP_X_GLU_AUTH", "").partition(" ")
    if word.lower() != "bearer" or not token:
        return ""
    try:
        identity = tokens.read(token.strip())
    except Unauthorized:
        return ""
    return (identity.user_id or identity.anonymous_id or "") if identity.config.id == config.id else ""


def source_view(slug: str) -> type[SourceView]:
    """The view of one partner, with its own words in the reference."""
    view = type(f"{slug.title()}View", (SourceView,), {"source": slug})
    return extend_schema(**documents.source(SOURCES[slug]))(view)


def signals_view(kind: SdkSignal.Kind) -> type[SignalsView]:
    view = type(f"{kind.label}View", (SignalsView,), {"kind": kind})
    return extend_schema(**documents.signals(kind))(view)
