"""The answers to faults and unknown addresses: one shape, nothing of the inside."""

import pytest

pytestmark = [pytest.mark.urls("tests.observability.failing_urls"), pytest.mark.django_db]


@pytest.fixture
def visitor(client):
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("path", ["/api/v1/raises", "/api/v1/raises/mia"])
def test_a_fault_answers_500_in_the_settled_shape_with_the_request_id(visitor, path):
    answer = visitor.get(path)

    message = "Something failed on our side. Try again, or name the requestId to us."
    assert answer.status_code == 500
    assert answer.json() == {
        "success": False,
        "message": message,
        "error": {"code": "internal_error", "message": message, "requestId": answer["X-Request-Id"]},
    }


def test_entry_point_paths_add_empty_data(visitor):
    assert visitor.get("/entrypoints/raises/mia").json()["data"] == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/nothing", 404, "not_found"),
        ("/api/v1/forbids", 403, "forbidden"),
        ("/api/v1/suspects", 400, "bad_request"),
    ],
)
def test_other_last_answers_have_the_same_shape(visitor, path, status, code):
    answer = visitor.get(path)

    assert answer.status_code == status
    assert answer.json()["success"] is False
    assert answer.json()["error"]["code"] == code


def test_a_page_fails_as_a_page(visitor):
    answer = visitor.get("/pages/raises/mia")

    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("text/html")
    assert "mia" not in answer.text and "Traceback" not in answer.text


def test_the_log_tells_where_it_failed_under_the_id_that_the_person_was_given(visitor, log_lines):
    answer = visitor.get("/api/v1/raises")

    written = log_lines()
    assert "request.failed" in written
    assert answer["X-Request-Id"] in written
    assert "builtins.KeyError" in written
    assert "failing_urls.py" in written
