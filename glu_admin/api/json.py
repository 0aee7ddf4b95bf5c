"""JSON in and out, strict and fast: orjson, no NUL, no lone surrogate, no abyss, up to a limit."""

from itertools import count
from typing import IO, Any

import orjson
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from glu_admin.api.errors import ApiError

BODY_LIMIT = 256 * 1024  # bytes, for every path that does not say otherwise
DEPTH_LIMIT = 32  # what is stored must be written again, and orjson writes 254 levels at most


class JsonParser(BaseParser):
    """A JSON body of any content type: clients of the contract don't agree on one."""

    media_type = "*/*"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        return load(stream.read(BODY_LIMIT + 1))


def load_object(request: HttpRequest | Request, limit: int = BODY_LIMIT) -> dict[str, Any]:
    """The request's body, which must be a JSON object; {} if there is none. Raises as `load`."""
    plain = request._request if isinstance(request, Request) else request
    # Django takes a body that comes in chunks, so without a length, for an empty one
    is_chunked = not plain.META.get("CONTENT_LENGTH") and plain.META.get("wsgi.input_terminated")
    stream = plain.META["wsgi.input"] if is_chunked else plain
    data = load(stream.read(limit + 1), limit)
    if not isinstance(data, dict):
        raise ApiError("malformed_json", 'The body must be a JSON object: {"key": "value"}.')
    return data


def load(body: bytes, limit: int = BODY_LIMIT) -> Any:
    """The parsed body; {} if empty. Raises ApiError or ParseError, which are answered as 400 or 413."""
    if len(body) > limit:
        raise ApiError("body_too_large", f"Send at most {limit // 1024} KiB of JSON.", status=413)
    if not body.strip():
        return {}
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error}.") from None
    if b"\\u0000" in body or body.count(b"[") + body.count(b"{") > DEPTH_LIMIT:
        _look_closely(data)
    return data


def _look_closely(data: Any) -> None:
    """Refuse NUL characters and deep nesting, level by level."""
    level = [data]
    for depth in count():
        if any(isinstance(each, str) and "\0" in each for each in level):
            raise ApiError("nul_character", "The body holds a NUL character, which can't be stored.")
        containers = [each for each in level if isinstance(each, dict | list)]
        if not containers:
            return
        if depth == DEPTH_LIMIT:
            raise ApiError("nested_too_deep", f"The body's JSON is nested in more than {DEPTH_LIMIT} levels.")
        level = [inner for each in containers for inner in _inside(each)]


def _inside(container: dict[str, Any] | list[Any]) -> list[Any]:
    if isinstance(container, dict):
        return [*container.keys(), *container.values()]
    return container


def dumps(data: Any, option: int | None = None) -> bytes:
    """JSON of what was read from the database too: PostgreSQL gives 1e30 back as a whole number of
    31 digits, and orjson writes 64 bits at most."""
    try:
        return orjson.dumps(data, default=str, option=option)
    except TypeError:
        return orjson.dumps(_within_64_bits(data), default=str, option=option)


def _within_64_bits(data: Any) -> Any:
    """The same, with larger whole numbers as the floats that they came as."""
    if isinstance(data, dict):
        return {name: _within_64_bits(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_within_64_bits(value) for value in data]
    if isinstance(data, int) and not -(2**63) <= data < 2**64:
        return float(data)
    return data


def answer(data: Any, status: int = 200) -> HttpResponse:
    """A JSON answer, without the detour over content negotiation."""
    return HttpResponse(dumps(data), status=status, content_type="application/json")


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else dumps(data)
