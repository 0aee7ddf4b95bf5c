"""The doors of the built-in receiver: for webhooks, for people, and for scripts."""

import time
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from glu_admin import config
from glu_admin.api.auth import open_with_api_key
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.api.throttles import limit
from glu_admin.config import EnvironmentConfig
from glu_admin.console.access import ConsoleRequest, console, enter
from glu_admin.observability.addresses import client_address
from glu_admin.webhooks import endpoints, receiver
from glu_admin.webhooks.receiver import Behaviour
from glu_admin.workspaces.access import may, refusal
from glu_admin.workspaces.models import Environment, Member

BODY_LIMIT = 64 * 1024
SHOWN = 50


class ReceiveView(APIView):
    """Takes a webhook, as the client's server would."""

    schema = None
    hang_seconds = 20.0

    def post(self, request: Request, environment_id: UUID) -> Response:
        environment = config.get(environment_id)
        if environment is None or not environment.is_test:
            raise Http404
        limit("address", client_address(request._request))
        body = _read(request)
        match receiver.behaviour(environment):
            case Behaviour.HANG:
                return self._hang(environment, request, body)
            case Behaviour.ERROR:
                status = 500
            case _:
                status = 200
        return _answer(environment, request, body, status)

    def _hang(self, environment: EnvironmentConfig, request: Request, body: bytes) -> Response:
        with receiver.room_to_hang() as free:
            if not free:
                return _answer(environment, request, body, 503)
            answer = _answer(environment, request, body, 200, "hang")
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(self.hang_seconds)
            return answer


def _read(request: Request) -> bytes:
    body = bytes(request._request.read(BODY_LIMIT + 1))
    if len(body) > BODY_LIMIT:
        raise ApiError("body_too_large", f"Send at most {BODY_LIMIT // 1024} KiB.", status=413)
    return body


def _answer(
    environment: EnvironmentConfig, request: Request, body: bytes, status: int, told: str = ""
) -> Response:
    receiver.keep(environment, request.headers, body, told or str(status))
    return Response({"success": status == 200}, status=status)


class ReceivedView(APIView):
    """What arrived, as JSON: for a signed-in member, or with an API key that may read rewards."""

    schema = None
    authentication_classes = (SessionAuthentication,)

    def get(self, request: Request) -> Response:
        environment = self._environment(request)
        found = [
            {
                "at": each.at,
                "answered": each.answered,
                "signature": each.cg_signature,
                "webhookSignature": each.webhook_signature,
                "headers": each.headers,
                "body": each.body,
            }
            for each in receiver.newest(environment)
        ]
        behaviour = receiver.behaviour(environment)
        return Response({"success": True, "behaviour": behaviour.value, "received": found})

    @staticmethod
    def _environment(request: Request) -> EnvironmentConfig:
        if "X-API-KEY" in request.headers:
            opened = open_with_api_key(request._request, "rewards:read")
            if not opened.is_test:
                raise Http404
            return opened
        member = request.user
        if not isinstance(member, Member):
            raise Unauthorized("key_missing", "Sign in, or send an API key as X-API-KEY.")
        membership, environment = enter(request._request, member, Environment.Kind.TEST)
        if not may(membership.role, "webhooks.edit", environment.kind):
            raise PermissionDenied(refusal("webhooks.edit"))
        return _open(environment)


@console("webhooks.view")
@require_GET
def page(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """What arrived, with its verdicts; `?part=list` is the list alone, for the page's own refresh."""
    if not env.is_test:
        return render(request, "webhooks/receiver_live.html")
    template = "webhooks/received.html" if request.GET.get("part") == "list" else "webhooks/receiver.html"
    return render(request, template, _shown(request, env))


def _shown(request: ConsoleRequest, env: Environment) -> dict[str, object]:
    environment = _open(env)
    return {
        "received": receiver.newest(environment, SHOWN),
        "behaviour": receiver.behaviour(environment),
        "behaviours": Behaviour,
        "kept": receiver.KEPT,
        "may_read": request.may("webhooks.edit"),
        "url": request.build_absolute_uri(endpoints.receiver_path(env.id)),
    }


@console("webhooks.edit")
@require_POST
def behave(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """Say what the receiver answers next."""
    wanted = request.POST.get("behaviour", "")
    if wanted not in Behaviour.values or not env.is_test:
        raise Http404("The receiver can answer 200, answer 500, or hang; and only in Test.")
    receiver.behave(_open(env), Behaviour(wanted))
    messages.success(request, f"From now on it does this: {Behaviour(wanted).label.lower()}.")
    return redirect("receiver", kind=env.kind)


def _open(env: Environment) -> EnvironmentConfig:
    opened = config.get(env.id)
    if opened is None:
        raise Http404
    return opened
