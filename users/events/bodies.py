"""The body of an events call: plain or gzip, one object, an array, or one object a line.

Inflating stops at the limit, however much a small body would unfold to.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

import orjson
from django.http import HttpRequest
from rest_framework.request import Request

from glu_admin.api.errors import ApiError
from users.events.forms import Unreadable

BODY_LIMIT = 5 * 2**20  # bytes, inflated or not
MOST_EVENTS = 1000
MOST_PARTS = 200_000  # objects and arrays: empty ones unfold to twenty times their text in memory
PIECE = 64 * 1024
GZIP = zlib.MAX_WBITS | 16


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent: the events as parsed, and whether they came as a batch."""

    events: list[Any]
    is_batch: bool


def read_body(request: Request, limit: int = BODY_LIMIT) -> bytes:
    """All bytes of the body, inflated. Raises ApiError 400, 413 or 415."""
    plain = request._request
    encoding = plain.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in ("", "identity"):
        body: bytes = _stream(plain).read(limit + 1)
        if len(body) > limit:
            raise _too_large(limit)
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise ApiError("unknown_encoding", "Send the body plain, or with Content-Encoding: gzip.", status=415)
    return b"".join(_inflated(_stream(plain), limit))


def split(body: bytes) -> Body:
    """The events of a body; a line that is not JSON comes as Unreadable. Raises ApiError 400."""
    if not body.strip():
        raise ApiError("body_empty", "The body is empty. Send an event as a JSON object.")
    if body.count(b"{") + body.count(b"[") > MOST_PARTS:
        raise ApiError("too_many_parts", f"Send at most {MOST_PARTS:,} objects and arrays.", status=413)
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        lines = [line for line in body.split(b"\n") if line.strip()]
        if len(lines) == 1 or not body.lstrip().startswith(b"{"):
            return Body([Unreadable(body, str(error))], is_batch=False)
        check_count(len(lines))
        events = [_line(line) for line in lines]
        if all(isinstance(each, Unreadable) for each in events):
            return Body([Unreadable(body, str(error))], is_batch=False)
        return Body(events, is_batch=True)
    if not isinstance(data, list):
        return Body([data], is_batch=False)
    if not data:
        raise ApiError("no_events", "The array is empty. Send at least one event.")
    check_count(len(data))
    return Body(data, is_batch=True)


def _stream(request: HttpRequest) -> IO[bytes]:
    # Django takes a body that comes in chunks, so without a length, for an empty one
    is_chunked = not request.META.get("CONTENT_LENGTH") and request.META.get("wsgi.input_terminated")
    return request.META["wsgi.input"] if is_chunked else request  # type: ignore[return-value]  # it reads


def _inflated(stream: IO[bytes], limit: int) -> Iterator[bytes]:
    """The pieces of a gzip stream, of one member or several; never more than the limit in all."""
    inflater, room, read, is_whole = zlib.decompressobj(GZIP), limit, 0, True
    while piece := stream.read(PIECE):
        read += len(piece)
        if read > limit:
            raise _too_large(limit)
        while piece:
            if inflater.eof:
                inflater = zlib.decompressobj(GZIP)
            try:
                out = inflater.decompress(piece, room + 1)
            except zlib.error:
                raise ApiError("malformed_gzip", "The body is not gzip, though its header says so.") from None
            room -= len(out)
            if room < 0:
                raise _too_large(limit)
            yield out
            is_whole = inflater.eof
            piece = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if not is_whole:
        raise ApiError("malformed_gzip", "The gzip body ends in the middle. Send all of it.")


def _line(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return Unreadable(line, str(error))


def check_count(many: int) -> None:
    """Raises ApiError 413 beyond what one call may hold."""
    if many > MOST_EVENTS:
        message = f"Send at most {MOST_EVENTS:,} events a call; these are {many:,}."
        raise ApiError("too_many_events", message, status=413)


def _too_large(limit: int) -> ApiError:
    message = f"Send at most {limit // 2**20} MiB a call, counted without compression."
    return ApiError("body_too_large", message, status=413)
