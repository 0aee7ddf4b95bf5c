"""The base of the endpoints for the client's own servers: an API key with a scope, JSON, pages.

Consoles have views of their own, so no session opens these. A key with users:read sees personal
fields: it is the client's server, which sent them.
"""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from glu_admin.api import forms as checks
from glu_admin.api import pagination
from glu_admin.api.auth import Caller, server
from glu_admin.api.errors import ApiError
from glu_admin.api.json import answer
from glu_admin.api.views import JsonView
from users.v1.forms import NoQuery


class ServerView(JsonView):
    """`opened` first, so that nothing is told to a stranger, not even which parameters there are."""

    @staticmethod
    def opened(request: Request, scope: str, form: Any = NoQuery) -> tuple[Caller, dict[str, Any]]:
        """Who calls, and the checked query string; raises ApiError 400, 401, 403 or 429."""
        caller = server(request, scope)
        return caller, checks.query(form, request)


def told(data: object, **more: object) -> HttpResponse:
    """{"success": true, "data": …}; nobody keeps a copy of it on the way."""
    return unkept(answer({"success": True, "data": data} | more))


def paged(page: dict[str, Any]) -> HttpResponse:
    """One page of a list, as `pagination` made it."""
    return unkept(answer(page))


def unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response


def within(number: int, refusal: ApiError) -> int:
    """A row's number from an address; raises the refusal for one that no row can have."""
    if number > pagination.LARGEST:
        raise refusal
    return number
