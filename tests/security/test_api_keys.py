"""Secrets of the client's servers: scoped, revocable, one environment each."""

from datetime import timedelta

import pytest
from django.utils import timezone

from glu_admin.api import auth
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.workspaces import keys
from glu_admin.workspaces.models import ApiKey

SCOPE = "rewards:read"


@pytest.fixture
def opens(rf):
    def call(secret, scope=SCOPE):
        headers = {} if secret is None else {"X-API-KEY": secret}
        request = rf.get("/api/v1/x", headers=headers)
        return auth.open_with_api_key(request, scope), request

    return call


def refusal(opens, secret, scope=SCOPE):
    with pytest.raises(ApiError) as caught:
        opens(secret, scope)
    return caught.value


def test_a_key_opens_its_environment_for_its_scopes(opens, test_env, live_env):
    _, test = keys.create_api_key(test_env, "Server", [SCOPE])
    _, live = keys.create_api_key(live_env, "Server", [SCOPE])

    assert [opens(secret)[0].id for secret in (test, live)] == [test_env.id, live_env.id]


def test_the_environment_is_left_on_the_request(opens, test_env):
    _, secret = keys.create_api_key(test_env, "Server", [SCOPE])

    opened, request = opens(secret)

    assert request.glu_config is opened


def test_another_scope_is_forbidden(opens, test_env):
    _, secret = keys.create_api_key(test_env, "Server", [SCOPE])

    refused = refusal(opens, secret, "play")

    assert (refused.code, refused.status) == ("scope_missing", 403)
    assert not isinstance(refused, Unauthorized)


@pytest.mark.parametrize("secret", ["sk_test_x", "x", "' OR 1=1", "é"])
def test_an_unknown_key_opens_nothing(opens, test_env, secret):
    assert refusal(opens, secret).code == "key_unknown"


def test_no_key_says_where_to_send_one(opens, db):
    refused = refusal(opens, None)

    assert (refused.code, refused.status) == ("key_missing", 401)
    assert "X-API-KEY" in refused.message


def test_a_write_key_is_no_api_key(opens, write_key):
    assert refusal(opens, write_key).code == "key_unknown"


def test_a_revoked_or_expired_key_opens_nothing(opens, test_env):
    revoked, revoked_secret = keys.create_api_key(test_env, "Old", [SCOPE])
    _, expired_secret = keys.create_api_key(test_env, "Older", [SCOPE])
    keys.revoke(revoked)
    ApiKey.objects.filter(name="Older").update(expires_at=timezone.now() - timedelta(seconds=1))

    assert [refusal(opens, secret).code for secret in (revoked_secret, expired_secret)] == ["key_revoked"] * 2


def test_in_live_the_cause_is_not_told(opens, live_env):
    row, secret = keys.create_api_key(live_env, "Old", [SCOPE])
    keys.revoke(row)

    assert refusal(opens, secret).tell is False
    assert refusal(opens, "sk_live_unknown").tell is False


def test_a_secret_is_stored_as_a_hash_alone(test_env):
    row, secret = keys.create_api_key(test_env, "Server", [SCOPE])

    assert secret.startswith("sk_test_")
    assert secret not in str(ApiKey.objects.filter(pk=row.pk).values())


def test_a_scope_that_does_not_exist_is_refused(test_env):
    with pytest.raises(ValueError, match=r"users:everything"):
        keys.create_api_key(test_env, "Server", ["users:everything"])
