"""The handler spares JSON requests what they do not need, and nothing that they do."""

import io
import json
from typing import Any

import pytest
from django.core.cache import BaseCache, caches, close_caches
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.handlers.base import reset_urlconf
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, reset_queries
from django.http import Http404, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import Resolver404, ResolverMatch

from glu_admin.handler import Handler, _match
from glu_admin.middleware import JSON_PREFIXES


@pytest.fixture(scope="module")
def handler() -> Handler:
    return Handler()


def test_an_api_path_is_resolved_once_to_the_view_that_django_finds(handler: Handler) -> None:
    _match.cache_clear()
    made = RequestFactory()
    first = handler.resolve_request(made.post("/user/v1/user/sdk"))
    request = made.post("/user/v1/user/sdk")
    second = handler.resolve_request(request)
    assert second is first is request.resolver_match
    assert second.route == "user/v1/user/sdk"
    assert _match.cache_info().hits == 1


def test_paths_that_differ_in_an_id_keep_their_own(handler: Handler) -> None:
    made = RequestFactory()
    a, b = (handler.resolve_request(made.get(f"/api/v1/events/{id}")) for id in (1, 2))
    assert a.kwargs != b.kwargs


def test_pages_and_unknown_paths_are_not_kept(handler: Handler) -> None:
    _match.cache_clear()
    handler.resolve_request(RequestFactory().get("/sign-in/"))
    with pytest.raises(Resolver404):
        handler.resolve_request(RequestFactory().get("/user/nowhere"))
    assert _match.cache_info().currsize == 0


@pytest.mark.django_db(transaction=True)
def test_an_answer_passes_the_server_interface_with_its_id(handler: Handler) -> None:
    status, headers, answer = ask(handler, "/user/v1/user/sdk", method="POST", body=b"{}")
    assert status == "401 Unauthorized"
    assert "X-Request-Id" in headers
    assert isinstance(answer, list)
    assert b"".join(answer).startswith(b'{"success":false')


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/healthz", "/user/nowhere", "/user/v1/user/sdk", "/api/v1/events"])
@pytest.mark.parametrize("origin", ["", "https://shop.example"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_short_way_answers_what_all_of_the_middleware_answers(
    monkeypatch: pytest.MonkeyPatch, settings: Any, path: str, origin: str, scheme: str
) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_PRELOAD = 60, True
    assert_the_same_with_all_middleware(monkeypatch, path, origin, scheme)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/healthz", "/user/v1/user/sdk"])
def test_the_short_way_sends_to_https_whom_django_sends_there(
    monkeypatch: pytest.MonkeyPatch, settings: Any, path: str
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert_the_same_with_all_middleware(monkeypatch, path, "", "http")


@pytest.mark.django_db(transaction=True)
def test_a_host_that_is_not_ours_is_refused_where_it_would_be_sent_to_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["glu.example"]

    status, headers, answer = ask(Handler(), "/user/v1/user/sdk")

    assert status == "400 Bad Request"
    assert headers["X-Request-Id"] == json.loads(b"".join(answer))["error"]["requestId"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error", [RuntimeError("broken"), Http404(), PermissionDenied(), SuspiciousOperation()]
)
def test_a_view_that_fails_is_answered_as_django_answers_it(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    match = ResolverMatch(fail, (), {}, route="healthz")
    monkeypatch.setattr(Handler, "resolve_request", lambda *_: match)
    assert_the_same_with_all_middleware(monkeypatch, "/healthz", "", "http")


def assert_the_same_with_all_middleware(
    monkeypatch: pytest.MonkeyPatch, path: str, origin: str, scheme: str
) -> None:
    answers = []
    for prefixes in (JSON_PREFIXES, ("/none/",)):
        monkeypatch.setattr("glu_admin.handler.JSON_PREFIXES", prefixes)
        status, headers, answer = ask(Handler(), path, origin=origin, scheme=scheme)
        request_id = headers.pop("X-Request-Id").encode()
        answers.append((status, headers, b"".join(answer).replace(request_id, b"its id")))
    assert answers[0] == answers[1]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_a_json_request_made_its_own_goes_back(handler: Handler) -> None:
    connection.ensure_connection()
    ask(handler, "/healthz")
    assert connection.connection is None


@pytest.mark.django_db(transaction=True)
def test_a_transaction_left_open_does_not_reach_the_next_request(handler: Handler) -> None:
    connection.set_autocommit(False)
    ask(handler, "/healthz")
    connection.ensure_connection()
    assert connection.get_autocommit()


@pytest.mark.django_db(transaction=True)
def test_a_log_of_statements_does_not_outlive_its_request(handler: Handler) -> None:
    connection.ensure_connection()
    connection.queries_log.append({"sql": "SELECT 1", "time": "0"})
    ask(handler, "/healthz")
    assert not connection.queries_log


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_is_streamed_keeps_its_connection_until_it_is_closed(
    handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "_json", lambda request: StreamingHttpResponse([b"a", b"b"]))
    connection.ensure_connection()
    _, _, answer = ask(handler, "/api/v1/jobs/1/file")
    assert connection.connection is not None
    assert b"".join(answer) == b"ab"
    answer.close()
    assert connection.connection is None


def test_what_json_requests_leave_out_is_heard_by_django_alone(settings: Any) -> None:
    """Whoever wants to hear of every request needs a middleware: see `let_go`."""
    heard = {
        receiver
        for signal in (request_started, request_finished)
        for receiver in signal._live_receivers(Handler)[0]
    }
    # each request sets its routes anew, so that they need no reset
    assert heard <= {reset_queries, close_old_connections, close_caches, reset_urlconf}
    assert list(settings.DATABASES) == list(settings.CACHES) == ["default"]
    assert type(caches["default"]).close is BaseCache.close  # which does nothing


def ask(
    handler: Handler,
    path: str,
    *,
    method: str = "GET",
    body: bytes = b"",
    origin: str = "",
    scheme: str = "http",
) -> tuple[str, Any, Any]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": scheme,
        "CONTENT_LENGTH": str(len(body)),
        **({"HTTP_ORIGIN": origin} if origin else {}),
    }
    seen: list[Any] = []
    answer = handler(environ, lambda *start: seen.extend(start))
    return seen[0], dict(seen[1]), answer
