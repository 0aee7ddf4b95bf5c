"""What pages say of themselves: kept in the contract's words, and sent to whoever subscribes."""

from uuid import UUID

import pytest

from campaigns import analytics
from campaigns.pages import telling
from glu_admin import config
from glu_admin.webhooks import endpoints, outbox
from glu_admin.webhooks.models import OutboxMessage
from glu_admin.workspaces.audit import Actor
from tests.player.conftest import key_on
from users.models import SdkSignal

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Version/4.0 Chrome/126.0 Mobile Safari/537.36"
)
IN_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
DESK = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
PAGE_KEYS = {
    "event_name", "type", "event_id", "eventId", "user_id", "userId", "timestamp", "session_id",
    "session_time", "referrer", "analytics_version", "page_details", "campaign_details",
    "platform_details", "optional_payload",
}  # fmt: skip


def kept(name):
    return [each.content for each in SdkSignal.objects.filter(name=name).order_by("id")]


def test_an_opened_game_is_a_page_event_of_v4(visit, wheel):
    visit.client.defaults["HTTP_USER_AGENT"] = PHONE
    visit.arrive("/reward/", campaignId=wheel.id)

    (event,) = kept("PAGE_OPENED")
    assert set(event) == PAGE_KEYS
    assert event["event_id"] == event["eventId"]
    assert event["user_id"] == event["userId"] == "u_20841"
    assert event["timestamp"].endswith(" GMT")
    assert event["page_details"] == {"page_layout": "FULL_PAGE", "page_name": "SPIN_THE_WHEEL_GAME_PAGE"}
    assert event["campaign_details"] == {
        "campaign_id": str(wheel.id),
        "campaign_name": "Autumn wheel",
        "campaign_experience": "SPIN_THE_WHEEL",
        "campaign_state": "CLICKED",
    }
    assert event["platform_details"] == {
        "device_type": "MOBILE", "os": "CHROME", "agent_type": "WEB_VIEW", "app_platform": "ANDROID",
    }  # fmt: skip


def test_an_opened_wallet_is_one_too(visit):
    visit.arrive()

    (event,) = kept("PAGE_OPENED")
    assert event["page_details"]["page_name"] == "WALLET_PAGE"
    assert event["campaign_details"] == {}


def test_a_page_that_shows_a_reward_says_which_but_never_its_code(visit, wheel):
    page = visit.arrive("/reward/", campaignId=wheel.id)
    answer = visit.play(wheel, key_on(page)).json()
    visit.get("/reward/", campaignId=wheel.id, rewardUserId=answer["data"]["rewardUserId"])

    shown = kept("PAGE_OPENED")[-1]["campaign_details"]
    assert (shown["reward_title"], shown["reward_type"], shown["reward_amount"]) == ("20% off", "coupons", 20)
    assert answer["data"]["reward"]["code"] not in str([each.content for each in SdkSignal.objects.all()])


def test_a_play_on_a_page_is_a_raw_event(visit, wheel):
    page = visit.arrive("/reward/", campaignId=wheel.id)
    data = visit.play(wheel, key_on(page)).json()["data"]

    (event,) = kept("reward_interaction")
    assert event["user_id"] == "u_20841"
    properties = event["event_properties"]
    assert (properties["action"], properties["game_name"]) == ("PLAYED", "spinthewheel")
    assert properties["reward_user_id"] == data["rewardUserId"]
    assert (properties["selected_slot_index"], properties["reward_name"]) == (0, "20% off")


def test_whoever_subscribes_is_sent_the_event_as_it_was_kept(visit, test_env):
    endpoints.create(test_env, "https://example.com/hook", [telling.FRONTEND_EVENT], actor=Actor("a test"))
    visit.arrive()

    message = OutboxMessage.objects.get(kind=telling.FRONTEND_EVENT)
    body = outbox.body_of(config.get(test_env.id), message.kind, message.subject_id)
    assert body == kept("PAGE_OPENED")[0]


def test_without_a_subscriber_nothing_is_queued(visit):
    visit.arrive()

    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (PHONE, ("MOBILE", "CHROME", "WEB_VIEW", "ANDROID")),
        (IN_IPHONE, ("MOBILE", "OTHER", "WEB_VIEW", "IOS")),
        (DESK, ("WEB", "CHROME", "BROWSER", "WEB")),
        ("", ("WEB", "OTHER", "BROWSER", "WEB")),
    ],
)
def test_a_browser_is_told_by_what_it_says_of_itself(agent, expected):
    assert tuple(analytics.platform(agent).values()) == expected


def test_an_event_that_was_swept_is_not_sent(test_env, db):
    assert telling.body(config.get(test_env.id), UUID(int=1)) is None
