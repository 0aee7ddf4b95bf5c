"""Every request gets an id, a log line, a count, and an answer even when a view fails.

The line and the count name the route's pattern, never the path, the query or a header:
those hold people's ids, sign-in links and tokens.
"""

import random
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from glu_admin.observability import metrics
from glu_admin.observability.context import set_request_id
from glu_admin.observability.request_log import request_log

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# asked every few seconds by machines: counted, not told
QUIET = {"healthz", "readyz", "metrics", "(static)"}


class RequestContext:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request_id = _new_id()
        set_request_id(request_id)
        answer = self.get_response(request)
        answer.headers["X-Request-Id"] = request_id
        _note(request, answer.status_code, time.perf_counter() - started, request_id)
        return answer


def _new_id() -> str:
    """128 random bits, no secret: asking the system for them would hand the interpreter to another
    thread, which costs a busy server 20 µs."""
    return f"{random.getrandbits(128):032x}"


def _note(request: HttpRequest, status: int, seconds: float, request_id: str) -> None:
    route, method = _route(request), str(request.method)
    # a method is free text, and a label must not grow without end
    method = method if method in METHODS else "(other)"
    metrics.count_request(route, method, status, seconds)
    if route in QUIET and status < 400:
        return
    fields: dict[str, object] = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "request_id": request_id,
    }
    if (config := getattr(request, "glu_config", None)) is not None:
        fields["environment"] = config.id_as_text
    if refusal := getattr(request, "glu_refusal", ""):
        fields["refusal"] = refusal
    request_log.write(fields)


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is not None:
        return str(match.route) or "/"
    return "(static)" if request.path_info.startswith(settings.STATIC_URL) else "(none)"
