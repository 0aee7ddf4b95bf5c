"""Results and the editor of campaigns that reward several things."""

from dataclasses import replace

import pytest
from django.utils import timezone

from campaigns import engine, publishing
from campaigns.types import all_types
from glu_admin.workspaces.audit import Actor
from tests.campaigns.medals import GOLD, NOTHING, SILVER, TINY, Medals
from tests.factories import EndUserFactory, identity_of, launched_campaign


def path(campaign, rest=""):
    return f"/c/test/campaigns/{campaign.pk}/{rest}"


@pytest.fixture(autouse=True)
def medals_type(monkeypatch):
    monkeypatch.setitem(all_types(), "spinthewheel", Medals())


@pytest.fixture
def medals(test_env):
    """A launched one, and a way to earn a medal of it."""
    campaign = launched_campaign(test_env, outcomes=(GOLD, SILVER, TINY, NOTHING), plays_a_day=None)
    person = EndUserFactory(environment=test_env)

    def play(medal, key):
        body = {"action": {"medal": medal}}
        return engine.act(identity_of(person), str(campaign.pk), key=key, body=body, now=timezone.now())

    return campaign, play


def test_what_several_things_reward_is_judged_each_by_its_own_draws(owner, test_env, medals):
    campaign, play = medals
    for n in range(12):
        play("gold" if n % 3 == 0 else "silver", f"k-{n}")

    answer = owner.get(path(campaign))

    found = {each.variant.name: each for each in answer.context["outcomes"]}
    assert {name: each.label for name, each in found.items()} == {
        "100 points": "Gold",
        "20 points": "Silver",
        "5 points": "Silver",
        "Not this time": "Only stands in for others",
    }
    assert (found["20 points"].set_share, found["100 points"].set_share) == ("42.86", "100")
    # the second gold prize had run out: it was drawn, and the fallback given
    gold = found["100 points"]
    assert (gold.drawn, gold.given, gold.seen_share) == (4, 1, 100.0)
    assert (found["Not this time"].drawn, found["Not this time"].given) == (0, 3)
    assert found["20 points"].drawn + found["5 points"].drawn == 8
    assert "Silver</bdi>" in answer.text


def test_where_a_fallback_may_come_from_several_nothing_is_said_about_luck(owner, test_env, medals):
    campaign, play = medals
    publishing.revise(
        campaign,
        replace(
            publishing.draft_of(campaign),
            outcomes=tuple(
                replace(each, stock_limit=1) if each.weight else each
                for each in publishing.draft_of(campaign).outcomes
            ),
        ),
        Actor("a test"),
    )
    for n in range(6):
        play("silver", f"k-{n}")

    results = {each.variant.name: each for each in owner.get(path(campaign)).context["outcomes"]}

    assert results["20 points"].verdict.words == "can't be told: a fallback stood in"
