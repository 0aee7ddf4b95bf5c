"""What the users' own tables tell on a person's page: timeline, attributes, devices, identity."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.template.loader import render_to_string

from glu_admin.api.errors import ApiError
from glu_admin.console.access import ConsoleRequest
from glu_admin.workspaces.models import Environment
from users.console import shown, tabs
from users.history import timeline
from users.models import Device, EndUser
from users.v1 import search

ENTRIES = 50


def register() -> None:
    tabs.register("timeline", "Timeline", _timeline, 10)
    tabs.register("attributes", "Attributes", _attributes, 20)
    tabs.register("devices", "Devices", _devices, 30)
    tabs.register("identity", "Identity", _identity, 70)


def _timeline(request: ConsoleRequest, env: Environment, person: EndUser, pks: Sequence[int]) -> str:
    kinds = timeline.kinds()
    kind = request.GET.get("kind", "")
    chosen = kind if kind in kinds else ""
    try:
        entries, older = timeline.of_person(
            env, pks, kinds=[chosen] if chosen else None, before=request.GET.get("before"), limit=ENTRIES
        )
    except ApiError as error:  # an address that somebody shortened
        raise Http404(error.message) from error
    payloads = request.may("events.payload")
    lines = [(entry, kinds[entry.kind], shown.detail(entry) if payloads else "") for entry in entries]
    facts = {"lines": lines, "older": older, "kinds": kinds.items(), "chosen": chosen}
    return _drawn(request, "timeline", facts)


def _attributes(request: ConsoleRequest, env: Environment, person: EndUser, pks: Sequence[int]) -> str:
    attributes = shown.attributes(person, in_full=request.may("users.personal"))
    return _drawn(request, "attributes", {"attributes": attributes})


def _devices(request: ConsoleRequest, env: Environment, person: EndUser, pks: Sequence[int]) -> str:
    devices = Device.objects.filter(environment=env, user_id__in=pks).order_by("-last_seen_at")
    return _drawn(request, "devices", {"devices": devices})


def _identity(request: ConsoleRequest, env: Environment, person: EndUser, pks: Sequence[int]) -> str:
    identity = shown.identity(person, in_full=request.may("users.personal"))
    return _drawn(request, "identity", {"identity": identity, "aliases": search.aliases_of(person)})


def _drawn(request: ConsoleRequest, name: str, facts: dict[str, Any]) -> str:
    return render_to_string(f"users/tabs/{name}.html", facts, request)
