"""A reward as pages show it: what it is, its code, its terms, and until when it can be used. Pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from campaigns.pages import times
from rewards.models import RewardType
from rewards.shown import ShownReward

ADDED_UP = {RewardType.POINTS, RewardType.COINS, RewardType.CASHBACKS}
STATES_OF_REWARDS = {"redeemed": "used", "expired": "expired", "revoked": "revoked"}


@dataclass(frozen=True)
class Card:
    """A reward as the page shows it. `status` is "ready", "used", "expired" or "revoked"."""

    name: str
    body: str
    code: str | None
    terms: tuple[str, ...]
    use_by: str
    status: str
    reward_user_id: str

    @property
    def is_ready(self) -> bool:
        return self.status == "ready"


def card_of(reward: ShownReward, now: datetime, zone: ZoneInfo) -> Card:
    status = STATES_OF_REWARDS.get(reward.state, "ready")
    ends = times.last_day(reward.expires_at, now, zone) if reward.expires_at else ""
    texts = {
        "ready": _("Use it by %(day)s") % {"day": ends} if ends else "",
        "used": _("Used"),
        "expired": _("Expired on %(day)s") % {"day": ends} if ends else _("Expired"),
        "revoked": _("Taken back"),
    }
    added = _("Added to your points") if reward.reward_type == RewardType.POINTS else ""
    return Card(
        name=reward.name,
        body=reward.body or added,
        code=reward.code if status == "ready" else None,
        terms=reward.terms,
        use_by=texts[status],
        status=status,
        reward_user_id=str(reward.reward_user_id),
    )
