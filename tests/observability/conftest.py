"""A URL map of views that fail in known ways, and the log lines that a test left."""

import io
import logging

import pytest

CANARIES = {
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySWQiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
    "email": "canary.person@example.net",
    "phone": "+4915112345678",
    "secret": "sk_test_canary0canary0canary0canary0",
    "code": "CANARY-COUPON-77",
}


@pytest.fixture
def log_lines():
    """Everything that the configured handlers write, as text."""
    written = io.StringIO()
    handlers = [*logging.getLogger().handlers, *logging.getLogger("glu.requests").handlers]
    streams = [handler for handler in handlers if type(handler) is logging.StreamHandler]
    before = [handler.setStream(written) for handler in streams]
    yield written.getvalue
    for handler, stream in zip(streams, before, strict=True):
        handler.setStream(stream)
