"""JSON in and out, strict and fast: orjson, no NUL, no lone surrogate, bodies up to a limit."""

from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from glu_admin.api.errors import ApiError

BODY_LIMIT = 256 * 1024  # bytes, for every path that does not say otherwise


class JsonParser(BaseParser):
    """A JSON body of any content type: clients of the contract don't agree on one."""

    media_type = "*/*"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        return load(stream.read(BODY_LIMIT + 1))


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
    if b"\\u0000" in body and _holds_nul(data):
        raise ApiError("nul_character", "The body holds a NUL character, which can't be stored.")
    return data


def _holds_nul(data: Any) -> bool:
    match data:
        case str():
            return "\0" in data
        case list():
            return any(map(_holds_nul, data))
        case dict():
            return any("\0" in key or _holds_nul(value) for key, value in data.items())
    return False


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)
