"""A URL map of views that fail in known ways, and the log lines that a test left."""

import io
import logging

import pytest

from glu_admin.observability.request_log import request_log

CANARIES = {
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VySWQiOiJjYW5hcnkifQ.c2lnbmF0dXJl",
    "email": "canary.person@example.net",
    "phone": "+4915112345678",
    "secret": "sk_test_canary0canary0canary0canary0",
    "code": "CANARY-COUPON-77",
}


@pytest.fixture
def log_lines(monkeypatch):
    """Everything that this process logs, as text."""
    written = io.StringIO()
    streams = [each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
    before = [handler.setStream(written) for handler in streams]
    monkeypatch.setattr(request_log, "stream", written)

    def read():
        request_log.flush()
        return written.getvalue()

    yield read
    for handler, stream in zip(streams, before, strict=True):
        handler.setStream(stream)
