"""Programs over HTTP: what apps tell moves people on, to rewards that the wallet and the webhook know."""

import json
from itertools import count

import pytest
from django.utils import timezone

from campaigns.models import Play
from glu_admin import config
from glu_admin.webhooks.models import OutboxMessage
from glu_admin.workspaces import keys
from rewards import webhook_body
from rewards.models import Reward
from tests.browser.programs import program
from tests.campaigns.programs import work
from tests.segments.test_keeping import kept
from tests.types.test_multistep import step
from users.segments import sweeping

pytestmark = pytest.mark.django_db
_serial = count(1)


class App:
    """An app that has the environment's keys, and nothing else of us."""

    def __init__(self, client, write_key):
        self.client, self.write_key, self.tokens = client, write_key, {}

    def register(self, user, **body):
        answer = self.client.post(
            "/user/v1/user/sdk?token=true",
            json.dumps({"writeKey": self.write_key, "userId": user} | body),
            content_type="application/json",
        ).json()
        self.tokens[user] = answer["data"]["token"]
        work()
        return answer

    def tell(self, user, name, event_id=None, **properties):
        event = {
            "event_id": event_id or f"h-{next(_serial)}",
            "event_name": name,
            "user_id": user,
            "timestamp": timezone.now().isoformat(),
            "event_properties": properties,
        }
        headers = {"X-API-KEY": self.write_key}
        answer = self.client.post("/server/v4", json.dumps(event), "application/json", headers=headers)
        assert answer.status_code == 200, answer.content
        work()

    def card(self, user, campaign):
        bearer = {"Authorization": f"Bearer {self.tokens[user]}"}
        listed = self.client.get("/reward/v1.1/user", headers=bearer).json()["campaigns"]
        return next(each for each in listed if each["campaignId"] == str(campaign.id))

    def page(self, user, campaign):
        return self.client.get("/program/", {"token": self.tokens[user], "campaignId": str(campaign.id)}).text

    def play(self, user, campaign, key):
        headers = {"Authorization": f"Bearer {self.tokens[user]}", "Idempotency-Key": key}
        address = f"/api/v1/campaigns/{campaign.id}/play"
        return self.client.post(address, "{}", content_type="application/json", headers=headers)


@pytest.fixture
def app(client, write_key):
    return App(client, write_key)


def won(user):
    """The names of what a user was given, in order."""
    return list(
        Reward.objects.filter(user__user_id=user).order_by("won_at").values_list("variant__name", flat=True)
    )


def told_of(environment, user):
    """What the reward webhook says of each reward of a user."""
    rewards = Reward.objects.filter(user__user_id=user).order_by("won_at", "id")
    assert OutboxMessage.objects.filter(subject_id__in=[each.id for each in rewards]).count() == len(rewards)
    return [webhook_body.render(config.get(environment.id), each.id) for each in rewards]


def test_events_lead_step_by_step_to_a_reward(app, test_env):
    steps = [step("profile_completed"), step("purchase", "sum", property="amount", total=100)]
    campaign = program(test_env, "multistep", steps=steps)
    app.register("u_1")

    assert app.card("u_1", campaign)["banner"] == {
        "title": "Three steps to your reward", "tag": "", "body": "A program",
        "userCampaignStatus": "pristine",
        "totalSteps": "2", "stepsCompleted": "0", "stepsRemaining": "2",
    }  # fmt: skip
    app.tell("u_1", "profile_completed")
    app.tell("u_1", "purchase", amount=60)
    assert won("u_1") == ["50 points"]
    assert app.card("u_1", campaign)["banner"]["stepsCompleted"] == "1"
    assert app.card("u_1", campaign)["status"] == "in-progress"
    app.tell("u_1", "purchase", "p-1", amount=40)
    app.tell("u_1", "purchase", "p-1", amount=40)

    assert sorted(won("u_1")) == ["100 points", "150 points", "50 points"]
    assert app.card("u_1", campaign)["status"] == "completed"
    assert app.card("u_1", campaign)["banner"]["stepsRemaining"] == "0"
    assert Play.objects.count() == 3
    assert "You won" in app.page("u_1", campaign)


def test_finishing_one_campaign_is_a_step_of_another(app, test_env):
    first = program(test_env, "multistep", steps=[step("purchase")])
    game = {"title": "Finish the first", "kind": "game", "campaign": str(first.id)}
    second = program(test_env, "multistep", steps=[game])
    app.register("u_1")

    app.tell("u_1", "purchase")

    assert app.card("u_1", second)["status"] == "completed"
    assert len(won("u_1")) == 4


def test_an_event_unlocks_a_card_and_the_card_is_scratched_once(app, test_env):
    campaign = program(test_env, "activity-scratchcard")
    app.register("u_1")
    locked = app.play("u_1", campaign, "k-1")
    assert (locked.status_code, locked.json()["message"]) == (409, "No card is unlocked yet.")
    assert "Unlock a scratch card" in app.page("u_1", campaign)

    app.tell("u_1", "purchase")
    assert "You have a card to scratch" in app.page("u_1", campaign)
    answers = [app.play("u_1", campaign, "k-2").json(), app.play("u_1", campaign, "k-2").json()]

    assert answers[0] == answers[1]
    assert answers[0]["data"]["reveal"] == {"name": "50 points", "prize": True}
    assert app.play("u_1", campaign, "k-3").status_code == 409
    assert won("u_1") == ["50 points"]


