"""What pages of players say of themselves, in the contract's words: V4 page events and raw events.

Pure: what is known of a page or a play comes in, an event goes out. `pages/telling.py` keeps and
sends them, so that every event is made here and in one way.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

NOT_KNOWN = "not_available"
VERSION = "4.0.0"
BROWSERS = (("EDG", "EDGE"), ("CHROME", "CHROME"), ("CRIOS", "CHROME"), ("FIREFOX", "FIREFOX"))


@dataclass(frozen=True)
class Page:
    """A page that was opened: "wallet", or a campaign's with what is shown of it."""

    name: str
    user_id: str
    session: str
    user_agent: str
    at: datetime
    campaign: Mapping[str, Any] = field(default_factory=dict)


def page_opened(page: Page) -> dict[str, Any]:
    """PAGE_OPENED of the V4 schema. Keys that the contract has twice stand twice."""
    event_id = str(uuid.uuid4())
    return {
        "event_name": "PAGE_OPENED",
        "type": "page",
        "event_id": event_id,
        "eventId": event_id,
        "user_id": page.user_id,
        "userId": page.user_id,
        "timestamp": format_datetime(page.at.astimezone(UTC), usegmt=True),
        "session_id": page.session,
        "session_time": 0,
        "referrer": "",
        "analytics_version": VERSION,
        "page_details": {"page_layout": "FULL_PAGE", "page_name": page.name},
        "campaign_details": dict(page.campaign),
        "platform_details": platform(page.user_agent),
        "optional_payload": {},
    }


def page_name(label: str, *, is_program: bool) -> str:
    """SPIN_THE_WHEEL_GAME_PAGE, of the type "Spin the wheel"."""
    return f"{experience(label)}_{'PROGRAM' if is_program else 'GAME'}_PAGE"


def experience(label: str) -> str:
    """SPIN_THE_WHEEL: how the contract calls a type of campaign here."""
    return label.upper().replace(" ", "_").replace("-", "_")


def reward_interaction(
    campaign_type: str, user_id: str, glu_id: str, data: Mapping[str, Any]
) -> dict[str, Any]:
    """The raw event of a play on a page; `data` is the answer to it."""
    reward, outcome = data.get("reward") or {}, data.get("outcome") or {}
    return {
        "event_name": "reward_interaction",
        "user_id": user_id,
        "event_properties": {
            "page_name": "reward",
            "action": "PLAYED",
            "game_name": campaign_type,
            "state": data["status"],
            "campaign_id": data["campaignId"],
            "reward_user_id": data["rewardUserId"],
            "user_id": glu_id,
            "status": reward.get("status", NOT_KNOWN),
            "selected_slot_index": outcome.get("position"),
            "reward_name": reward.get("rewardName", outcome.get("name", NOT_KNOWN)),
            "reward_type": reward.get("rewardType", outcome.get("type", NOT_KNOWN)),
            # the code itself is in the reward's own webhook: this stream is for counting
            "code": NOT_KNOWN,
            "reward_amount": reward.get("rewardAmount"),
            "details": reward.get("details", {}),
        },
    }


def platform(user_agent: str) -> dict[str, str]:
    """What a browser says of itself, in the contract's few words."""
    text = user_agent.upper()
    in_app = "; WV)" in text or ("IPHONE" in text and "SAFARI/" not in text)
    is_phone = in_app or "MOBI" in text or "ANDROID" in text
    known = (name for mark, name in BROWSERS if mark in text)
    return {
        "device_type": "MOBILE" if is_phone else "WEB",
        "os": next(known, "SAFARI" if "SAFARI" in text else "OTHER"),
        "agent_type": "WEB_VIEW" if in_app else "BROWSER",
        "app_platform": _app_platform(text) if in_app else "WEB",
    }


def _app_platform(text: str) -> str:
    return "ANDROID" if "ANDROID" in text else "IOS"
