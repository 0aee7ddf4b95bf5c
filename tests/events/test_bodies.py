"""Bodies: gzip up to a limit, one object, an array, or one a line."""

import gzip
import io
import tracemalloc

import orjson
import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from glu_admin.api.errors import ApiError
from users.events.bodies import BODY_LIMIT, read_body, split
from users.events.forms import Unreadable


def request(body, encoding=""):
    plain = RequestFactory().post("/server/v4", body, content_type="application/json")
    plain.META["HTTP_CONTENT_ENCODING"] = encoding
    return Request(plain)


def refusal(call):
    with pytest.raises(ApiError) as refused:
        call()
    return refused.value.status, refused.value.code


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_a_compressed_body_is_inflated(encoding):
    body = b'{"a": 1}' * 20_000

    assert read_body(request(gzip.compress(body), encoding)) == body


def test_a_compressed_body_may_have_several_members():
    assert read_body(request(gzip.compress(b"[1,") + gzip.compress(b"2]"), "gzip")) == b"[1,2]"


def test_a_body_of_unknown_length_is_read():
    asked = request(b"")
    asked._request.META.update(
        {"CONTENT_LENGTH": "", "wsgi.input_terminated": True, "wsgi.input": io.BytesIO(b"[1]")}
    )

    assert read_body(asked) == b"[1]"


def test_a_gzip_bomb_is_refused_without_inflating_it():
    bomb = gzip.compress(b" " * 400 * 2**20, compresslevel=1)
    asked = request(bomb, "gzip")
    tracemalloc.start()
    try:
        assert refusal(lambda: read_body(asked)) == (413, "body_too_large")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 3 * BODY_LIMIT


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (b"x" * (BODY_LIMIT + 1), "", 413, "body_too_large"),
        (gzip.compress(b" " * (BODY_LIMIT + 1)), "gzip", 413, "body_too_large"),
        (b"{}", "gzip", 400, "malformed_gzip"),
        (gzip.compress(b"{}")[:-9], "gzip", 400, "malformed_gzip"),
        (b"{}", "br", 415, "unknown_encoding"),
    ],
)
def test_a_body_that_can_not_be_read_is_refused(body, encoding, status, code):
    assert refusal(lambda: read_body(request(body, encoding))) == (status, code)


def test_a_body_exactly_at_the_limit_is_read():
    assert len(read_body(request(gzip.compress(b" " * BODY_LIMIT), "gzip"))) == BODY_LIMIT


@pytest.mark.parametrize(
    ("body", "events", "is_batch"),
    [
        (b'{"a": 1}', [{"a": 1}], False),
        (b'\n{\n"a": 1\n}\n', [{"a": 1}], False),
        (b"7", [7], False),
        (b'[{"a": 1}]', [{"a": 1}], True),
        (b'{"a": 1}\n\n{"b": 2}\r\n', [{"a": 1}, {"b": 2}], True),
    ],
)
def test_events_come_alone_in_an_array_or_one_a_line(body, events, is_batch):
    found = split(body)

    assert (found.events, found.is_batch) == (events, is_batch)


def test_a_bad_line_spoils_no_other():
    found = split(b'{"a": 1}\n{nope\n{"b": 2}')

    assert [type(each) for each in found.events] == [dict, Unreadable, dict]


def test_a_body_that_is_nothing_but_bad_is_one_event_that_is_bad():
    assert [each.text for each in split(b"{nope\n{nope").events] == [b"{nope\n{nope"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "body_empty"),
        (b" \n", 400, "body_empty"),
        (b"[]", 400, "no_events"),
        (orjson.dumps([{}] * 1001), 413, "too_many_events"),
        (b"{}\n" * 1001, 413, "too_many_events"),
        (b"[" + b"[]," * 200_000 + b"1]", 413, "too_many_parts"),
    ],
)
def test_a_body_without_events_or_with_too_many_is_refused(body, status, code):
    assert refusal(lambda: split(body)) == (status, code)
