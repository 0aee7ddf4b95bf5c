"""Who invited whom: once, never oneself, never in a circle, whatever the order of the calls."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import verification
from glu_admin import config
from users.identity import referrals
from users.models import EndUser
from users.registration import register
from users.registration_form import parse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def opened(test_env):
    return config.get(test_env.id)


@pytest.fixture
def say(opened):
    def call(**body):
        registered = register(opened, parse(body), now=NOW)
        return registered.record.referred_by, [each["code"] for each in registered.warnings]

    return call


def code_of(user_id):
    return EndUser.objects.get(user_id=user_id).referral_code


def test_a_code_is_read_in_any_case_of_letters(say):
    say(userId="u_0")

    assert say(userId="u_1", referralCode=f" {code_of('u_0').lower()} ") == ("u_0", [])


def test_a_referrer_whom_nobody_knows_yet_is_recorded_as_sent(say):
    assert say(userId="u_1", referredBy="u_later") == ("u_later", [])


def test_two_who_name_each_other_are_a_circle(say):
    say(userId="u_1", referredBy="u_2")

    assert say(userId="u_2", referredBy="u_1") == (None, ["referral_cycle"])


def test_a_longer_way_round_is_a_circle_too(say):
    for n in range(5):
        say(userId=f"u_{n}", referredBy=f"u_{n + 1}")

    assert say(userId="u_5", referredBy="u_0") == (None, ["referral_cycle"])
    assert say(userId="u_6", referredBy="u_0") == ("u_0", [])


def test_a_way_that_is_too_long_to_be_walked_is_refused(say, monkeypatch):
    monkeypatch.setattr(referrals, "MOST_STEPS", 3)
    for n in range(5):
        say(userId=f"u_{n}", referredBy=f"u_{n + 1}")

    assert say(userId="u_9", referredBy="u_0") == (None, ["referral_cycle"])


def test_a_persons_own_anonymous_id_is_no_referrer(say):
    say(userId="u_1"), say(anonymousId="v")
    say(userId="u_1", anonymousId="v")
    say(userId="u_1", anonymousId="w")  # "v" is an alias's now, and not the newest id

    assert say(userId="u_1", referredBy="v") == (None, ["self_referral"])
    assert say(userId="u_1", anonymousId="w", referredBy="w") == (None, ["self_referral"])


def test_the_code_of_an_alias_is_the_users(say):
    say(anonymousId="v"), say(userId="u_0")
    code = EndUser.objects.get(anonymous_id="v").referral_code
    say(userId="u_0", anonymousId="v")

    assert say(userId="u_0", referralCode=code) == (None, ["self_referral"])
    assert say(userId="u_1", referralCode=code) == ("u_0", [])


def test_the_visitors_referrer_is_taken_if_the_user_has_none(say):
    say(userId="u_1"), say(anonymousId="v", referredBy="u_0")

    assert say(userId="u_1", anonymousId="v") == ("u_0", [])


def test_the_users_referrer_stays_at_a_merge(say):
    say(userId="u_1", referredBy="u_a"), say(anonymousId="v", referredBy="u_b")

    assert say(userId="u_1", anonymousId="v") == ("u_a", [])


def test_a_merge_that_would_close_a_circle_drops_the_referrer(say):
    say(anonymousId="v")
    say(userId="u_2", referredBy="v")
    say(userId="u_1", referredBy="u_2")

    assert say(userId="u_1", anonymousId="v") == (None, [])


def test_a_new_id_that_would_close_a_circle_drops_the_referrer(say):
    say(userId="u_2", referredBy="u_1")
    say(anonymousId="v", referredBy="u_2")

    assert say(userId="u_1", anonymousId="v") == (None, [])


def test_a_referrer_that_was_the_person_leaves_room_for_a_true_one(say):
    say(anonymousId="v"), say(userId="u_1", referredBy="v")
    assert say(userId="u_1", anonymousId="v") == (None, [])

    assert say(userId="u_1", referredBy="u_2") == ("u_2", [])
    assert say(userId="u_1", referredBy="u_3") == ("u_2", [])


PEOPLE, VISITORS = ["a", "b", "c", "d"], ["v", "w"]
CALLS = st.fixed_dictionaries(
    {},
    optional={
        "userId": st.sampled_from(PEOPLE),
        "anonymousId": st.sampled_from(VISITORS),
        "referredBy": st.sampled_from(PEOPLE + VISITORS),
    },
).filter(lambda call: "userId" in call or "anonymousId" in call)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CALLS, min_size=2, max_size=12))
def test_no_order_of_calls_makes_a_circle(opened, calls):
    EndUser.objects.update(user_id=None, anonymous_id=None, referred_by=None, erased_at=NOW)
    seen = {}
    for call in calls:
        person = register(opened, parse(call), now=NOW).record
        before = seen.setdefault(person.id, person.referred_by)
        if before and person.referred_by:
            assert person.referred_by == before  # one referrer ever
        seen[person.id] = person.referred_by

    assert [found.violations for found in verification.run("people.referrals")] == [0]
