"""Jobs for the client's servers: how far they are, what they made, and to cancel them.

A key sees the kinds of jobs that it may start. Files are fetched with the key itself: there are
no links that could be passed on.
"""

from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin.api import forms, pagination
from glu_admin.api.auth import Caller, server
from glu_admin.api.errors import ApiError
from glu_admin.api.json import answer
from glu_admin.api.views import JsonView
from glu_admin.jobs import documents, pieces, work
from glu_admin.jobs.models import Job, JobFile

FILE_TYPES = {"csv": "text/csv", "ndjson": "application/x-ndjson"}
OUTPUT = JobFile.Side.OUTPUT


def shown(job: Job) -> dict[str, object]:
    """A job as it is answered: one of `pieces.with_output`, or one that has made nothing yet."""
    return {
        "id": job.id,
        "kind": job.kind,
        "status": job.status,
        "options": job.options,
        "actor": job.actor,
        "done": job.done,
        "failed": job.failed,
        "total": job.total,
        "report": job.report,
        "error": job.error,
        "hasFile": job.status == Job.Status.DONE and getattr(job, "has_output", False),
        "createdAt": job.created_at,
        "startedAt": job.started_at,
        "endedAt": job.ended_at,
    }


def told(job: Job, status: int = 200) -> HttpResponse:
    response = answer({"success": True, "data": shown(job)}, status)
    response.headers["Cache-Control"] = "no-store"
    return response


class JobsView(JsonView):
    @extend_schema(**documents.LIST)
    def get(self, request: Request) -> HttpResponse:
        caller, kinds = _opened(request)
        query = forms.query(documents.JobsQuery, request)
        jobs = pieces.with_output(Job.objects.filter(environment=caller.config.environment, kind__in=kinds))
        for name in ("kind", "status"):
            if name in query:
                jobs = jobs.filter(**{name: query[name]})
        return answer(pagination.dated(jobs, query, shown, moment="created_at"))


class JobView(JsonView):
    @extend_schema(**documents.READ)
    def get(self, request: Request, job_id: UUID) -> HttpResponse:
        return told(_found(request, job_id)[1])


class CancelView(JsonView):
    @extend_schema(**documents.CANCEL)
    def post(self, request: Request, job_id: UUID) -> HttpResponse:
        caller, job = _found(request, job_id)
        if not work.cancel(job, caller.actor):
            raise ApiError("job_ended", f"This job has ended already: it is {job.status}.", status=409)
        return told(job)


class FileView(JsonView):
    @extend_schema(**documents.FILE)
    def get(self, request: Request, job_id: UUID) -> HttpResponseBase:
        return file_of(_found(request, job_id)[1])


def file_of(job: Job) -> StreamingHttpResponse:
    """The file that a job made; raises ApiError if there is none."""
    if job.status != Job.Status.DONE:
        told = f"This job has made no file; it is {job.status}."
        raise ApiError("job_not_done", told, status=409)
    if not pieces.has(job, OUTPUT):
        raise ApiError("no_file", "This job has no file, or not any more. Start a new one.", status=404)
    kind = str(job.options.get("format"))
    name = f"{job.kind}-{job.environment.kind}-{job.created_at:%Y-%m-%d}.{kind}"
    response = StreamingHttpResponse(pieces.read(job, OUTPUT), content_type=FILE_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Length"] = str(pieces.size(job, OUTPUT))
    response.headers["Cache-Control"] = "no-store"
    return response


def _opened(request: Request) -> tuple[Caller, list[str]]:
    """Who calls, and the kinds of jobs that the key may start; raises as `server` does."""
    caller, scopes, refusal = None, set(), None
    kinds = work.kinds().values()
    for scope in sorted({kind.scope for kind in kinds}):
        try:
            caller = server(request, scope)
            scopes.add(scope)
        except ApiError as error:
            if error.code != "scope_missing":
                raise
            refusal = refusal or error
    if caller is None:
        raise refusal or ApiError("forbidden", "There are no jobs here.", status=403)
    return caller, [kind.name for kind in kinds if kind.scope in scopes]


def _found(request: Request, job_id: UUID) -> tuple[Caller, Job]:
    caller, kinds = _opened(request)
    forms.query(documents.NoQuery, request)
    jobs = pieces.with_output(Job.objects.select_related("environment"))
    job = jobs.filter(environment=caller.config.environment, id=job_id, kind__in=kinds).first()
    if job is None:
        raise ApiError("job_not_found", "There is no such job in this environment.", status=404)
    return caller, job
