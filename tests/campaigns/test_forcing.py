"""Test users choose what they draw, in Test alone; nobody else can, and no proof of a draw is faked."""

import pytest
from django.utils import timezone

from campaigns import engine, verification
from campaigns.models import Play
from glu_admin.api.errors import ApiError
from tests.factories import EndUserFactory, identity_of, launched_campaign

pytestmark = pytest.mark.django_db


def play(person, campaign, wish, key="k"):
    body = {"action": {"force": wish}}
    return engine.act(identity_of(person), str(campaign.id), key=key, body=body, now=timezone.now())


@pytest.fixture
def tester(test_env):
    return EndUserFactory(environment=test_env, user_id="u_test", is_test=True)


@pytest.fixture
def wheel(test_env):
    """Nobody wins by luck."""
    return launched_campaign(test_env, weights=(0, 0, 0, 1), plays_in_all=9)


@pytest.mark.parametrize("name", ["20% off", "50 points", "A free coffee", "Not this time"])
def test_a_test_user_gets_what_they_wish_for_as_if_it_were_drawn(tester, wheel, name):
    answer = play(tester, wheel, name)

    assert answer["outcome"]["name"] == name
    assert answer["won"] is (name != "Not this time")
    assert answer["fairness"]["ticket"] is None
    assert (answer["reward"] or {}).get("code", "none") is not None or name != "20% off"


def test_the_wish_may_be_an_id_and_an_empty_one_is_a_draw(tester, wheel):
    coupon = wheel.table.variants.get(name="20% off")

    assert play(tester, wheel, str(coupon.id), "by id")["reward"]["code"]
    assert play(tester, wheel, "", "by luck")["outcome"]["name"] == "Not this time"


def test_an_unknown_outcome_is_named_and_costs_no_play(tester, wheel):
    with pytest.raises(ApiError, match="The outcomes here are 20% off, 50 points"):
        play(tester, wheel, "a yacht")

    assert not Play.objects.exists()


def test_from_anybody_else_it_is_an_action_that_games_do_not_know(test_env, live_env, wheel):
    stranger = EndUserFactory(environment=test_env, user_id="u_1")
    in_live = EndUserFactory(environment=live_env, user_id="u_1", is_test=True)
    live_wheel = launched_campaign(live_env, weights=(0, 0, 0, 1))

    for person, campaign in ((stranger, wheel), (in_live, live_wheel)):
        with pytest.raises(ApiError) as refused:
            play(person, campaign, "20% off")
        assert refused.value.code == "not_allowed"
    assert not Play.objects.exists()


def test_verify_takes_no_wish_for_a_draw(tester, wheel):
    play(tester, wheel, "20% off")

    assert not [each for each in verification.run() if each.violations]
