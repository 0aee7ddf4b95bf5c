"""The last answers: for addresses that do not exist and for faults nobody foresaw.

JSON paths get the settled shape and pages get Django's templates. Neither holds a path, a
query or a setting; the request id leads to the log, which does.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from glu_admin.api import errors
from glu_admin.middleware import is_json


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_json(request):
        return defaults.bad_request(request, exception)
    return _refuse(request, 400, "bad_request", "The request can't be read. Check its headers and body.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_json(request):
        return defaults.permission_denied(request, exception)
    return _refuse(request, 403, "forbidden", "This key or person may not do that.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not is_json(request):
        return defaults.page_not_found(request, exception)
    return _refuse(request, 404, "not_found", "There is nothing at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    if not is_json(request):
        return defaults.server_error(request)
    return _refuse(
        request,
        500,
        "internal_error",
        "Something failed on our side. Try again, or name the requestId to us.",
    )


def _refuse(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    request.glu_refusal = code  # type: ignore[attr-defined]  # read by the request's log line
    return JsonResponse(errors.body(code, message, path=request.path_info), status=status)
