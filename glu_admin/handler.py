"""Django's handler, which spares JSON requests what only pages need.

It finds the view of an API path once, calls it past the layers of middleware that only pages
need, and hands the connection back without Django's signals of a request, whose receivers look
through all connections three times, and through the caches.
"""

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.core.handlers.exception import convert_exception_to_response, response_for_exception
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections, reset_queries
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.template.response import SimpleTemplateResponse
from django.urls import ResolverMatch, get_resolver, set_script_prefix

from glu_admin.middleware import JSON_PREFIXES, Cors, is_json
from glu_admin.observability.middleware import RequestContext

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

PATHS = 1024  # many more than the fixed ones and the campaigns in play; the oldest makes room


class Handler(WSGIHandler):
    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async)
        self._security = Security(Cors(self._view))
        # a guard of its own, as the redirect to https refuses hosts that are not ours
        guarded: Any = convert_exception_to_response(self._security)
        self._json: Any = RequestContext(guarded)

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Any:
        if not environ.get("PATH_INFO", "").startswith(JSON_PREFIXES):
            return super().__call__(environ, start_response)
        request = self.request_class(environ)
        set_script_prefix(request.META["SCRIPT_NAME"])  # which the request has just found out
        answer: Any = self._json(request)
        ours = self._security.headers(request)
        headers = [*answer.items(), *(each for each in ours if each[0] not in answer.headers)]
        headers += [("Set-Cookie", each.OutputString()) for each in answer.cookies.values()]
        start_response(f"{answer.status_code} {answer.reason_phrase}", headers)
        if answer.streaming:  # it still reads, and sends the signal when it is closed
            answer._handler_class = type(self)
            answer._resource_closers.append(request.close)
            return answer
        request.close()
        let_go()
        # nothing is left to close, and a server sends a list in one piece
        return [answer.content]

    def _view(self, request: HttpRequest) -> HttpResponseBase:
        """What the view answers. Django's way there, with a guard at every layer, takes 50 µs more."""
        try:
            view, args, kwargs = self.resolve_request(request)
            answer: HttpResponseBase = view(request, *args, **kwargs)
            if isinstance(answer, SimpleTemplateResponse):  # of DRF, whose answers are rendered late
                answer.render()
            return answer
        except Exception as error:  # what Django does at each layer
            return response_for_exception(request, error)

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Saves a play 12 µs, a registration 18 and `/healthz` 69: Django tries the routes in turn."""
        if not is_json(request) or hasattr(request, "urlconf"):
            return super().resolve_request(request)
        match = request.resolver_match = _match(request.path_info)
        return match


class Security(SecurityMiddleware):
    """Django's redirect to https; and its headers, which are the same for all and so made once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self._answer = get_response
        self._plain, self._secure = (self._made(scheme) for scheme in ("http", "https"))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.process_request(request) or self._answer(request)

    def headers(self, request: HttpRequest) -> list[tuple[str, str]]:
        return self._secure if self.sts_seconds and request.is_secure() else self._plain

    def _made(self, scheme: str) -> list[tuple[str, str]]:
        asked = WSGIRequest({"REQUEST_METHOD": "GET", "wsgi.url_scheme": scheme, "wsgi.input": BytesIO()})
        answer = HttpResponse()
        before = dict(answer.items())
        return [each for each in self.process_response(asked, answer).items() if each[0] not in before]


def let_go() -> None:
    """What the receivers of Django's signals do, where there is something to do. Hot statements borrow
    their connection (glu_admin/hot.py), so most requests end without one, and 33 µs sooner."""
    if connections[DEFAULT_DB_ALIAS].connection is not None:
        reset_queries()
        close_old_connections()


@lru_cache(maxsize=PATHS)
def _match(path: str) -> ResolverMatch:
    """The same object for all requests of the path: nothing may change it. Unknown paths raise, and
    are not kept."""
    return get_resolver().resolve(path)
