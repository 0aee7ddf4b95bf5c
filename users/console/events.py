"""The live events page: did my event arrive, what became of it, and why not.

It shows the newest events of a filter and asks again every 2 s; a test event can be sent from
here, and what a subscriber could not take can be handed to it again.
"""

from typing import Any
from urllib.parse import urlencode

import orjson
from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from glu_admin import config
from glu_admin.api.errors import ApiError
from glu_admin.console import snippets
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.console.event_filter import FilterForm
from users.console.event_rows import curl, lines
from users.events import feed, ingest, parked
from users.events import forms as event_forms
from users.models import Event, ParkedEvent

LENGTH = 50


class TestEventForm(forms.Form):
    user_id = forms.CharField(label="User id", max_length=255)
    event_name = forms.CharField(label="Event name", max_length=128)
    properties = forms.CharField(
        label="Properties", initial="{}", widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
    )

    def clean_properties(self) -> Any:
        try:
            found = orjson.loads(self.cleaned_data["properties"])
        except orjson.JSONDecodeError as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from None
        if not isinstance(found, dict):
            raise forms.ValidationError('Write an object, such as {"amount": 120}.')
        return found


@console("events.view")
@require_GET
def events(request: ConsoleRequest, env: Environment) -> HttpResponse:
    return _page(request, env, TestEventForm(auto_id="test_%s"))


@console("events.view")
@require_GET
def live(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """The list alone: what the page asks for every 2 s."""
    return render(request, "users/events_live.html", _list(request, env))


@console("events.edit")
@require_POST
def send(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """Take a test event exactly as if an app had sent it."""
    form = TestEventForm(request.POST, auto_id="test_%s")
    opened = config.get(env.id)
    if not form.is_valid() or opened is None:
        return _page(request, env, form)
    now = timezone.now()
    raw = {
        "event_id": f"console-{now.timestamp():.6f}",
        "event_name": form.cleaned_data["event_name"],
        "user_id": form.cleaned_data["user_id"],
        "timestamp": now.isoformat(),
        "event_properties": form.cleaned_data["properties"],
    }
    verdict = ingest.take(opened, [event_forms.read(raw, now=now)], source="console", now=now)[0]
    say = messages.error if verdict.verdict == Event.Verdict.REJECTED else messages.success
    say(request, f"Sent. {Event.Verdict(verdict.verdict).label}. {verdict.message}".strip())
    return redirect("console-events", kind=env.kind)


@console("events.edit")
@require_POST
def replay(request: ConsoleRequest, env: Environment, pk: int) -> HttpResponse:
    """Hand a parked event to its subscriber once more."""
    found = get_object_or_404(ParkedEvent, environment=env, pk=pk)
    try:
        taken = parked.replay(found, Actor.of(request.user), now=timezone.now())
    except ApiError as gone:
        messages.error(request, gone.message)
        return redirect("console-events", kind=env.kind)
    if taken:
        messages.success(request, "Handed on. The event has had its effect now.")
    else:
        found.refresh_from_db()
        messages.error(request, f"It failed again: {found.error}")
    return redirect("console-events", kind=env.kind)


def _page(request: ConsoleRequest, env: Environment, form: TestEventForm) -> HttpResponse:
    context = _list(request, env) | {"test_form": form, "curl": _curl(request, env)}
    return render(request, "users/events.html", context, status=400 if form.errors else 200)


def _list(request: ConsoleRequest, env: Environment) -> dict[str, Any]:
    payloads = request.may("events.payload")
    form = FilterForm(request.GET, payloads=payloads)
    before = _number(request.GET, "before")
    found = feed.older(env.id, form.filter, before=before, limit=LENGTH)
    set_aside = ParkedEvent.objects.filter(
        environment=env, event_id__in=[each.pk for each in found.events], replayed_at=None
    )
    shown = lines(found.events, set_aside, in_full=request.may("users.personal"), payloads=payloads)
    write_key = _write_key(env) if payloads and shown else ""
    base = snippets.base_url(request)
    return {
        "form": form,
        "chosen": form.chosen,
        "before": before,
        "older": found.reached,
        "in_time": found.in_time,
        "query": urlencode(form.chosen | ({"before": before} if before else {})),
        "lines": [(line, curl(line, base, write_key) if write_key else "") for line in shown],
    }


def _number(query: QueryDict, name: str) -> int | None:
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _curl(request: ConsoleRequest, env: Environment) -> snippets.Snippet | None:
    """The request that makes the first event appear; None without a write key that works."""
    key = _write_key(env)
    return snippets.event(snippets.base_url(request), key) if key else None


def _write_key(env: Environment) -> str:
    """The first that works; "" if none does."""
    keys = env.write_keys.filter(revoked_at=None).order_by("id").values_list("key", flat=True)
    return keys.first() or ""
