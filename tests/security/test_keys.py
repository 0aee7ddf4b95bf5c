"""Write keys and API keys: which open what, and how soon a revoked one stops."""

import pytest

from glu_admin import config
from glu_admin.workspaces import keys
from tests.api import decoders
from users.models import EndUser

REGISTER = "/user/v1/user/sdk"


def refused(response):
    answer = response.json()
    assert response.status_code == 401
    decoders.refusal(response.status_code, answer)
    return answer["error"]["code"]


@pytest.mark.parametrize("key", [None, "", 0, False])
def test_without_a_key_it_is_said_that_one_is_missing(post, key):
    assert refused(post(REGISTER, {"userId": "u_1", "writeKey": key})) == "key_missing"


@pytest.mark.parametrize("key", [5, True, ["wk_test_x"], {"$ne": None}])
def test_a_key_that_is_no_text_opens_nothing(post, key):
    assert refused(post(REGISTER, {"userId": "u_1", "writeKey": key})) == "key_missing"


@pytest.mark.parametrize("key", ["wk_test_0", "hello", "' OR 1=1 --", "wk_test_" + "a" * 10_000, "wk_test_é"])
def test_an_unknown_key_opens_nothing(post, test_env, key):
    assert refused(post(REGISTER, {"userId": "u_1", "writeKey": key})) == "key_unknown"
    assert not EndUser.objects.exists()


def test_an_unknown_live_key_is_told_nothing(post, live_env):
    assert refused(post(REGISTER, {"userId": "u_1", "writeKey": "wk_live_0"})) == "unauthorized"


def test_a_key_differs_from_one_with_another_case_or_a_blank_behind(post, write_key):
    for key in (write_key.upper(), write_key + " ", " " + write_key):
        assert refused(post(REGISTER, {"userId": "u_1", "writeKey": key})) == "key_unknown"


def test_an_api_key_is_no_write_key(post, test_env):
    _, secret = keys.create_api_key(test_env, "Server", ["rewards:read"])

    assert refused(post(REGISTER, {"userId": "u_1", "writeKey": secret})) == "key_unknown"


def test_the_key_and_not_the_sandbox_header_chooses_the_environment(post, live_env):
    key = live_env.write_keys.get().key

    response = post(REGISTER, {"userId": "u_1", "writeKey": key}, sandbox="true")

    assert response.json()["data"]["user"]["client"] == str(live_env.id)


def test_a_revoked_write_key_opens_nothing_and_its_sister_still_does(post, test_env, write_key):
    sister = keys.create_write_key(test_env, "Second").key

    keys.revoke(test_env.write_keys.get(key=write_key))

    assert refused(post(REGISTER, {"userId": "u_1", "writeKey": write_key})) == "key_revoked"
    assert post(REGISTER, {"userId": "u_1", "writeKey": sister}).status_code == 200


def test_a_revoked_live_key_is_told_nothing(post, live_env):
    row = live_env.write_keys.get()
    keys.revoke(row)

    assert refused(post(REGISTER, {"userId": "u_1", "writeKey": row.key})) == "unauthorized"


def test_a_new_and_a_revoked_key_take_effect_at_the_next_poll(post, test_env, write_key, settings):
    settings.CONFIG_POLL_SECONDS = 3600
    body = {"userId": "u_1", "writeKey": write_key}
    assert post(REGISTER, body).status_code == 200
    keys.revoke(test_env.write_keys.get(key=write_key))
    new = keys.create_write_key(test_env, "Second").key
    assert post(REGISTER, body).status_code == 200  # not asked again yet
    assert refused(post(REGISTER, body | {"writeKey": new})) == "key_unknown"

    settings.CONFIG_POLL_SECONDS = 0.0

    assert refused(post(REGISTER, body)) == "key_revoked"
    assert post(REGISTER, body | {"writeKey": new}).status_code == 200


def test_a_hot_request_asks_the_database_for_no_key(post, write_key, settings, django_assert_num_queries):
    settings.CONFIG_POLL_SECONDS = 3600
    body = {"userId": "u_1", "writeKey": write_key, "customAttributes": {"a": 1}}
    post(REGISTER, body)

    with django_assert_num_queries(1):
        post(REGISTER, body)


def test_rotating_the_token_key_changes_the_next_answer(post, test_env, write_key):
    body = {"userId": "u_1", "writeKey": write_key}
    before = config.get(test_env.id).signing_key.kid
    post(REGISTER, body)

    after = keys.rotate_token_key(test_env)

    header = post(REGISTER, body).json()["data"]["token"].partition(".")[0]
    assert config.get(test_env.id).signing_key.kid == after.kid != before
    assert header
