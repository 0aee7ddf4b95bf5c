"""What a request leaves in the log, and what it never leaves there."""

import io
import json
import subprocess
import sys
import time
from datetime import datetime

import pytest

from glu_admin.observability.request_log import request_log
from tests.observability.conftest import CANARIES

pytestmark = pytest.mark.urls("tests.observability.failing_urls")


@pytest.fixture
def done(log_lines, monkeypatch):
    """The lines of finished requests, as production writes them, without what changes."""
    monkeypatch.setattr(request_log, "json_lines", True)

    def read():
        lines = [json.loads(line) for line in log_lines().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == "request.done"]

    return read


def test_a_request_leaves_one_line_with_its_route_and_not_its_path(client, done):
    answer = client.get("/api/v1/forbids?token=abc")

    [line] = done()
    assert line.pop("ms") >= 0
    assert datetime.fromisoformat(line.pop("timestamp")).tzinfo is not None
    assert line == {
        "event": "request.done",
        "level": "info",
        "method": "GET",
        "route": "api/v1/forbids",
        "status": 403,
        "request_id": answer["X-Request-Id"],
        "refusal": "forbidden",
    }


def test_the_line_names_the_environment_that_the_key_opened(client, done, db, test_env, write_key):
    client.post("/api/v1/opens", {"writeKey": write_key}, content_type="application/json")

    assert [line["environment"] for line in done()] == [str(test_env.id)]


def test_an_unknown_address_is_told_without_its_path(client, done, db):
    client.get(f"/api/v1/nothing/{CANARIES['email']}")

    assert [line["route"] for line in done()] == ["(none)"]


def test_probes_that_succeed_leave_no_line(client, done, db):
    client.get("/healthz")

    assert done() == []


def test_a_line_is_plain_elsewhere(client, log_lines):
    client.get("/api/v1/forbids")

    assert " request.done method=GET route=api/v1/forbids status=403 " in log_lines()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/raises?token={token}&email={email}"),
        ("get", "/api/v1/raises/{email}"),
        ("get", "/api/v1/raises/{code}"),
        ("get", "/api/v1/nothing/{token}"),
        ("get", "/api/v1/forbids?code={code}"),
        ("get", "/api/v1/suspects?code={code}"),
        ("get", "/pages/raises/{phone}?token={token}"),
        ("get", "/nothing/{email}"),
        ("post", "/api/v1/raises"),
        ("post", "/user/v1/user/sdk?token=true"),
        ("get", "/reward/v1.1/user?email={email}"),
        ("post", "/api/v1/campaigns/{code}/play"),
    ],
)
def test_no_log_line_holds_a_secret_a_token_a_person_or_a_code(client, log_lines, method, path):
    client.raise_request_exception = False
    headers = {
        "Authorization": f"Bearer {CANARIES['token']}",
        "X-API-KEY": CANARIES["secret"],
        "Idempotency-Key": CANARIES["code"],
    }
    body = {"userId": CANARIES["email"], "writeKey": CANARIES["secret"], **CANARIES}
    extra = {"data": body, "content_type": "application/json"} if method == "post" else {}

    getattr(client, method)(path.format(**CANARIES), headers=headers, **extra)

    written = log_lines()
    assert "request.done" in written  # the scan sees what the handlers write
    assert [name for name, canary in CANARIES.items() if canary in written] == []


def test_lines_arrive_by_themselves_a_moment_later(client, log_lines, monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr(request_log, "stream", written)

    client.get("/api/v1/forbids")

    deadline = time.monotonic() + 10
    while "request.done" not in written.getvalue() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert written.getvalue().count("request.done") == 1


def test_a_process_that_ends_leaves_its_last_line():
    program = (
        "from glu_admin.observability.request_log import request_log\nrequest_log.write({'route': 'last'})\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr.count("request.done route=last\n") == 1


def test_a_closed_log_ends_no_request(client, log_lines, monkeypatch):
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(request_log, "stream", closed)

    answer = client.get("/api/v1/forbids")
    request_log.flush()

    assert answer.status_code == 403
