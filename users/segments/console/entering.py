"""Segments by an event in the console: a form of who enters by what, and who leaves when."""

from collections.abc import Mapping, Sequence
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
from users.segments.console import typed
from users.segments.console.pages import find
from users.segments.console.rows import RowError
from users.segments.models import Segment
from users.segments.operators import OPERATORS
from users.segments.shelf import InUseError, SegmentDraft, SegmentError

CONDITIONS = 3  # on properties, that the form offers; the API takes more
OFFERED = 200  # names of events
VALUES = ("none", "one", "number")  # what one input can hold
TEXTS = ("name", "description", "event", "leave", "days")
CHOICES = [
    (each.name, each.label) for each in OPERATORS.values() if each.on_properties and each.value in VALUES
]


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
    try:
        draft = _draft(said, segment)
        if segment is None:
            saved = shelf.create(env, draft, actor)
        else:
            saved = shelf.change(segment, draft, actor, confirmed=said.get("do") == "save-anyway")
    except RowError as error:
        return _page(request, env, segment, said, {"entry": str(error)}, status=400)
    except SegmentError as error:
        problems = {fault.field.partition(".")[0]: fault.message for fault in reversed(error.faults)}
        return _page(request, env, segment, said, problems, status=400)
    except InUseError as error:
        return _page(request, env, segment, said, uses=error.uses, status=409)
    messages.success(request, f"“{saved.name}” is saved.")
    return redirect("console-segment", kind=env.kind, pk=saved.pk)


def _draft(said: Mapping[str, str], segment: Segment | None) -> SegmentDraft:
    known = (segment.entry or {}) if segment else {}
    where = [
        {"property": name} | typed.condition(_row(said, place), "")
        for place in range(CONDITIONS)
        if (name := said.get(f"property{place}", ""))
    ]
    leave = said.get("leave", "")
    before = known.get("leave") or {}
    entry = {
        "event": said.get("event", ""),
        # what the form can't show stays as it is
        "where": where + (known.get("where") or [])[CONDITIONS:],
        "leave": {"event": leave, "where": before.get("where") or []} if leave else None,
        "afterDays": typed.number(said["days"], "days") if said.get("days") else None,
    }
    return SegmentDraft(
        said.get("name", ""),
        said.get("description", ""),
        Segment.Kind.EVENT,
        entry=entry,
        notify="notify" in said,
    )


def _row(said: Mapping[str, str], place: int) -> dict[str, str]:
    return {"operator": said.get(f"operator{place}", ""), "value": said.get(f"value{place}", "")}


def _said(segment: Segment | None) -> dict[str, str]:
    if segment is None:
        return {}
    entry = segment.entry or {}
    said = {
        "name": segment.name,
        "description": segment.description,
        "event": entry.get("event", ""),
        "leave": (entry.get("leave") or {}).get("event", ""),
        "days": str(entry.get("afterDays") or ""),
    }
    for place, each in enumerate((entry.get("where") or [])[:CONDITIONS]):
        shown = typed.shown(each["operator"], each.get("value")).get("value", "")
        said |= {
            f"property{place}": each["property"],
            f"operator{place}": each["operator"],
            f"value{place}": shown,
        }
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
    rows = [
        {
            "place": place,
            "property": said.get(f"property{place}", ""),
            "operator": said.get(f"operator{place}", "is"),
            "value": said.get(f"value{place}", ""),
        }
        for place in range(CONDITIONS)
    ]
    context = {
        "segment": segment,
        "said": {name: said.get(name, "") for name in (*TEXTS, "notify")},
        "rows": rows,
        "choices": _choices(rows),
        "seen": seen.values_list("name", flat=True)[:OFFERED],
        "problems": problems or {},
        "uses": uses,
    }
    return render(request, "segments/entering.html", context, status=status)


def _choices(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What the form offers, and what a stored condition has besides."""
    offered = {name for name, _ in CHOICES}
    more = {row["operator"] for row in rows} - offered
    return CHOICES + [(name, OPERATORS[name].label) for name in sorted(more) if name in OPERATORS]
