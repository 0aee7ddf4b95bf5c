"""What a token says, how long it lives, and which keys may have signed it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest

from glu_admin import config
from glu_admin.api.errors import Unauthorized
from glu_admin.workspaces import keys
from users import tokens

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def opened(test_env):
    return config.get(test_env.id)


@pytest.fixture
def subject():
    return tokens.Subject(uuid4(), "u_1", "visit-9", 3, "pixel-7", "android")


def refusal(token, now=NOW):
    with pytest.raises(Unauthorized) as caught:
        tokens.read(token, now=now)
    return caught.value.code


def test_a_token_carries_the_contracts_claims_for_30_days(opened, subject):
    token = tokens.issue(opened, subject, now=NOW)

    assert jwt.get_unverified_header(token) == {
        "typ": "JWT",
        "alg": "HS256",
        "kid": opened.signing_key.kid,
    }
    assert jwt.decode(token, options={"verify_signature": False}) == {
        "userId": "u_1",
        "gluId": str(subject.glu_id),
        "client": str(opened.id),
        "deviceId": "pixel-7",
        "deviceType": "android",
        "iat": 1795176000,
        "exp": 1795176000 + 30 * 86400,
        "tv": 3,
        "anonymousId": "visit-9",
    }


def test_reading_a_token_gives_back_whom_it_was_issued_for(opened, subject):
    identity = tokens.read(tokens.issue(opened, subject, now=NOW), now=NOW)

    assert identity == tokens.Identity(opened, subject.glu_id, "u_1", "visit-9", 3, "user")


def test_a_visitors_user_id_equals_the_anonymous_id_as_clients_expect(opened):
    token = tokens.issue(opened, tokens.Subject(uuid4(), None, "visit-9", 1), now=NOW)
    claims = jwt.decode(token, options={"verify_signature": False})

    assert claims["userId"] == claims["anonymousId"] == "visit-9"
    assert tokens.read(token, now=NOW).user_id is None


def test_a_user_whose_two_ids_are_the_same_is_not_taken_for_a_visitor(opened):
    token = tokens.issue(opened, tokens.Subject(uuid4(), "same", "same", 1), now=NOW)

    assert tokens.read(token, now=NOW).user_id == "same"


def test_a_page_token_lives_a_day_and_says_what_it_is(opened, subject):
    token = tokens.issue(opened, subject, kind="page", now=NOW)

    assert jwt.get_unverified_header(token)["typ"] == "glu-page+jwt"
    assert jwt.decode(token, options={"verify_signature": False})["use"] == "page"
    assert tokens.read(token, now=NOW + DAY).kind == "page"
    assert refusal(token, NOW + DAY + timedelta(seconds=60)) == "token_expired"


def test_a_page_token_never_prolongs_its_own_day(opened, subject):
    user = tokens.read(tokens.issue(opened, subject, now=NOW), now=NOW)

    first = tokens.page_token(user, now=NOW)
    again = tokens.page_token(tokens.read(first, now=NOW + DAY / 2), now=NOW + DAY / 2)

    assert tokens.read(first, now=NOW).kind == "page"
    assert again == first
    assert refusal(again, NOW + DAY + timedelta(seconds=60)) == "token_expired"


def test_an_identity_tells_no_token_to_logs(opened, subject):
    token = tokens.issue(opened, subject, now=NOW)

    assert token not in repr(tokens.read(token, now=NOW))


@pytest.mark.parametrize("seconds", [-59, 0, 59])
def test_a_minute_of_difference_between_clocks_is_forgiven(opened, subject, seconds):
    start = tokens.issue(opened, subject, now=NOW)

    assert tokens.read(start, now=NOW + timedelta(seconds=seconds))
    assert tokens.read(start, now=NOW + 30 * DAY + timedelta(seconds=seconds))


def test_a_token_from_the_future_is_refused(opened, subject):
    assert refusal(tokens.issue(opened, subject, now=NOW), NOW - timedelta(seconds=61)) == "clock_skew"


def test_an_expired_token_says_how_long_ago_it_expired(opened, subject):
    token = tokens.issue(opened, subject, now=NOW)

    with pytest.raises(Unauthorized, match=r"expired 61 s ago, at 2026-12-20T12:00:00Z"):
        tokens.read(token, now=NOW + 30 * DAY + timedelta(seconds=61))


def test_the_life_of_tokens_is_the_environments_setting_within_32_bits(test_env, subject):
    test_env.token_days = 30_000
    test_env.save()

    token = tokens.issue(config.get(test_env.id), subject, now=NOW)

    assert jwt.decode(token, options={"verify_signature": False})["exp"] == 2**31 - 1


def test_rotation_signs_with_a_new_key_while_the_old_one_still_verifies(test_env, opened, subject):
    old = tokens.issue(opened, subject, now=NOW)

    keys.rotate_token_key(test_env)
    new = tokens.issue(config.get(test_env.id), subject, now=NOW)

    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
    assert tokens.read(old, now=NOW)
    assert tokens.read(new, now=NOW)


def test_a_retired_key_verifies_nothing_any_more(test_env, opened, subject):
    keys.rotate_token_key(test_env)
    row = test_env.token_keys.get(kid=opened.signing_key.kid)
    retired = row.retires_at

    token = tokens.issue(opened, subject, now=retired - DAY)

    assert tokens.read(token, now=retired - timedelta(seconds=1))
    assert refusal(token, retired) == "token_key_retired"


def test_an_old_key_verifies_for_as_long_as_its_tokens_live(test_env, opened):
    test_env.token_days = 365
    test_env.save()

    keys.rotate_token_key(test_env)

    row = test_env.token_keys.get(kid=opened.signing_key.kid)
    assert row.retires_at - row.created_at >= timedelta(days=364, hours=23)


def test_revoking_the_signing_key_ends_its_tokens_and_makes_another(test_env, opened, subject):
    old = tokens.issue(opened, subject, now=NOW)

    keys.revoke(test_env.token_keys.get())

    assert refusal(old) == "token_key_revoked"
    assert tokens.read(tokens.issue(config.get(test_env.id), subject, now=NOW), now=NOW)
