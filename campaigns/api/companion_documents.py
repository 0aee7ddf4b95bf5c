"""What the API reference says of what mobile SDKs ask beside the campaigns."""

from typing import Any

from campaigns.api.documents import (
    CAMPAIGN_ID,
    CAMPAIGN_TAGS,
    PAGE,
    REWARD_EXAMPLE,
    REWARD_USER_ID,
    SDK_TAGS,
    _answer,
    _query,
)
from glu_admin.api.reference import BUSY, BY_KEY, BY_TOKEN, USER_TOKEN, WITH_BODY, WRITE_KEY, refusal

_KEY = _query("x-api-key", "The write key, where no header can be sent.")
_FILTER: dict[str, Any] = {
    "application/json": {
        "type": "object",
        "properties": {
            "filter": {"type": "object", "example": {"campaignId": {CAMPAIGN_ID: True}}},
            "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
            "page": {"type": "integer", "minimum": 1, "default": 1},
        },
    }
}
_PAGE = {"success": True, "page": 1, "limit": 50, "total": 1}

DEEP_LINK: dict[str, Any] = {
    "operation_id": "deep_link",
    "tags": SDK_TAGS,
    "summary": "Where a deep link leads",
    "auth": WRITE_KEY,
    "parameters": [_query("id", "The link's key: a campaign's id or tag, or `wallet`.", required=True), _KEY],
    "responses": {
        200: _answer(
            "What the app opens",
            {
                "success": True,
                "message": "",
                "data": {
                    "anonymous": True,
                    "client": "0c7d3c1f-4f0b-4a51-9d2b-0b6a3f0f7b11",
                    "container": {"type": "full-default", "absoluteHeight": 0, "relativeHeight": 100},
                    "content": {
                        "closeOnDeepLink": True,
                        "type": "CAMPAIGN",
                        "url": "",
                        "campaignId": CAMPAIGN_ID,
                    },
                },
            },
        ),
        404: refusal("No such link", "link_unknown", "No running campaign has this id or tag."),
        **BY_KEY,
        **BUSY,
    },
}
ASSETS: dict[str, Any] = {
    "operation_id": "client_assets",
    "tags": SDK_TAGS,
    "summary": "The files of player pages, to fetch ahead",
    "auth": WRITE_KEY,
    "parameters": [_KEY],
    "responses": {
        200: _answer(
            "The zip and its SHA-256",
            {
                "success": True,
                "message": "",
                "data": {
                    "hash": "9f86d081…",
                    "compressedAssets": f"{PAGE}/reward/…/assets.zip?v=9f86d081…",
                },
            },
        ),
        **BY_KEY,
        **BUSY,
    },
}
PROGRAMS: dict[str, Any] = {
    "operation_id": "user_programs",
    "tags": CAMPAIGN_TAGS,
    "summary": "How far a person is in each campaign",
    "auth": USER_TOKEN,
    "request": _FILTER,
    "responses": {
        200: _answer(
            "A page of campaigns",
            _PAGE
            | {
                "data": [
                    {
                        "campaignId": CAMPAIGN_ID,
                        "type": "multistep",
                        "status": "in-progress",
                        "title": "Barista steps",
                        "tag": "steps",
                        "totalSteps": 4,
                        "stepsCompleted": 2,
                    }
                ]
            },
        ),
        **WITH_BODY,
        **BY_TOKEN,
        **BUSY,
    },
}
REWARDS_WON: dict[str, Any] = {
    "operation_id": "user_rewards",
    "tags": CAMPAIGN_TAGS,
    "summary": "What a person has won",
    "auth": USER_TOKEN,
    "request": _FILTER,
    "responses": {
        200: _answer(
            "A page of rewards, the newest first",
            _PAGE
            | {
                "data": [
                    {
                        "campaignId": CAMPAIGN_ID,
                        "campaignType": "spinthewheel",
                        "rewardUserId": REWARD_USER_ID,
                        **REWARD_EXAMPLE,
                        "state": "won",
                    }
                ]
            },
        ),
        **WITH_BODY,
        **BY_TOKEN,
        **BUSY,
    },
}
