"""Segments by an event in the console: a form of who enters by what, and who leaves when."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.models import EventTally
from users.segments import shelf
from users.segments.console import typed, where
from users.segments.console.pages import find
from users.segments.console.rows import RowError
from users.segments.models import Segment
from users.segments.shelf import InUseError, SegmentDraft, SegmentError

OFFERED = 200  # names of events
TEXTS = ("name", "description", "event", "leave", "days")


@console("segments.edit")
@require_http_methods(["GET", "POST"])
def new(request: ConsoleRequest, env: Environment) -> HttpResponse:
    return _edit(request, env, None)


@console("segments.edit")
@require_http_methods(["GET", "POST"])
def edit(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    """A change of one that a live campaign uses is asked about first."""
    return _edit(request, env, find(env, pk, kind=Segment.Kind.EVENT))


def _edit(request: ConsoleRequest, env: Environment, segment: Segment | None) -> HttpResponse:
    if request.method == "GET":
        return _page(request, env, segment, _said(segment))
    said, actor = {key: str(value).strip() for key, value in request.POST.items()}, Actor.of(request.user)
    if said.get("do") not in {"save", "save-anyway"}:
        return _page(request, env, segment, said)
    try:
        draft = _draft(said)
        if segment is None:
            saved = shelf.create(env, draft, actor)
        else:
            saved = shelf.change(segment, draft, actor, confirmed=said.get("do") == "save-anyway")
    except RowError as error:
        place = error.name if error.name in TEXTS else "entry"
        return _page(request, env, segment, said, {place: str(error)}, status=400)
    except SegmentError as error:
        problems = {fault.field.partition(".")[0]: fault.message for fault in reversed(error.faults)}
        return _page(request, env, segment, said, problems, status=400)
    except InUseError as error:
        return _page(request, env, segment, said, uses=error.uses, status=409)
    messages.success(request, f"“{saved.name}” is saved.")
    return redirect("console-segment", kind=env.kind, pk=saved.pk)


def _draft(said: Mapping[str, str]) -> SegmentDraft:
    leave, ways_out = said.get("leave", ""), where.written(where.posted(said, "leave"))
    if ways_out and not leave:
        raise RowError("leave", "Say by which event they leave, or empty the conditions on it.")
    entry = {
        "event": said.get("event", ""),
        "where": where.written(where.posted(said, "enter")),
        "leave": {"event": leave, "where": ways_out} if leave else None,
        "afterDays": typed.number(said["days"], "days") if said.get("days") else None,
    }
    return SegmentDraft(
        said.get("name", ""),
        said.get("description", ""),
        Segment.Kind.EVENT,
        entry=entry,
        notify="notify" in said,
    )


def _said(segment: Segment | None) -> dict[str, str]:
    if segment is None:
        return {}
    entry = segment.entry or {}
    leave = entry.get("leave") or {}
    said = {
        "name": segment.name,
        "description": segment.description,
        "event": entry.get("event", ""),
        "leave": leave.get("event", ""),
        "days": str(entry.get("afterDays") or ""),
    }
    for side, conditions in (("enter", entry.get("where")), ("leave", leave.get("where"))):
        for place, row in enumerate(where.stored(conditions or [])):
            said |= {f"{side}{place}-{name}": value for name, value in asdict(row).items()}
    return said | ({"notify": "on"} if segment.notify else {})


def _page(
    request: ConsoleRequest,
    env: Environment,
    segment: Segment | None,
    said: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
    *,
    uses: Sequence[Any] = (),
    status: int = 200,
) -> HttpResponse:
    seen = EventTally.objects.filter(environment=env).exclude(name="").order_by("-total")
    sides = [
        where.Side(name, title, where.posted(said, name) or [where.Where()])
        for name, title in (("enter", "Entering"), ("leave", "Leaving"))
    ]
    context = {
        "segment": segment,
        "said": {name: said.get(name, "") for name in (*TEXTS, "notify")},
        "sides": sides,
        "choices": where.CHOICES,
        "seen": seen.values_list("name", flat=True)[:OFFERED],
        "problems": problems or {},
        "uses": uses,
    }
    return render(request, "segments/entering.html", context, status=status)
