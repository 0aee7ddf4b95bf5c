import re

import pytest
from django.test import Client

from glu_admin.console import team


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere/", 404, "There is nothing at this address"),
        ("/c/test/audit-log/", 403, "see the audit log"),
    ],
)
def test_an_error_page_says_what_happened_and_the_requests_id(as_role, path, status, words):
    answer = as_role("viewer").get(path)

    assert answer.status_code == status
    assert words in answer.text
    assert re.search(r"Request <code>[0-9a-f-]{32,36}</code>", answer.text)


def test_a_fault_shows_an_id_and_nothing_of_the_inside(owner, monkeypatch):
    def break_down(*_):
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(team, "_page", break_down)
    client = Client(raise_request_exception=False)
    client.cookies = owner.cookies

    answer = client.get("/c/test/team/")

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert re.search(r"Request <code>[0-9a-f-]{32,36}</code>", answer.text)
    assert "secret inside" not in answer.text


def test_pages_of_the_console_are_never_stored(owner):
    assert "no-store" in owner.get("/c/test/").headers["Cache-Control"]


def test_every_page_has_the_strict_policy(owner):
    policy = owner.get("/c/test/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
