"""`POST /api/v1/user-imports` and `/api/v1/user-exports`: each starts a job and answers at once.

A file goes from the connection into the database as it comes: none is ever held whole.
"""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin.api import forms as checks
from glu_admin.api.auth import server
from glu_admin.api.errors import ApiError
from glu_admin.api.views import JsonView
from glu_admin.jobs import work
from glu_admin.jobs.api import FILE_TYPES, told
from users.bulk import documents, forms, jobs

LARGEST = 1 << 30
BLOCK = 1 << 16


class ImportsView(JsonView):
    @extend_schema(**documents.IMPORT)
    def post(self, request: Request) -> HttpResponse:
        caller = server(request, "users:write")
        asked = checks.query(forms.ImportQuery, request)
        options = {"format": _format(request), **asked}
        content = _received(request._request)
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


def _received(request: HttpRequest) -> Iterator[bytes]:
    """The body as it comes; raises ApiError for one that is too long, or whose end is missing."""
    length = _length(request.META.get("CONTENT_LENGTH") or "0")
    if length > LARGEST:
        raise _too_large()
    # Django takes a body that comes in chunks, so without a length, for an empty one
    is_chunked = not length and request.META.get("wsgi.input_terminated")
    stream = request.META["wsgi.input"] if is_chunked else request
    size = 0
    while block := stream.read(BLOCK):
        size += len(block)
        if size > LARGEST:
            raise _too_large()
        yield block
    if size < length:
        raise ApiError("body_incomplete", "The end of the file is missing. Send it again.")
    if not size:
        raise ApiError("file_empty", "The body is empty. Send the file as the body.")


def _length(told: str) -> int:
    if not (told.isascii() and told.isdecimal() and len(told) < 20):
        raise ApiError("length_malformed", "Content-Length must be the number of the body's bytes.")
    return int(told)


def _too_large() -> ApiError:
    return ApiError("body_too_large", "Send at most 1 GiB. Pack the file by gzip, or split it.", status=413)
