"""Views that fail as no real view should, beside the real ones."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from glu_admin.api.auth import open_with_write_key
from glu_admin.urls import handler400, handler403, handler404, handler500
from glu_admin.urls import urlpatterns as real
from tests.observability.conftest import CANARIES


class Raises(APIView):
    def get(self, request):
        local_secret = CANARIES["secret"]
        raise KeyError(CANARIES["email"], local_secret)

    def post(self, request):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::uuid", [request.data["code"]])


class Opens(APIView):
    def post(self, request):
        open_with_write_key(request, request.data["writeKey"])
        return Response({"success": True})


def raises(request, person):
    local_secret = CANARIES["secret"]
    raise RuntimeError(f"no such person: '{person}' {CANARIES['phone']} {local_secret}")


def forbids(request):
    raise PermissionDenied(CANARIES["email"])


def suspects(request):
    raise SuspiciousOperation(CANARIES["code"])


urlpatterns = [
    path("api/v1/opens", Opens.as_view()),
    path("api/v1/raises", Raises.as_view()),
    path("api/v1/raises/<str:person>", raises),
    path("api/v1/forbids", forbids),
    path("api/v1/suspects", suspects),
    path("pages/raises/<str:person>", raises),
    path("entrypoints/raises/<str:person>", raises),
    *real,
]
__all__ = ["handler400", "handler403", "handler404", "handler500"]
