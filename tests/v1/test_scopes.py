"""A key does what its scopes say, in its environment, until it is revoked."""

import pytest
from django.urls import get_resolver

from glu_admin.api.views import JsonView
from glu_admin.workspaces import keys
from tests.tenancy.test_routes import routes
from users.v1.views import ServerView

GLU_ID = "5b1c8e1d-0a7f-4c2e-9b3d-6a401f2e3d4c"
NEEDED = [
    ("get", "users", "users:read"),
    ("get", f"users/{GLU_ID}", "users:read"),
    ("patch", f"users/{GLU_ID}", "users:write"),
    ("delete", f"users/{GLU_ID}", "users:erase"),
    ("get", f"users/{GLU_ID}/timeline", "users:read"),
    ("get", f"users/{GLU_ID}/devices", "users:read"),
    ("get", f"users/{GLU_ID}/export", "users:read"),
    ("post", f"users/{GLU_ID}/block", "users:write"),
    ("post", f"users/{GLU_ID}/unblock", "users:write"),
    ("post", f"users/{GLU_ID}/revoke-tokens", "users:write"),
    ("get", "erasures", "users:erase"),
    ("get", f"erasures/{GLU_ID}", "users:erase"),
    ("get", "events", "events:read"),
    ("get", "events/1", "events:read"),
    ("post", "events/1/replay", "events:write"),
    ("get", "parked-events", "events:read"),
    ("post", "parked-events/1/replay", "events:write"),
    ("get", "event-definitions", "events:read"),
    ("post", "event-definitions", "events:write"),
    ("get", "event-definitions/1", "events:read"),
    ("patch", "event-definitions/1", "events:write"),
    ("delete", "event-definitions/1", "events:write"),
    ("post", "segments/preview", "segments:read"),
    ("post", "segments/explain", "segments:read"),
    ("get", "segments", "segments:read"),
    ("post", "segments", "segments:write"),
    ("get", f"segments/{GLU_ID}", "segments:read"),
    ("patch", f"segments/{GLU_ID}", "segments:write"),
    ("delete", f"segments/{GLU_ID}", "segments:write"),
    ("post", f"segments/{GLU_ID}/duplicate", "segments:write"),
    ("post", f"segments/{GLU_ID}/freeze", "segments:write"),
    ("get", f"segments/{GLU_ID}/uses", "segments:read"),
    ("get", f"segments/{GLU_ID}/members", "segments:read"),
    ("post", f"segments/{GLU_ID}/members", "segments:write"),
    ("post", f"segments/{GLU_ID}/members/remove", "segments:write"),
    ("get", f"segments/{GLU_ID}/imports", "segments:read"),
    ("post", f"segments/{GLU_ID}/imports", "segments:write"),
    ("post", f"segments/{GLU_ID}/exports", "users:read"),
    ("get", f"segment-imports/{GLU_ID}", "segments:read"),
    ("post", f"segment-imports/{GLU_ID}/apply", "segments:write"),
    ("post", f"segment-imports/{GLU_ID}/undo", "segments:write"),
    ("get", "attributes", "users:read"),
    ("patch", "attributes/1", "users:write"),
]


@pytest.mark.parametrize(("method", "path", "scope"), NEEDED)
def test_a_key_without_the_scope_is_told_which_one_it_lacks(ask, test_env, method, path, scope):
    others = [name for name in keys.SCOPES if name != scope]
    lacking = keys.create_api_key(test_env, "Others", others)[1]
    enough = keys.create_api_key(test_env, "This one", [scope])[1]

    refused = ask(method, path, key=lacking)

    assert (refused.status, refused.error["code"]) == (403, "scope_missing")
    assert scope in refused.message
    assert ask(method, path, key=enough).status not in (401, 403)


def test_every_operation_for_servers_is_in_the_list_above():
    operations = set()
    for pattern in get_resolver("users.v1.urls").url_patterns:
        view = pattern.callback.view_class
        assert issubclass(view, ServerView)
        for method in JsonView.http_method_names:
            if method != "head" and hasattr(view, method):
                operations.add((method, str(pattern.pattern).removeprefix("api/v1/")))

    listed = {
        (method, path.replace(GLU_ID, "<uuid:glu_id>" if path.startswith("users") else "<uuid:pk>"))
        for method, path, _ in NEEDED
    }
    assert operations == {(method, path.replace("/1", "/<int:pk>")) for method, path in listed}
    assert {path for _, path in operations} <= {route.removeprefix("api/v1/") for route in routes()}


def test_a_revoked_key_and_a_write_key_open_nothing(ask, test_env, write_key):
    row, secret = keys.create_api_key(test_env, "Old", list(keys.SCOPES))
    keys.revoke(row)

    assert ask("get", "users", key=secret).error["code"] == "key_revoked"
    assert ask("get", "users", key=write_key).error["code"] == "key_unknown"
