"""A segment's people as a CSV file: made by a job, whose page follows it and links to the file."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from glu_admin.api.errors import ApiError
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.jobs import pieces, work
from glu_admin.jobs.api import file_of
from glu_admin.jobs.models import Job
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.bulk import jobs
from users.models import Segment
from users.segments.console.pages import find


@console("segments.export")
@require_POST
def start(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    """Queue the export; its page tells how far it is."""
    found = find(env, pk)
    options: dict[str, object] = {"segment": str(found.pk), "format": "csv"}
    job = work.create(env, jobs.EXPORT, options=options, actor=Actor.of(request.user))
    return redirect("console-segment-export", kind=env.kind, job_id=job.pk)


@console("segments.export")
@require_GET
def show(request: ConsoleRequest, env: Environment, job_id: UUID) -> HttpResponse:
    return render(request, "segments/export.html", _told(env, job_id))


@console("segments.export")
@require_GET
def progress(request: ConsoleRequest, env: Environment, job_id: UUID) -> HttpResponse:
    """The part of an export's page that changes."""
    return render(request, "segments/export_state.html", _told(env, job_id))


@console("segments.export")
@require_GET
def file(request: ConsoleRequest, env: Environment, job_id: UUID) -> HttpResponseBase:
    try:
        return file_of(_job(env, job_id))
    except ApiError as error:
        raise Http404(error.message) from None


def _job(env: Environment, job_id: UUID) -> Job:
    exports = Job.objects.filter(environment=env, kind=jobs.EXPORT, options__has_key="segment")
    found = pieces.with_output(exports.select_related("environment")).filter(pk=job_id).first()
    if found is None:
        raise Http404("There is no such export.")
    return found


def _told(env: Environment, job_id: UUID) -> dict[str, Any]:
    job = _job(env, job_id)
    segment = Segment.objects.filter(environment=env, pk=UUID(job.options["segment"])).first()
    if segment is None:
        raise Http404("The segment of this export is deleted.")
    has_file = job.status == Job.Status.DONE and getattr(job, "has_output", False)
    return {"job": job, "segment": segment, "has_file": has_file, "is_running": job.ended_at is None}
