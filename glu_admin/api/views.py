"""The base of the API's views: a DRF view for its errors, methods and schema, without its tax.

Keys, tokens and bodies are read by the view itself (auth.py, tokens.py, json.py), and
answers are always JSON, whatever an Accept header wants.
"""

from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from glu_admin.api.throttles import limit
from glu_admin.observability.addresses import client_address


class JsonView(APIView):
    """Counts the caller's address against its limit; the handler does the rest, by `answer(...)`."""

    # OPTIONS is for browsers' preflights, which the Cors middleware answers
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]  # noqa: RUF012  # Django's name

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        limit("address", client_address(request._request), path=request.path)

    def finalize_response(  # type: ignore[override]  # plain answers pass as they are
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if isinstance(response, Response):
            return super().finalize_response(request, response, *args, **kwargs)
        return response
