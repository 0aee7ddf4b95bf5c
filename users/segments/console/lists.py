"""Lists in the console: made by name, filled by hand or by a file that is reported on first.

The file is checked, applied and undone by jobs; its page follows them, and works without a script.
"""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from glu_admin.api.errors import ApiError
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.models import SegmentImport
from users.segments import shelf
from users.segments.console.pages import find
from users.segments.lists import cells, hand, imports
from users.segments.models import Segment
from users.segments.rule import RuleError
from users.segments.shelf import SegmentDraft, SegmentError, Use

LISTED = 20  # rows of each fault in the report
VERDICTS = {
    hand.ALREADY_IN: "is in it already",
    hand.UNKNOWN: "is nobody here",
    hand.DUPLICATE: "is there twice",
}
KINDS = (
    ("unknown", "Nobody here"),
    ("ambiguous", "Several people"),
    ("duplicate", "There twice"),
    ("bad", "Bad rows"),
)
MATCHES = (
    ("core.userId", "User id"),
    ("core.email", "Email"),
    ("core.phone", "Phone"),
    ("core.anonymousId", "Anonymous id"),
    ("core.referralCode", "Referral code"),
)


@console("segments.edit")
@require_http_methods(["GET", "POST"])
def new(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """A list by name, with people at once if ids are given."""
    if request.method == "GET":
        return render(request, "segments/list_new.html", {"said": {}})
    said = {name: request.POST.get(name, "").strip() for name in ("name", "description", "ids")}
    ids = _ids(said["ids"])
    if wrong := _too_many(ids):
        return render(
            request, "segments/list_new.html", {"said": said, "problems": {"ids": wrong}}, status=400
        )
    draft = SegmentDraft(said["name"], said["description"], kind=Segment.Kind.STATIC)
    try:
        made = shelf.create(env, draft, Actor.of(request.user))
    except SegmentError as error:
        problems = {fault.field: fault.message for fault in error.faults}
        return render(request, "segments/list_new.html", {"said": said, "problems": problems}, status=400)
    return _added(request, env, made, ids)


@console("segments.edit")
@require_http_methods(["GET", "POST"])
def people(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    """Add people by their ids, or start a file's check."""
    found = find(env, pk, kind=Segment.Kind.STATIC)
    if request.method == "GET":
        return _people(request, found)
    ids = _ids(request.POST.get("ids", ""))
    wrong = _too_many(ids) or ("" if ids else "Write at least one user id.")
    if wrong:
        return _people(request, found, problems={"ids": wrong}, status=400)
    return _added(request, env, found, ids)


@console("segments.edit")
@require_POST
def remove(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    """Take one person off the list."""
    found = find(env, pk, kind=Segment.Kind.STATIC)
    try:
        glu_id = UUID(request.POST.get("person", ""))
    except ValueError:
        raise Http404("There is no such person.") from None
    named = hand.remove(
        found, user_ids=[], glu_ids=[glu_id], actor=Actor.of(request.user), now=timezone.now()
    )
    if named[0].verdict == hand.REMOVED:
        messages.success(request, "The person is off the list.")
    else:
        messages.error(request, "This person is not on the list.")
    return redirect("console-segment", kind=env.kind, pk=found.pk)


@console("segments.edit")
@require_POST
def upload(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    """Take a file in and let it be checked; nobody is added yet."""
    found, file = find(env, pk, kind=Segment.Kind.STATIC), request.FILES.get("file")
    if file is None or not file.name:
        most = settings.FILE_UPLOAD_MAX_MEMORY_SIZE // 2**20
        told = f"Choose a CSV or XLSX file of up to {most} MB. Larger ones go through the API."
        return _people(request, found, problems={"file": told}, status=400)
    kind = file.name.rpartition(".")[2].lower()
    if kind not in cells.FORMATS:
        return _people(request, found, problems={"file": "Choose a .csv or .xlsx file."}, status=400)
    mode = request.POST.get("mode", "")
    data = request.POST
    try:
        order = imports.upload(
            found,
            file.chunks(),
            kind=kind,
            wanted=cells.Wanted(
                data.get("match", MATCHES[0][0]), data.get("column", "").strip(), "no-header" not in data
            ),
            mode=mode if mode in SegmentImport.Mode.values else SegmentImport.Mode.ADD,
            file_name=file.name,
            actor=Actor.of(request.user),
            now=timezone.now(),
        )
    except (ApiError, RuleError) as error:
        return _people(request, found, problems={"file": error.message}, status=400)
    return redirect("console-segment-import", kind=env.kind, pk=order.pk)


@console("segments.view", post="segments.edit")
@require_http_methods(["GET", "POST"])
def report(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    """What became of a file; a POST lets its people in, lets go of it, or undoes it."""
    order, actor = _order(env, pk), Actor.of(request.user)
    if request.method == "GET":
        return render(request, "segments/import.html", _told(order))
    decision = request.POST.get("decision", "")
    try:
        if decision == "cancel":
            imports.drop(order, actor)
            messages.success(request, f"{order} is taken away. Nobody was added.")
            return redirect("console-segment-people", kind=env.kind, pk=order.segment_id)
        if decision == "apply" and (live := _live_uses(order.segment)):
            return render(request, "segments/import.html", _told(order) | {"uses": live}, status=409)
        if decision in {"apply", "apply-anyway"}:
            imports.apply(order, actor)
        elif decision == "undo":
            imports.undo(order, actor, now=timezone.now())
        else:
            raise Http404("There is no such decision.")
    except ApiError as error:
        messages.error(request, error.message)
    return redirect("console-segment-import", kind=env.kind, pk=order.pk)


@console("segments.view")
@require_GET
def progress(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    """The part of an import's page that changes."""
    return render(request, "segments/import_state.html", _told(_order(env, pk)))


def _live_uses(segment: Segment) -> list[Use]:
    return [use for use in shelf.uses_of(segment) if use.is_live]


def _order(env: Environment, pk: UUID) -> SegmentImport:
    rows = SegmentImport.objects.filter(environment=env, pk=pk).select_related("segment", "environment")
    if (found := rows.first()) is None:
        raise Http404("There is no such import.")
    return found


def _told(order: SegmentImport) -> dict[str, Any]:
    job, report = imports.job_of(order), order.report
    problems = report.get("problems", [])
    bad = [each for each in problems if each["code"] in cells.BAD]
    named = {code: [each for each in problems if each["code"] == code] for code, _ in KINDS} | {"bad": bad}
    faults = [
        {"label": label, "count": report[code], "rows": named[code][:LISTED]}
        for code, label in KINDS
        if report.get(code)
    ]
    status = imports.status_of(order, job)
    return {
        "order": order,
        "segment": order.segment,
        "status": status,
        "is_running": status in {"checking", "applying", "undoing"},
        "job": job,
        "report": report,
        "faults": faults,
        "may_undo": status == "applied" and order.created_at >= timezone.now() - imports.KEPT,
    }


def _people(
    request: ConsoleRequest, found: Segment, *, problems: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "segment": found,
        "problems": problems or {},
        "matches": MATCHES,
        "ids": request.POST.get("ids", ""),
        "imports": SegmentImport.objects.filter(environment=found.environment, segment=found).order_by(
            "-created_at"
        )[:10],
    }
    return render(request, "segments/list_people.html", context, status=status)


def _ids(text: str) -> list[str]:
    """One a line or commas between them, without what can't be an id."""
    return [each for part in re.split(r"[,\r\n]", text.replace("\0", "")) if (each := part.strip())]


def _too_many(ids: Sequence[str]) -> str:
    return f"These are {len(ids):,} ids; by hand it's up to {hand.MOST:,}." if len(ids) > hand.MOST else ""


def _added(request: ConsoleRequest, env: Environment, found: Segment, ids: Sequence[str]) -> HttpResponse:
    named = hand.add(found, user_ids=ids, glu_ids=[], actor=Actor.of(request.user), now=timezone.now())
    left_out = [(each.id, VERDICTS[each.verdict]) for each in named if each.verdict != hand.ADDED]
    added = len(named) - len(left_out)
    if left_out:
        context = {"segment": found, "added": added, "left_out": left_out}
        return render(request, "segments/list_verdicts.html", context)
    many = (
        f"{added:,} {'person is' if added == 1 else 'people are'} added."
        if ids
        else f"“{found.name}” is made."
    )
    messages.success(request, many)
    return redirect("console-segment" if ids else "console-segment-people", kind=env.kind, pk=found.pk)
