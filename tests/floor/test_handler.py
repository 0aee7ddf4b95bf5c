"""The handler keeps the view of an API path, and only that."""

import io
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import Resolver404

from glu_admin.handler import Handler, _match


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


@pytest.mark.django_db
def test_an_answer_passes_the_server_interface_with_its_id(handler: Handler) -> None:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/user/v1/user/sdk",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(b"{}"),
        "wsgi.url_scheme": "http",
        "CONTENT_LENGTH": "2",
    }
    seen: list[Any] = []
    answer = handler(environ, lambda *start: seen.extend(start))
    answer.close()
    assert seen[0] == "401 Unauthorized"
    assert "X-Request-Id" in dict(seen[1])
