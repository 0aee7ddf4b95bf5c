"""Segments for the client's servers: list, make, change, copy, delete, and where each is used."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin import config as configs
from glu_admin.api import forms as checks
from glu_admin.api import pagination
from glu_admin.api.auth import Caller
from glu_admin.api.errors import ApiError, Fault
from glu_admin.api.json import answer
from users.models import Segment
from users.segments import shelf
from users.segments.shelf import InUseError, SegmentDraft, SegmentError
from users.v1 import segment_shapes as shapes
from users.v1 import segment_shelf_documents as documents
from users.v1.segment_shelf_forms import ConfirmQuery, CopyForm, SegmentChanges, SegmentForm, SegmentsQuery
from users.v1.views import ServerView, paged, told, unkept

READ, WRITE = "segments:read", "segments:write"


def find(caller: Caller, pk: UUID) -> Segment:
    """The segment in the caller's environment; raises ApiError 404."""
    rows = Segment.objects.filter(environment_id=caller.config.id, id=pk)
    found = rows.select_related("environment__workspace").first()
    if found is None:
        raise ApiError(
            "segment_not_found", "There is no such segment in this environment.", status=404, field="id"
        )
    return found


@contextmanager
def refusing() -> Iterator[None]:
    """What the shelf refuses, as the API tells it: faults by path, uses by name."""
    try:
        yield
    except SegmentError as error:
        raise ApiError.of([Fault(each.field, "invalid", each.message) for each in error.faults]) from None
    except InUseError as error:
        refusal = ApiError("segment_in_use", f"{error} {_remedy(error)}", status=409)
        refusal.more = {"uses": [shapes.use(each) for each in error.uses]}
        raise refusal from None


def _remedy(error: InUseError) -> str:
    if error.is_asked:
        return "Look at what uses it; then send the change again with confirm=true."
    return "Take it out there first."


def _shown(caller: Caller, segment: Segment) -> HttpResponse:
    """The segment as everybody sees it from now on, by names that may have changed with it."""
    fresh = configs.get(caller.config.id) or caller.config
    return told(shapes.segment(fresh, segment))


class SegmentsView(ServerView):
    @extend_schema(**documents.LIST)
    def get(self, request: Request) -> HttpResponse:
        caller, query = self.opened(request, READ, SegmentsQuery)
        rows = Segment.objects.filter(environment_id=caller.config.id)
        if "name" in query:
            rows = rows.filter(name__istartswith=query["name"])
        if "kind" in query:
            rows = rows.filter(kind=query["kind"])
        page = pagination.dated(rows, query, lambda row: row, moment="created_at")
        return paged(page | {"data": shapes.segments(caller.config, page["data"])})

    @extend_schema(**documents.CREATE)
    def post(self, request: Request) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        draft = SegmentDraft(**checks.body(SegmentForm, request))
        with refusing():
            return _shown(caller, shelf.create(caller.config.environment, draft, caller.actor))


class SegmentView(ServerView):
    @extend_schema(**documents.READ)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        caller, _ = self.opened(request, READ)
        return _shown(caller, find(caller, pk))

    @extend_schema(**documents.CHANGE)
    def patch(self, request: Request, pk: UUID) -> HttpResponse:
        caller, query = self.opened(request, WRITE, ConfirmQuery)
        segment = find(caller, pk)
        draft = replace(shelf.of(segment), **checks.body(SegmentChanges, request))
        with refusing():
            changed = shelf.change(segment, draft, caller.actor, confirmed=query["confirm"])
        return _shown(caller, changed)

    @extend_schema(**documents.DELETE)
    def delete(self, request: Request, pk: UUID) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        with refusing():
            shelf.delete(find(caller, pk), caller.actor)
        return unkept(answer({"success": True}))


class SegmentCopyView(ServerView):
    @extend_schema(**documents.DUPLICATE)
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        segment = find(caller, pk)
        name = checks.body(CopyForm, request).get("name", "")
        with refusing():
            return _shown(caller, shelf.duplicate(segment, caller.actor, name=name))


class SegmentFreezeView(ServerView):
    @extend_schema(**documents.FREEZE)
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        segment = find(caller, pk)
        name = checks.body(CopyForm, request).get("name", "")
        with refusing():
            return _shown(caller, shelf.freeze(segment, caller.actor, name=name, now=timezone.now()))


class SegmentUsesView(ServerView):
    @extend_schema(**documents.USES)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        caller, _ = self.opened(request, READ)
        return told([shapes.use(each) for each in shelf.uses_of(find(caller, pk))])
