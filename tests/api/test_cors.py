"""Which sites may read the API's answers: in Test any, in Live those that are listed."""

import pytest

from glu_admin.middleware import CORS_HEADERS

REGISTER = "/user/v1/user/sdk"
SITE = "https://shop.example"
ALLOW = "Access-Control-Allow-Origin"


@pytest.fixture
def live_body(live_env):
    return {"userId": "u_1", "writeKey": live_env.write_keys.get().key}


def test_in_test_any_site_may_read_the_answer(post, write_key):
    answer = post(REGISTER, {"userId": "u_1", "writeKey": write_key}, Origin=SITE)

    assert (answer.headers[ALLOW], answer.headers["Vary"]) == (SITE, "Origin")


def test_in_live_a_site_that_is_not_listed_may_not(post, live_body):
    answer = post(REGISTER, live_body, Origin=SITE)

    assert ALLOW not in answer.headers
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin",
    [
        SITE + ".evil.example",
        "http://shop.example",
        SITE + ":8443",
        "https://SHOP.example",
        "null",
        "https://x",
    ],
)
def test_in_live_only_the_very_origin_that_is_listed_may(post, live_env, live_body, origin):
    live_env.allowed_origins = [SITE]
    live_env.save()

    assert post(REGISTER, live_body, Origin=SITE).headers[ALLOW] == SITE
    assert ALLOW not in post(REGISTER, live_body, Origin=origin).headers


def test_taking_a_site_off_the_list_takes_effect(post, live_env, live_body):
    live_env.allowed_origins = [SITE]
    live_env.save()
    assert ALLOW in post(REGISTER, live_body, Origin=SITE).headers

    live_env.allowed_origins = []
    live_env.save()

    assert ALLOW not in post(REGISTER, live_body, Origin=SITE).headers


def test_a_browser_app_can_read_why_it_was_refused_once_the_environment_is_known(post, write_key):
    answer = post(REGISTER, {"writeKey": write_key}, Origin=SITE)

    assert (answer.status_code, answer.headers[ALLOW]) == (400, SITE)


def test_a_request_that_names_no_environment_allows_no_site(post, db):
    assert ALLOW not in post(REGISTER, {"userId": "u_1"}, Origin=SITE).headers


def test_an_answer_to_no_site_says_nothing_of_origins(post, write_key):
    answer = post(REGISTER, {"userId": "u_1", "writeKey": write_key})

    assert ALLOW not in answer.headers


def test_a_preflight_is_answered_with_what_the_clients_send(client):
    answer = client.options(
        REGISTER,
        headers={
            "Origin": SITE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type, idempotency-key",
        },
    )

    assert answer.status_code == 204
    assert answer.headers[ALLOW] == SITE
    for name, value in CORS_HEADERS.items():
        assert answer.headers[name] == value
    for header in ("Authorization", "Idempotency-Key", "Content-Type", "X-GLU-AUTH", "cg-sdk-version"):
        assert header in answer.headers["Access-Control-Allow-Headers"]


def test_no_answer_lets_a_browser_send_cookies_along(post, write_key):
    answer = post(REGISTER, {"userId": "u_1", "writeKey": write_key}, Origin=SITE)

    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_page_of_the_console_allows_no_site(client, db):
    assert ALLOW not in client.get("/sign-in/", headers={"Origin": SITE}).headers
