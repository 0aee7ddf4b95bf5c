"""Segments in the console: the list, and one segment with who uses it and whether somebody is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from glu_admin import config as configs
from glu_admin.config import EnvironmentConfig
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.models import SegmentMove, SegmentSize
from users.segments import book, kinds, shelf, words
from users.segments import entry as entries
from users.segments.book import Book
from users.segments.console import checking, membership
from users.segments.kinds import Names
from users.segments.models import Segment
from users.segments.shelf import InUseError, SegmentError, Use

DAYS = 30
SHOWN = 50
WIDE, TALL = 90, 24  # of the line of sizes


@dataclass(frozen=True)
class Line:
    """One segment in the list. `size` is None until it was counted; `spark` is an SVG path or ""."""

    segment: Segment
    words: str
    size: int | None
    is_estimate: bool
    spark: str
    uses: Sequence[Use]


def find(env: Environment, pk: UUID, *, kind: str = "") -> Segment:
    """The environment's own segment; 404 for any other."""
    found = Segment.objects.filter(environment=env, pk=pk).first()
    if found is None or (kind and found.kind != kind):
        raise Http404("There is no such segment.")
    found.environment = env
    return found


@console("segments.view")
@require_GET
def segments(request: ConsoleRequest, env: Environment) -> HttpResponse:
    rows = list(Segment.objects.filter(environment=env).order_by("name"))
    known, uses = _book(env), shelf.uses_of_all(env.id, [row.id for row in rows])
    sizes = _sizes(env)
    names = _names(known)
    lines = [_line(row, known, names, sizes.get(row.id, []), uses[row.id]) for row in rows]
    return render(request, "segments/list.html", {"lines": lines})


@console("segments.view")
@require_GET
def segment(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    """`user` checks somebody: each line of the rule with its verdict and what was found."""
    found = find(env, pk)
    looked_for = request.GET.get("user", "").strip().replace("\0", "")
    may_see = request.may("segments.people")
    lists_people = may_see and found.kind != Segment.Kind.RULES
    known, sizes = _book(env), _sizes(env, found).get(found.id, [])
    context: dict[str, Any] = {
        "line": _line(found, known, _names(known), sizes, shelf.uses_of(found)),
        "segment": found,
        "as_json": orjson.dumps(found.rule).decode() if found.rule else "",
        "looked_for": looked_for,
        "check": checking.check(_config(env), found, looked_for) if looked_for and may_see else None,
        "members": membership.shown(found, request.GET) if lists_people else None,
        "moves": _moves(found) if may_see else [],
        "entry": entries.sentence(entries.parse(found.entry)) if found.entry else "",
    }
    return render(request, "segments/segment.html", context)


@console("segments.edit")
@require_POST
def act(request: ConsoleRequest, env: Environment, pk: UUID, action: str) -> HttpResponse:
    """Duplicate, freeze to a list, or delete; each is audited by its writer."""
    found, actor = find(env, pk), Actor.of(request.user)
    try:
        if action == "duplicate":
            made = shelf.duplicate(found, actor)
        elif action == "freeze":
            made = shelf.freeze(found, actor, now=timezone.now())
        elif action == "delete":
            shelf.delete(found, actor)
            messages.success(request, f"“{found.name}” is deleted.")
            return redirect("console-segments", kind=env.kind)
        else:
            raise Http404("There is no such action.")
    except (SegmentError, InUseError) as refusal:
        messages.error(request, str(getattr(refusal, "message", refusal)))
        return redirect("console-segment", kind=env.kind, pk=found.pk)
    messages.success(request, f"“{made.name}” is made.")
    return redirect("console-segment", kind=env.kind, pk=made.pk)


def _config(env: Environment) -> EnvironmentConfig:
    config = configs.get(env.id)
    if config is None:
        raise Http404("This environment does not exist any more.")
    return config


def _book(env: Environment) -> Book:
    return book.of(_config(env))


def _names(known: Book) -> Names:
    return {**kinds.names(known.environment_id), **known.names}


def _line(row: Segment, known: Book, names: Names, sizes: Sequence[SegmentSize], uses: Sequence[Use]) -> Line:
    entry = known.segments.get(row.id)
    newest = sizes[-1] if sizes else None
    return Line(
        segment=row,
        words=words.sentence(entry.rule, names) if entry and entry.rule is not None else "",
        size=newest.size if newest else None,
        is_estimate=bool(newest and newest.is_estimate),
        spark=spark([each.size for each in sizes]),
        uses=uses,
    )


def _sizes(env: Environment, only: Segment | None = None) -> Mapping[UUID, list[SegmentSize]]:
    since = timezone.now().date() - timedelta(days=DAYS)
    rows = SegmentSize.objects.filter(environment=env, day__gte=since).order_by("day")
    found: dict[UUID, list[SegmentSize]] = {}
    for row in rows.filter(segment=only) if only else rows:
        found.setdefault(row.segment_id, []).append(row)
    return found


def spark(sizes: Sequence[int]) -> str:
    """The line of these sizes as an SVG path in a box of WIDE by TALL; "" for fewer than two."""
    if len(sizes) < 2:
        return ""
    low, high = min(sizes), max(sizes)
    step, scale = WIDE / (len(sizes) - 1), (TALL - 4) / (high - low or 1)
    points = [f"{place * step:.1f} {TALL - 2 - (size - low) * scale:.1f}" for place, size in enumerate(sizes)]
    return f"M{' L'.join(points)}"


def _moves(found: Segment) -> list[SegmentMove]:
    rows = SegmentMove.objects.filter(environment=found.environment_id, segment=found)
    return list(rows.select_related("user").order_by("-at")[:SHOWN])
