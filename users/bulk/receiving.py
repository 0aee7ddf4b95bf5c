"""Files that come as the body of a request, in either way of telling their end.

A file goes from the connection into the database as it comes: none is ever held whole.
"""

from collections.abc import Iterator

from django.http import HttpRequest

from glu_admin.api.errors import ApiError

LARGEST = 1 << 30
BLOCK = 1 << 16


def received(request: HttpRequest) -> Iterator[bytes]:
    """The body as it comes; raises ApiError for one that is too long, or whose end is missing."""
    length = _length(request.META.get("CONTENT_LENGTH") or "0")
    if length > LARGEST:
        raise _too_large()
    # Django takes a body that comes in chunks, so without a length, for an empty one
    is_chunked = not length and request.META.get("wsgi.input_terminated")
    stream = request.META["wsgi.input"] if is_chunked else request
    size = 0
    while block := stream.read(BLOCK):
        size += len(block)
        if size > LARGEST:
            raise _too_large()
        yield block
    if size < length:
        raise ApiError("body_incomplete", "The end of the file is missing. Send it again.")
    if not size:
        raise ApiError("file_empty", "The body is empty. Send the file as the body.")


def _length(told: str) -> int:
    if not (told.isascii() and told.isdecimal() and len(told) < 20):
        raise ApiError("length_malformed", "Content-Length must be the number of the body's bytes.")
    return int(told)


def _too_large() -> ApiError:
    return ApiError("body_too_large", "Send at most 1 GiB. Pack the file by gzip, or split it.", status=413)
