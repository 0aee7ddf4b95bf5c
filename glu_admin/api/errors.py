"""One shape for every refusal.

{"success": false, "message": what and how to mend it, "error": {"code", "message",
"requestId"}}: `success` is always there, because clients unwrap it; entry-point paths add
"data": []. The precise cause of a 401 is told in Test only. What a form of `/api/v1/` refuses
has every fault in "error.fields"; "error.field" is the first.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions

from glu_admin.observability.context import request_id

UNAUTHORIZED = "Unauthorized. Check the key or token that was sent."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend in what was sent; `field` is its path: `expected.0.type`."""

    field: str
    code: str
    message: str


class ApiError(Exception):
    """A refusal with a stable code. `status` is the HTTP status; `field` names what to mend."""

    def __init__(self, code: str, message: str, *, status: int = 400, field: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.field = code, message, status, field
        self.headers: dict[str, str] = {}
        self.faults: tuple[Fault, ...] = ()
        self.more: dict[str, Any] = {}  # what a program needs besides, told within "error"

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "ApiError":
        """The 400 of a form: told by its first fault, with all of them."""
        first = faults[0]
        where = f"{first.field}: " if first.field else ""
        refusal = cls("invalid", f"{where}{first.message}", field=first.field or None)
        refusal.faults = tuple(faults)
        return refusal


class Unauthorized(ApiError):
    """A 401. `tell` is false in Live, where the cause stays in the log."""

    def __init__(self, code: str, message: str, *, tell: bool = True) -> None:
        super().__init__(code, message, status=401)
        self.tell = tell


# what `handle` makes an answer of; all else is a fault
ANSWERED = (
    ApiError,
    Http404,
    PermissionDenied,
    exceptions.APIException,
    OperationalError,
    InterfaceError,
)


def body(code: str, message: str, *, field: str | None = None, path: str = "") -> dict[str, Any]:
    """The answer's JSON. Keys are in the order that people read them."""
    error: dict[str, Any] = {"code": code, "message": message}
    if field:
        error["field"] = field
    error["requestId"] = request_id()
    answer: dict[str, Any] = {"success": False, "message": message, "error": error}
    if path.startswith("/entrypoints/"):
        answer["data"] = []
    return answer


def told(refusal: ApiError, *, path: str = "") -> dict[str, Any]:
    """The answer's JSON, without the cause of a 401 where that stays in the log."""
    if isinstance(refusal, Unauthorized) and not refusal.tell:
        return body("unauthorized", UNAUTHORIZED, path=path)
    answer = body(refusal.code, refusal.message, field=refusal.field, path=path)
    if refusal.faults:
        answer["error"]["fields"] = [asdict(fault) for fault in refusal.faults]
    answer["error"] |= refusal.more
    return answer


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Every refusal of a REST view as an answer; None lets a fault become a 500."""
    refusal = _as_api_error(error)
    if refusal is None:
        return None
    request = context["request"]
    if refusal.status == 405:
        refusal.headers["Allow"] = ", ".join(context["view"].allowed_methods)
    request._request.glu_refusal = refusal.code
    return HttpResponse(
        orjson.dumps(told(refusal, path=request.path)),
        status=refusal.status,
        content_type="application/json",
        headers=refusal.headers,
    )


def _as_api_error(error: Exception) -> ApiError | None:  # noqa: PLR0911  # one line a kind
    match error:
        case ApiError():
            return error
        case Http404():
            return ApiError("not_found", "There is nothing at this address.", status=404)
        case PermissionDenied():
            return ApiError("forbidden", "This key or person may not do that.", status=403)
        case exceptions.ParseError():
            return ApiError("malformed_json", str(error.detail), status=400)
        case exceptions.MethodNotAllowed():
            return ApiError("method_not_allowed", str(error.detail), status=405)
        case exceptions.APIException():
            return ApiError(str(error.default_code), str(error.detail), status=error.status_code)
        case OperationalError() | InterfaceError():
            return ApiError("busy", "The service is busy or restarting. Try again in a moment.", status=503)
    return None
