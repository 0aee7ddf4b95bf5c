"""Every page and button of the console, found in the URL map, asked by every role."""

import uuid

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from glu_admin.workspaces import access
from glu_admin.workspaces.models import Member, Membership


def console_views(patterns=None, before=""):
    """(route, permission to read, permission to write) of every view behind the console's door."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from console_views(pattern.url_patterns, route)
        elif route.startswith("c/<str:kind>/"):
            yield route, *pattern.callback.permissions


def path_of(route, kind):
    path = route.replace("<str:kind>", kind)
    for parameter, value in {"<uuid:pk>": uuid.uuid4(), "<int:pk>": 999_999}.items():
        path = path.replace(parameter, str(value))
    path = path.replace("<slug:action>", "block")
    for name in ("upload", "campaign", "pool", "reward", "glu_id", "job_id"):
        path = path.replace(f"<uuid:{name}>", str(uuid.uuid4())).replace(f"<int:{name}>", "999999")
    assert "<" not in path, f"say what stands in {route}"
    return f"/{path}"


VIEWS = sorted(console_views())


def test_the_console_has_pages():
    assert len(VIEWS) > 20


@pytest.mark.parametrize("role", Membership.Role.values)
@pytest.mark.parametrize("kind", ["test", "live"])
def test_each_role_reads_and_writes_what_its_row_says_and_nothing_more(as_role, role, kind):
    client = as_role(role)

    for route, reading, writing in VIEWS:
        for method, permission in (("get", reading), ("post", writing)):
            answer = getattr(client, method)(path_of(route, kind))
            is_refused = answer.status_code == 403
            assert answer.status_code < 500, (method, route)
            assert is_refused is not access.may(role, permission, kind), (role, method, route)


def test_nobody_reads_or_writes_without_signing_in(client, workspace):
    for route, _, _ in VIEWS:
        for method in ("get", "post"):
            answer = getattr(client, method)(path_of(route, "test"))
            assert answer.status_code == 302
            assert answer.url.startswith("/sign-in/?next=")


def test_a_post_without_its_token_is_refused_everywhere(member_of):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member_of("owner"), backend="django.contrib.auth.backends.ModelBackend")

    for route, _, _ in VIEWS:
        answer = client.post(path_of(route, "test"))
        assert answer.status_code == 403
        assert "This form has to be sent again" in answer.text


def test_a_third_environment_does_not_exist(owner):
    assert owner.get("/c/staging/").status_code == 404


def test_a_member_without_a_workspace_is_told_whom_to_ask(client, member_of):
    stray = Member.objects.create_user("stray@example.com")
    client.force_login(stray, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get("/c/test/")

    assert answer.status_code == 403
    assert "Ask the person who invited you" in answer.text