def test_a_direct_reward_is_given_for_a_deed_once(app, test_env):
    campaign = program(test_env, "direct", by="event", todo="Place an order")
    app.register("u_1")

    app.tell("u_1", "purchase")
    app.tell("u_1", "purchase")

    assert won("u_1") == ["50 points"]
    assert app.card("u_1", campaign)["status"] == "completed"


def test_a_friend_who_registers_pays_both_sides_once(app, test_env):
    campaign = program(test_env, "referral")
    code = app.register("u_asha", userName="Asha Rao")["data"]["user"]["referralCode"]

    app.register("u_ben", userName="Ben Doe", referralCode=code)
    app.register("u_ben", userName="Ben Doe", referralCode=code)

    both = {"userAId": "u_asha", "userAName": "Asha Rao", "userBId": "u_ben", "userBName": "Ben Doe"}
    (for_asha,), (for_ben,) = told_of(test_env, "u_asha"), told_of(test_env, "u_ben")
    assert (for_asha["rewardName"], for_ben["rewardName"]) == ("50 points", "100 points")
    assert for_asha["type"] == for_ben["type"] == "referral"
    assert for_asha["details"] == {"reward_reason": "referred_a_friend"} | both
    assert for_ben["details"] == {"reward_reason": "got_referred"} | both
    assert app.card("u_asha", campaign)["banner"]["body"] == "0 pending referrals"
    app.page("u_asha", campaign)  # what was won comes first
    assert "Friends who count: 1 · Pending: 0" in app.page("u_asha", campaign)


def test_a_friend_who_has_to_buy_first_is_pending_until_then(app, test_env):
    campaign = program(test_env, "referral", qualifies="event", tiers=[2])
    app.register("u_asha")
    for friend in ("u_ben", "u_chi"):
        app.register(friend, referredBy="u_asha")
    assert won("u_asha") == won("u_ben") == []
    assert app.card("u_asha", campaign)["banner"]["body"] == "2 pending referrals"

    app.tell("u_ben", "purchase")
    app.tell("u_ben", "purchase")
    assert (won("u_asha"), won("u_ben")) == (["50 points"], ["100 points"])
    assert app.card("u_asha", campaign)["banner"]["stepsRemaining"] == "1"
    app.tell("u_chi", "purchase")

    assert sorted(won("u_asha")) == ["150 points", "50 points", "50 points"]
    assert app.card("u_asha", campaign)["banner"]["body"] == "0 pending referrals"


def test_oneself_and_a_circle_earn_nothing(app, test_env):
    program(test_env, "referral")

    app.register("u_asha", referredBy="u_asha")
    app.register("u_ben", referredBy="u_asha")
    app.register("u_asha", referredBy="u_ben")

    assert (won("u_asha"), won("u_ben")) == (["50 points"], ["100 points"])


def test_an_app_can_t_say_that_a_friend_counts(app, test_env, client, write_key):
    campaign = program(test_env, "referral")
    app.register("u_asha")
    told = {"campaign": str(campaign.id), "gluId": "made-up", "userId": "u_x"}
    event = {
        "event_id": "f-1", "event_name": "glu.referral_qualified", "user_id": "u_asha",
        "timestamp": timezone.now().isoformat(), "event_properties": told,
    }  # fmt: skip

    answer = client.post(
        "/server/v4", json.dumps(event), "application/json", headers={"X-API-KEY": write_key}
    )
    work()

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "reserved_name"
    assert won("u_asha") == []


def test_who_enters_a_segment_is_given_a_direct_reward_once(app, test_env):
    gold = kept(test_env, {"field": "attributes.plan", "operator": "is", "value": "gold"}, name="Gold")
    program(test_env, "direct", by="segment", segment=str(gold.id))
    app.register("u_1", customAttributes={"plan": "silver"})
    assert won("u_1") == []

    for plan in ("gold", "silver", "gold"):
        app.register("u_1", customAttributes={"plan": plan})
        sweeping.sweep(now=timezone.now())
        work()

    assert won("u_1") == ["50 points"]


def test_a_server_gives_a_direct_reward_once_a_key_and_as_often_as_the_campaign_allows(app, test_env):
    campaign = program(test_env, "direct")
    app.register("u_1")
    secret = keys.create_api_key(test_env, "Shop", ["rewards:write"])[1]

    def give(key):
        headers = {"X-API-KEY": secret, "Idempotency-Key": key}
        address = f"/api/v1/campaigns/{campaign.id}/awards"
        answer = app.client.post(address, '{"userId": "u_1"}', "application/json", headers=headers)
        work()
        return answer.status_code

    assert [give("order-1"), give("order-1"), give("order-2")] == [200, 200, 409]
    assert won("u_1") == ["50 points"]
    assert app.card("u_1", campaign)["status"] == "completed"
