"""What the API reference says of these endpoints: parameters, answers and examples."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from glu_admin.api.reference import (
    BUSY,
    BY_KEY,
    BY_TOKEN,
    NO_KEY,
    TOO_OFTEN,
    USER_TOKEN,
    WITH_BODY,
    WRITE_KEY,
    refusal,
)

CAMPAIGN_ID = "7b1d7b8e-9a55-4f2e-8f0a-2f6f3d0c9a11"
REWARD_USER_ID = "0e2b7a9c-2f0f-5d0b-9d6e-6a4f4a0d1c55"
PAGE = "https://play.example.com"

CAMPAIGNS_EXAMPLE = {
    "success": True,
    "defaultUrl": f"{PAGE}/wallet/?token=eyJ…",
    "defaultBanner": {"liveCampaignCount": 1, "totalRewardCount": 0},
    "campaigns": [
        {
            "campaignId": CAMPAIGN_ID,
            "url": f"{PAGE}/reward/?token=eyJ…&rewardUserId={REWARD_USER_ID}&campaignId={CAMPAIGN_ID}",
            "type": "spinthewheel",
            "status": "pristine",
            "banner": {
                "title": "Spin to win",
                "tag": "autumn",
                "body": "A coupon a day",
                "userCampaignStatus": "pristine",
            },
        }
    ],
}
REWARD_EXAMPLE: dict[str, Any] = {
    "rewardId": "c2d7f7b4-4a83-4e8a-8f0e-0d5b7b1f6c3d",
    "transactionId": "q1Zx0o3b5s8uVb2m3yqk9H0c6T4e7J1d2a8W5r6n7Lk",
    "rewardType": "coupons",
    "rewardName": "20% off",
    "rewardAmount": 20,
    "body": "On your next order",
    "tnc": ["Once a person"],
    "code": "BREW-7Q2M-XK",
    "rewardExpiry": 1798761599,
    "status": "redeemable-unseen",
    "details": {},
    "deepLink": "",
}
PLAY_EXAMPLE = {
    "success": True,
    "data": {
        "playId": "4b1f0c5e-7a44-4d1c-8f36-0c8f5f5d7a21",
        "campaignId": CAMPAIGN_ID,
        "rewardUserId": REWARD_USER_ID,
        "status": "in-progress",
        "won": True,
        "outcome": {
            "id": "a7a5b0c1-5b52-4a3b-9a3e-5b5d6f7f8a90",
            "name": "20% off",
            "type": "coupons",
            "position": 1,
        },
        "selected_slot_index": 1,
        "reveal": {"slice": 1},
        "playsLeft": 6,
        "playsLeftToday": 0,
        "nextPlayAt": "2026-11-23T00:00:00Z",
        "fairness": {"tableVersion": 1, "commitment": "9f86d081884c7d65…", "ticket": 412},
        "reward": REWARD_EXAMPLE,
    },
}
REWARDS = ["rewards"]
CAMPAIGN_TAGS = ["campaigns"]
SDK_TAGS = ["mobile SDK"]


def _answer(description: str, example: dict[str, Any] | None = None) -> OpenApiResponse:
    examples = [OpenApiExample(description, value=example)] if example else []
    return OpenApiResponse(OpenApiTypes.OBJECT, description=description, examples=examples)


def _query(name: str, description: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=description, **more)


def _header(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(
        name, OpenApiTypes.STR, OpenApiParameter.HEADER, required=required, description=description
    )


CAMPAIGNS: dict[str, Any] = {
    "operation_id": "campaigns_load",
    "tags": CAMPAIGN_TAGS,
    "summary": "Load the campaigns of a person",
    "auth": USER_TOKEN,
    "parameters": [
        _query("status", "pristine, clicked, in-progress or completed; repeated or with commas.", many=True),
        _query("type", "Types of campaigns, such as spinthewheel; repeated or with commas.", many=True),
        _query("campaignId", "Ids or tags; repeated or with commas.", many=True),
    ],
    "responses": {
        200: _answer("The campaigns that this person may see now", CAMPAIGNS_EXAMPLE),
        **BY_TOKEN,
        **BUSY,
    },
}
CAMPAIGN = CAMPAIGNS | {"operation_id": "load_campaign", "summary": "Load one campaign of a person"}
NO_CAMPAIGN = {404: refusal("No such campaign", "campaign_not_found", "There is no campaign with this id.")}
PLAY: dict[str, Any] = {
    "operation_id": "campaigns_play",
    "tags": CAMPAIGN_TAGS,
    "summary": "Play",
    "auth": USER_TOKEN,
    "parameters": [
        _header("Idempotency-Key", "New for each play; the same for each repetition of it.", required=True),
    ],
    "request": OpenApiTypes.OBJECT,
    "examples": [
        OpenApiExample("Nothing to say", value={}, request_only=True),
        OpenApiExample("An action", value={"action": {"answer": 2}}, request_only=True),
    ],
    "responses": {
        200: _answer("What was decided: now, or when this key first came", PLAY_EXAMPLE),
        **WITH_BODY,
        **BY_TOKEN,
        **NO_CAMPAIGN,
        409: refusal(
            "The campaign or its limits do not allow a play now",
            "no_plays_today",
            "All plays of today are used up. You can play from 2026-11-23T00:00:00Z.",
        ),
        422: refusal(
            "The key was used with another body",
            "idempotency_key_reused",
            "This Idempotency-Key was used with another body. Make a new one for each play.",
        ),
        **TOO_OFTEN,
        **BUSY,
    },
}
SEEN: dict[str, Any] = {
    "operation_id": "rewards_seen",
    "tags": REWARDS,
    "summary": "Mark a reward as seen",
    "auth": USER_TOKEN,
    "request": None,
    "responses": {
        200: _answer("Done", {"success": True}),
        **BY_TOKEN,
        404: refusal("No such reward of this person", "reward_not_found", "There is no such reward."),
        **TOO_OFTEN,
        **BUSY,
    },
}
SDK_CONFIG: dict[str, Any] = {
    "operation_id": "sdk_config",
    "tags": SDK_TAGS,
    "summary": "Configuration of the mobile SDKs",
    "auth": WRITE_KEY,
    "parameters": [_query("x-api-key", "The write key, where no header can be sent.")],
    "responses": {
        200: _answer(
            "`data.mobile`, as the SDKs decode it",
            {"success": True, "data": {"mobile": {"disableSdk": False, "campaignCount": 1}}},
        ),
        **BY_KEY,
        **BUSY,
    },
}
ENTRY_POINTS: dict[str, Any] = {
    "operation_id": "entry_points_load",
    "tags": SDK_TAGS,
    "summary": "Entry points: banners, buttons, pop-ups",
    "auth": USER_TOKEN,
    "parameters": [_query("consumer", "MOBILE by default."), _query("id", "One of them.")],
    "responses": {
        200: _answer("The visible entry points", {"success": True, "data": []}),
        **BY_TOKEN,
        **BUSY,
    },
}
KEYED_ENTRY_POINTS: dict[str, Any] = {
    "operation_id": "entry_points_load_by_key",
    "tags": SDK_TAGS,
    "summary": "Entry points, by an app's write key",
    "auth": NO_KEY,
    "parameters": [
        _query("consumer", "MOBILE by default."),
        _query("campaignIds", "Those of these campaigns; with commas."),
    ],
    "responses": {
        200: _answer("The visible entry points", {"success": True, "data": []}),
        **BY_KEY,
        **BUSY,
    },
}
ENTRY_POINT_STATES: dict[str, Any] = {
    "operation_id": "entry_points_states",
    "tags": SDK_TAGS,
    "summary": "What a person did with entry points",
    "auth": USER_TOKEN,
    "responses": {
        200: _answer("All states of this person", {"success": True, "data": []}),
        **BY_TOKEN,
        **BUSY,
    },
}
ENTRY_POINT_STATE: dict[str, Any] = {
    "operation_id": "entry_points_mark",
    "tags": SDK_TAGS,
    "summary": "Say what a person did with an entry point",
    "auth": USER_TOKEN,
    "request": OpenApiTypes.OBJECT,
    "examples": [
        OpenApiExample(
            "Clicked", value={"entrypointId": CAMPAIGN_ID, "entryPointClicked": True}, request_only=True
        )
    ],
    "responses": {
        200: _answer("All states of this person", {"success": True, "data": []}),
        **WITH_BODY,
        **BY_TOKEN,
        404: refusal(
            "No such entry point",
            "entry_point_not_found",
            "There is no entry point with this entrypointId.",
        ),
        **BUSY,
    },
}
SLOTS: dict[str, Any] = {
    "operation_id": "entry_points_report",
    "tags": SDK_TAGS,
    "summary": "Report the screens, banners and embeds of an app",
    "auth": WRITE_KEY,
    "parameters": [_header("platform", "android or ios.")],
    "request": OpenApiTypes.OBJECT,
    "examples": [OpenApiExample("Screens", value={"activityIdList": ["Home"]}, request_only=True)],
    "responses": {
        200: _answer(
            "All that were reported",
            {
                "success": True,
                "data": {
                    "activityIdList": {"android": ["Home"], "ios": []},
                    "bannerIds": {"android": [], "ios": []},
                    "embedIds": {"android": [], "ios": []},
                },
            },
        ),
        **WITH_BODY,
        **BY_KEY,
        **BUSY,
    },
}
