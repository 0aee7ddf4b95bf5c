"""The bench runs and says what it must. Times are never judged here."""

import json
import os
import subprocess
import sys

import pytest

from tests.bench.client import build
from tests.bench.processes import ROOT, tree_cpu

KEYS = {"path", "against", "ours", "reference", "ratio", "unit", "ours_rps", "reference_rps", "goal", "met"}


@pytest.mark.chaos
def test_it_prints_one_line_for_each_comparison():
    counts = ["--requests", "20", "--rounds", "1", "--users", "5", "--campaigns", "4", "--connections", "2"]

    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", *counts],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["path"], line["against"]) for line in lines] == [
        ("register", "hello"),
        ("register", "twin"),
        ("register unchanged", "hello"),
        ("register unchanged", "twin"),
        ("wallet", "hello"),
        ("wallet", "twin"),
        ("play", "hello"),
        ("event", "hello"),
        ("event of a batch of 100", "one event"),
        ("event of a batch of 100", "pgbench"),
        ("drain", "ingest, batches of 100"),
        ("drain", "5000 events/s on two cores"),
        ("import of people", "COPY"),
    ]
    assert all(line.keys() >= KEYS for line in lines)
    assert {line["unit"] for line in lines} == {"cpu µs/request", "cpu µs/event", "cpu µs/person"}


def test_a_request_is_built_as_http_wants_it():
    line = json.dumps({"method": "POST", "path": "/a", "headers": {"X-A": "1"}, "body": "{}"})

    assert build(line, 81) == (
        b"POST /a HTTP/1.1\r\nHost: 127.0.0.1:81\r\nContent-Length: 2\r\nX-A: 1\r\n\r\n{}"
    )


def test_the_time_of_children_that_ended_is_counted():
    before = tree_cpu(os.getpid())

    subprocess.run([sys.executable, "-c", "for _ in range(10**7): pass"], check=True)

    assert tree_cpu(os.getpid()) - before > 0.05
