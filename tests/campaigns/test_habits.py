"""Streaks and cards of stamps from end to end: what an app sends moves a real person to a real reward."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import engine
from campaigns.models import Participation, Play
from glu_admin.api.errors import ApiError
from rewards.models import Reward
from tests.browser.programs import program
from tests.campaigns.programs import did, work
from tests.factories import EndUserFactory, identity_of, token_of

pytestmark = pytest.mark.django_db(transaction=True)
WALK = {"source": "event", "trigger": {"event": "walk", "where": []}, "grace_hours": 168}


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1", profile={"timezone": "America/New_York"})


@pytest.fixture
def post(client, write_key):
    """Sends an event as a server does, and lets the workers do theirs."""

    def send(number, name, at, **properties):
        body = {
            "event_id": f"0c6d2c5e-0000-4000-8000-{number:012}",
            "event_name": name,
            "user_id": "u_1",
            "timestamp": at.isoformat(),
            "event_properties": properties,
        }
        answer = client.post("/server/v4", body, "application/json", headers={"x-api-key": write_key})
        assert answer.status_code == 200, answer.text
        work()

    return send


def won(person):
    return sorted(Reward.objects.filter(user=person).values_list("variant__name", flat=True))


def stands(person):
    mine = Participation.objects.get(user=person)
    return mine.status, mine.plays


def act(person, campaign, key, **action):
    return engine.act(
        identity_of(person), str(campaign.id), key=key, body={"action": action}, now=timezone.now()
    )


def test_events_of_three_days_earn_the_reward_of_the_third_in_whatever_order_they_come(
    test_env, person, post
):
    program(test_env, "streak", milestones=[3, 5], **WALK)
    now = timezone.now()

    for number, days_ago in enumerate((0, 2, 2, 1)):
        assert won(person) == []
        post(number, "walk", now - timedelta(days=days_ago))

    assert won(person) == ["50 points"]
    assert stands(person) == ("in-progress", 1)
    post(9, "walk", now - timedelta(days=1))
    assert won(person) == ["50 points"]


def test_a_streak_that_is_complete_is_over_and_pays_once(test_env, person, post):
    program(test_env, "streak", milestones=[2], **WALK)
    now = timezone.now()

    for number, days_ago in enumerate((1, 0, 3, 2)):
        post(number, "walk", now - timedelta(days=days_ago))

    assert won(person) == ["50 points"]
    assert stands(person) == ("completed", 1)


def test_a_check_in_is_a_move_and_the_one_that_reaches_a_milestone_is_a_play(test_env, person):
    campaign = program(test_env, "streak", milestones=[1, 2])

    first = act(person, campaign, "k-1", do="check-in")
    again = act(person, campaign, "k-2", do="check-in")

    assert first["won"] and first["reward"]["rewardName"] == "50 points"
    assert "playId" not in again and again["game"]["length"] == 1
    assert (Play.objects.count(), won(person)) == (1, ["50 points"])


def test_nobody_checks_in_where_events_count(test_env, person):
    campaign = program(test_env, "streak", **WALK)

    with pytest.raises(ApiError) as refusal:
        act(person, campaign, "k-1", do="check-in")

    assert (refusal.value.code, refusal.value.status) == ("not_allowed", 409)
    assert not Participation.objects.exists()


def test_purchases_stamp_a_card_up_to_its_reward_and_the_full_card(test_env, person, post):
    where = [{"property": "amount", "operator": "at_least", "value": 5}]
    trigger = {"event": "purchase", "where": where}
    program(test_env, "collectthestamps", trigger=trigger, size=3, rewards_at=[2])
    now = timezone.now()

    earned = []
    for number, amount in enumerate((7, 2, 9, 5, 8)):
        post(number, "purchase", now, amount=amount)
        earned.append(won(person))

    assert earned == [[], [], ["50 points"], ["100 points", "50 points"], ["100 points", "50 points"]]
    assert stands(person) == ("completed", 2)


def test_an_app_s_list_says_how_far_people_are(test_env, person, client):
    program(test_env, "collectthestamps", trigger={"event": "purchase", "where": []}, size=4, rewards_at=[])
    did(test_env, person, "purchase", "purchase")

    headers = {"Authorization": f"Bearer {token_of(person)}"}
    listed = client.get("/reward/v1.1/user", headers=headers).json()["campaigns"][0]["banner"]

    assert (listed["stepsCompleted"], listed["totalSteps"], listed["body"]) == ("2", "4", "2 of 4 stamps")
