"""What the API reference says of these endpoints: parameters, answers and examples."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

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
        "reveal": {"slice": 1},
        "playsLeft": 6,
        "playsLeftToday": 0,
        "nextPlayAt": "2026-11-23T00:00:00Z",
        "fairness": {"tableVersion": 1, "commitment": "9f86d081884c7d65…", "ticket": 412},
        "reward": {
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
        },
    },
}
REFUSED_EXAMPLE = {
    "success": False,
    "message": "All plays of today are used up. You can play from 2026-11-23T00:00:00Z.",
    "error": {
        "code": "no_plays_today",
        "message": "All plays of today are used up. You can play from 2026-11-23T00:00:00Z.",
        "requestId": "3f2c8d1ab0f94e5d8f7b6a5c4d3e2f10",
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


BEARER = _header("Authorization", "`Bearer` and the person's token.", required=True)
WRITE_KEY = _header("X-API-KEY", "The environment's write key.")

CAMPAIGNS: dict[str, Any] = {
    "tags": CAMPAIGN_TAGS,
    "summary": "Load the campaigns of a person",
    "parameters": [
        BEARER,
        _query("status", "pristine, clicked, in-progress or completed; repeated or with commas.", many=True),
        _query("type", "Types of campaigns, such as spinthewheel; repeated or with commas.", many=True),
        _query("campaignId", "Ids or tags; repeated or with commas.", many=True),
    ],
    "responses": {
        200: _answer("The campaigns that this person may see now", CAMPAIGNS_EXAMPLE),
        401: _answer("The token is missing, wrong or expired"),
        403: _answer("The person is blocked"),
    },
}
CAMPAIGN = CAMPAIGNS | {"operation_id": "load_campaign", "summary": "Load one campaign of a person"}
PLAY: dict[str, Any] = {
    "tags": CAMPAIGN_TAGS,
    "summary": "Play",
    "parameters": [
        BEARER,
        _header("Idempotency-Key", "New for each play; the same for each repetition of it.", required=True),
    ],
    "request": OpenApiTypes.OBJECT,
    "examples": [
        OpenApiExample("Nothing to say", value={}, request_only=True),
        OpenApiExample("An action", value={"action": {"answer": 2}}, request_only=True),
    ],
    "responses": {
        200: _answer("What was decided: now, or when this key first came", PLAY_EXAMPLE),
        400: _answer("No Idempotency-Key, or a body that is not understood"),
        404: _answer("No such campaign"),
        409: _answer("The campaign or its limits do not allow a play now", REFUSED_EXAMPLE),
        422: _answer("The key was used with another body"),
        429: _answer("Too many requests"),
    },
}
SEEN: dict[str, Any] = {
    "tags": REWARDS,
    "summary": "Mark a reward as seen",
    "parameters": [BEARER],
    "request": None,
    "responses": {200: _answer("Done", {"success": True}), 404: _answer("No such reward of this person")},
}
SDK_CONFIG: dict[str, Any] = {
    "tags": SDK_TAGS,
    "summary": "Configuration of the mobile SDKs",
    "parameters": [WRITE_KEY, _query("x-api-key", "The write key, where no header can be sent.")],
    "responses": {200: _answer("`data.mobile`, as the SDKs decode it")},
}
ENTRY_POINTS: dict[str, Any] = {
    "tags": SDK_TAGS,
    "summary": "Entry points: banners, buttons, pop-ups",
    "parameters": [_query("consumer", "MOBILE by default.")],
    "responses": {200: _answer("The visible entry points", {"success": True, "data": []})},
}
ENTRY_POINT_STATE: dict[str, Any] = {
    "tags": SDK_TAGS,
    "summary": "What a person did with entry points",
    "parameters": [BEARER],
    "request": OpenApiTypes.OBJECT,
    "responses": {200: _answer("All states of this person", {"success": True, "data": []})},
}
SLOTS: dict[str, Any] = {
    "tags": SDK_TAGS,
    "summary": "Report the screens, banners and embeds of an app",
    "parameters": [WRITE_KEY, _header("platform", "android or ios.")],
    "request": OpenApiTypes.OBJECT,
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
        )
    },
}
