"""A person's rights, for the client's servers: everything as one document, and erasure with a receipt."""

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin.api import pagination
from glu_admin.api.errors import ApiError
from glu_admin.workspaces import audit
from users.models import EndUser, Erasure
from users.privacy import erasure, export
from users.v1 import people_documents as documents
from users.v1 import search, shapes
from users.v1.forms import ErasuresQuery
from users.v1.views import ServerView, paged, told

READ, ERASE = "users:read", "users:erase"


class ExportView(ServerView):
    """Streamed: a person may have more events than should be in memory at once."""

    @extend_schema(**documents.EXPORT)
    def get(self, request: Request, glu_id: UUID) -> StreamingHttpResponse:
        caller, _ = self.opened(request, READ)
        user = search.person(caller.config.id, glu_id)
        audit.record(caller.config.environment, caller.actor, "user.exported", user)
        headers = {
            "Content-Disposition": f'attachment; filename="user-{user.glu_id}.json"',
            "Cache-Control": "no-store",
        }
        pieces = export.stream(caller.config.environment, user)
        return StreamingHttpResponse(_wrapped(pieces), content_type="application/json", headers=headers)


def _wrapped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield b'{"success":true,"data":'
    yield from pieces
    yield b"}"


class PersonErasure(ServerView):
    """Mixed into the person's own address."""

    @extend_schema(**documents.ERASE)
    def delete(self, request: Request, glu_id: UUID) -> HttpResponse:
        caller, _ = self.opened(request, ERASE)
        user: EndUser = search.person(caller.config.id, glu_id)
        return told(shapes.receipt(erasure.erase(user, caller.actor, now=timezone.now())))


class ReceiptsView(ServerView):
    @extend_schema(**documents.RECEIPTS)
    def get(self, request: Request) -> HttpResponse:
        caller, query = self.opened(request, ERASE, ErasuresQuery)
        found = erasure.receipts(caller.config.environment, query["userId"])
        return paged(pagination.dated(found, query, shapes.receipt, moment="at"))


class ReceiptView(ServerView):
    @extend_schema(**documents.RECEIPT)
    def get(self, request: Request, pk: UUID) -> HttpResponse:
        caller, _ = self.opened(request, ERASE)
        found = Erasure.objects.filter(environment_id=caller.config.id, pk=pk).first()
        if found is None:
            raise ApiError("erasure_not_found", "There is no receipt with this id.", status=404, field="id")
        return told(shapes.receipt(found))
