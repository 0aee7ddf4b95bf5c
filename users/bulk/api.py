"""`POST /api/v1/user-imports` and `/api/v1/user-exports`: each starts a job and answers at once."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin.api import forms as checks
from glu_admin.api.auth import server
from glu_admin.api.errors import ApiError
from glu_admin.api.views import JsonView
from glu_admin.jobs import work
from glu_admin.jobs.api import FILE_TYPES, told
from users.bulk import documents, forms, jobs
from users.bulk.receiving import received


class ImportsView(JsonView):
    @extend_schema(**documents.IMPORT)
    def post(self, request: Request) -> HttpResponse:
        caller = server(request, "users:write")
        asked = checks.query(forms.ImportQuery, request)
        options = {"format": _format(request), **asked}
        content = received(request._request)
        job = work.create(
            caller.config.environment, jobs.IMPORT, options=options, actor=caller.actor, content=content
        )
        return told(job, 202)


class ExportsView(JsonView):
    @extend_schema(**documents.EXPORT)
    def post(self, request: Request) -> HttpResponse:
        caller = server(request, "users:read")
        checks.query(forms.NoQuery, request)
        asked = checks.body(forms.ExportBody, request)
        for name in ("since", "until"):
            if name in asked:
                asked[name] = asked[name].isoformat()
        job = work.create(caller.config.environment, jobs.EXPORT, options=asked, actor=caller.actor)
        return told(job, 202)


def _format(request: Request) -> str:
    sent = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    for kind, content_type in FILE_TYPES.items():
        if sent == content_type:
            return kind
    raise ApiError("unsupported_format", "Send text/csv or application/x-ndjson as Content-Type.", status=415)
