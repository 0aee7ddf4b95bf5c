"""The base of the API's views: a DRF view for its errors, methods and schema, without its tax.

Keys, tokens and bodies are read by the view itself (auth.py, tokens.py, json.py), and
answers are always JSON, whatever an Accept header wants.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from glu_admin.api import errors
from glu_admin.api.throttles import limit
from glu_admin.observability.addresses import client_address


class JsonView(APIView):
    """Counts the caller's address against its limit; the handler does the rest, by `answer(...)`."""

    # OPTIONS is for browsers' preflights, which the Cors middleware answers
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]  # noqa: RUF012  # Django's name

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        limit("address", client_address(request._request), path=request.path)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """In place of DRF's, which would look for parsers, renderers and versions that nothing here has."""
        self.request = asked = Request(request)
        try:
            self.initial(asked, *args, **kwargs)
            return self._handler(request)(asked, *args, **kwargs)
        except errors.ANSWERED as error:
            answer = errors.handle(error, {"request": asked, "view": self})
            if answer is None:
                raise
            return answer

    def _handler(self, request: HttpRequest) -> Callable[..., HttpResponseBase]:
        method = str(request.method).lower()
        found = getattr(self, method, None) if method in self.http_method_names else None
        return found or self.http_method_not_allowed
