"""Who is in a segment, for the client's servers: members, files of them, and their export."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin.api import forms as checks
from glu_admin.api import pagination
from glu_admin.api.auth import Caller
from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from glu_admin.jobs import work
from glu_admin.jobs.api import told as told_of_job
from users.bulk import jobs
from users.bulk.receiving import received
from users.models import Segment, SegmentImport, SegmentMember
from users.segments import book as books
from users.segments import counting, query
from users.segments.lists import cells, hand, imports
from users.segments.rule import InSegment, RuleError
from users.v1 import segment_people_documents as documents
from users.v1 import segment_shapes as shapes
from users.v1.segment_shelf_forms import PeopleForm, SegmentExportForm, UploadQuery
from users.v1.segments import READ, WRITE, find
from users.v1.views import ServerView, paged, told

SECONDS = 5.0  # for a page of whom a rule holds for
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"text/csv": cells.CSV, XLSX_TYPE: cells.XLSX}
_PAGE = """
SELECT u.id, u.glu_id, u.user_id, u.anonymous_id FROM users_enduser u
 WHERE u.environment_id = %(environment)s AND u.merged_into_id IS NULL AND u.erased_at IS NULL
   AND u.id > %(after)s AND {rule} ORDER BY u.id LIMIT %(most)s
"""


class MembersView(ServerView):
    @extend_schema(**documents.MEMBERS)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        """Of a list or by an event: as they are kept. By rules: whom the rule holds for now."""
        caller, asked = self.opened(request, READ, checks.QuerySerializer)
        segment, limit = find(caller, pk), pagination.limit_of(asked)
        after = pagination.decode(asked["cursor"], id=int)["id"] if "cursor" in asked else 0
        if books.of(caller.config).inlined(segment.id):
            rows = _holding(caller.config, segment.id, after, limit + 1)
            return paged(
                pagination.page(
                    rows, limit, lambda row: shapes.matching(*row[1:]), lambda row: {"id": row[0]}
                )
            )
        members = _kept(segment, after)[: limit + 1]
        return paged(pagination.page(members, limit, shapes.member, lambda row: {"id": row.user_id}))

    @extend_schema(**documents.ADD)
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return _changed(self, request, pk, hand.add)


class MembersRemoveView(ServerView):
    @extend_schema(**documents.REMOVE)
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        return _changed(self, request, pk, hand.remove)


def _changed(
    view: ServerView, request: Request, pk: UUID, do: Callable[..., list[hand.Named]]
) -> HttpResponse:
    caller, _ = view.opened(request, WRITE)
    segment = find(caller, pk)
    said = checks.body(PeopleForm, request)
    done = do(
        segment,
        user_ids=said["userIds"],
        glu_ids=said["gluIds"],
        actor=caller.actor,
        now=timezone.now(),
    )
    verdicts = [{("gluId" if each.is_ours else "userId"): each.id, "verdict": each.verdict} for each in done]
    return told(verdicts)


def _kept(segment: Segment, after: int) -> list[SegmentMember]:
    rows = SegmentMember.objects.filter(environment_id=segment.environment_id, segment_id=segment.id)
    page = rows.filter(user_id__gt=after).select_related("user").order_by("user_id")
    return list(page[: pagination.MOST + 1])


def _holding(
    config: EnvironmentConfig, segment: UUID, after: int, most: int
) -> list[tuple[int, UUID, str | None, str | None]]:
    rule, values = query.where(InSegment(segment), books.of(config), now=timezone.now())
    values |= {"environment": config.id, "after": after, "most": most}
    try:
        with counting.within(SECONDS), connection.cursor() as cursor:
            cursor.execute(_PAGE.format(rule=rule), values)
            found: list[tuple[int, UUID, str | None, str | None]] = cursor.fetchall()
            return found
    except counting.TooSlow:
        told_so = "Looking for these people takes too long. Export the segment, or freeze it to a list."
        raise ApiError("too_slow", told_so, status=503) from None


class SegmentImportsView(ServerView):
    @extend_schema(**documents.IMPORTS)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        caller, asked = self.opened(request, READ, checks.QuerySerializer)
        segment = find(caller, pk)
        rows = SegmentImport.objects.filter(environment_id=caller.config.id, segment=segment)
        page = pagination.dated(rows, asked, lambda row: row, moment="created_at")
        return paged(page | {"data": shapes.imported(page["data"])})

    @extend_schema(**documents.UPLOAD)
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        caller, asked = self.opened(request, WRITE, UploadQuery)
        segment = find(caller, pk)
        try:
            made = imports.upload(
                segment,
                received(request._request),
                kind=_format(request),
                wanted=cells.Wanted(asked["match"], asked["column"], asked["header"]),
                mode=asked["mode"],
                file_name=asked["fileName"],
                actor=caller.actor,
                now=timezone.now(),
            )
        except RuleError as error:
            raise ApiError("invalid", error.message, field="match") from None
        return _shown(made)


def _format(request: Request) -> str:
    sent = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if sent not in TYPES:
        raise ApiError("unsupported_format", f"Send {' or '.join(TYPES)} as Content-Type.", status=415)
    return TYPES[sent]


class SegmentImportView(ServerView):
    @extend_schema(**documents.IMPORT)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        caller, _ = self.opened(request, READ)
        return _shown(_import(caller, pk))


class SegmentImportApplyView(ServerView):
    @extend_schema(**documents.APPLY)
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        return _shown(imports.apply(_import(caller, pk), caller.actor))


class SegmentImportUndoView(ServerView):
    @extend_schema(**documents.UNDO)
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        return _shown(imports.undo(_import(caller, pk), caller.actor, now=timezone.now()))


def _shown(found: SegmentImport) -> HttpResponse:
    return told(shapes.imported([found])[0])


def _import(caller: Caller, pk: UUID) -> SegmentImport:
    found = SegmentImport.objects.filter(environment_id=caller.config.id, id=pk).first()
    if found is None:
        told_so = "There is no such import in this environment."
        raise ApiError("import_not_found", told_so, status=404, field="id")
    return found


class SegmentExportsView(ServerView):
    @extend_schema(**documents.EXPORT)
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        caller, _ = self.opened(request, "users:read")
        segment = find(caller, pk)
        options: dict[str, Any] = {"segment": str(segment.id), **checks.body(SegmentExportForm, request)}
        job = work.create(caller.config.environment, jobs.EXPORT, options=options, actor=caller.actor)
        return told_of_job(job, 202)
