"""Two people one of whom invited the other: erasing either leaves nothing of them with the other."""

from contextlib import suppress

import pytest
from django.utils import timezone

from campaigns import verification
from campaigns.models import Participation
from campaigns.types import get_type
from glu_admin import config
from rewards.models import Reward
from rewards.tables import OutcomeDraft
from tests.campaigns.programs import NOTHING, did, program, work
from tests.campaigns.racing import Held, sessions
from tests.privacy.conftest import SUPPORT, rows_with
from users.events import drain
from users.events.shards import SHARDS
from users.models import EndUser
from users.privacy import erasure
from users.registration import register
from users.registration_form import parse

pytestmark = pytest.mark.django_db(transaction=True)
A = {"userId": "asha-c4nary", "userName": "Asha-c4nary Kaur"}
B = {"userId": "ravi-c5nary", "userName": "Ravi-c5nary"}


def says(environment, **body):
    register(config.get(environment.id), parse(body), now=timezone.now())


@pytest.fixture
def environment(transactional_db, test_env):
    outcomes = (
        OutcomeDraft(name="Thanks", weight=1, reward_type="points", amount=20, occasion="referrer"),
        OutcomeDraft(name="Welcome", weight=1, reward_type="points", amount=10, occasion="referred"),
        NOTHING,
    )
    settings = {"qualifies": "event", "trigger": {"event": "order", "where": []}, "count": 1, "tiers": []}
    program(test_env, type="referral", config=get_type("referral").defaults() | settings, outcomes=outcomes)
    says(test_env, **A)
    says(test_env, **B, referredBy=A["userId"])
    work()
    return test_env


def erase(person):
    erasure.erase(EndUser.objects.get(user_id=person["userId"]), SUPPORT, now=timezone.now())


@pytest.mark.parametrize(("erased", "mark", "other"), [(A, "c4nary", "c5nary"), (B, "c5nary", "c4nary")])
def test_nothing_of_the_erased_is_left_with_the_other(environment, erased, mark, other):
    did(environment, B["userId"], "order")
    assert Reward.objects.count() == 2
    assert {"public.campaigns_participation", "public.rewards_reward"} <= rows_with(mark).keys()

    erase(erased)

    assert rows_with(mark) == {}
    assert rows_with(other) != {}


def test_the_friend_still_counts_and_the_proofs_still_hold(environment):
    did(environment, B["userId"], "order")

    erase(B)

    state = Participation.objects.get(user__user_id=A["userId"]).state
    assert [(each["name"], "done" in each) for each in state["friends"]] == [("", True)]
    assert Reward.objects.get(user__user_id=A["userId"]).details["userAId"] == A["userId"]
    assert [each for each in verification.run() if not each.holds] == []


def test_a_friend_of_somebody_erased_still_gets_their_own_reward(environment):
    erase(A)

    did(environment, B["userId"], "order")

    reward = Reward.objects.get()
    assert (reward.user.user_id, reward.variant.name) == (B["userId"], "Welcome")
    assert "userAId" not in reward.details


def test_a_friend_whose_name_is_on_the_way_is_forgotten_too(environment):
    referrer = EndUser.objects.get(user_id=A["userId"])
    late = next(each for each in late_friends(environment) if each.pk % SHARDS != referrer.pk % SHARDS)
    drain.drain(now=timezone.now(), shards=[late.pk % SHARDS])

    with sessions(2) as (one, two):
        erasing = Held(one, lambda: erase({"userId": late.user_id}))
        draining = two.run(drain.drain, now=timezone.now())
        with suppress(TimeoutError):  # it either leaves the referrer's events alone, or waits
            draining.result(1)
        erasing.commit()
        draining.result(20)
    work()

    assert rows_with(late.user_id) == {}
    assert "" in [each["name"] for each in Participation.objects.get(user=referrer).state["friends"]]


def late_friends(environment):
    for number in range(SHARDS):
        name = f"late-c{number}nary"
        says(environment, userId=name, userName=name.title(), referredBy=A["userId"])
        yield EndUser.objects.get(user_id=name)
