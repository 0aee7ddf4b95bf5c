"""The audit log, newest first: who did what to which object, and what it was before."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.models import AuditEntry, Environment

PAGE = 50


@dataclass(frozen=True)
class Change:
    field: str
    before: str
    after: str


@console("audit.view")
@require_GET
def entries(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """This environment's entries and the workspace's own; `q` filters by action, person or object."""
    wanted = request.GET.get("q", "").strip()
    found = AuditEntry.objects.filter(workspace=env.workspace).exclude(
        environment__in=Environment.objects.filter(workspace=env.workspace).exclude(pk=env.pk)
    )
    if wanted:
        found = (
            found.filter(action__icontains=wanted)
            | found.filter(actor__icontains=wanted)
            | found.filter(object_id=wanted)
        )
    page = Paginator(found.order_by("-id"), PAGE).get_page(request.GET.get("page"))
    rows = [(entry, _changes(entry)) for entry in page]
    return render(request, "console/audit_log.html", {"page": page, "rows": rows, "wanted": wanted})


def _changes(entry: AuditEntry) -> list[Change]:
    """Fields with their values before and after; personal fields have a name only."""
    return [Change(field, *_pair(values)) for field, values in entry.changes.items()]


def _pair(values: object) -> tuple[str, str]:
    if isinstance(values, list) and len(values) == 2:
        return _text(values[0]), _text(values[1])
    return "", _text(values)


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
