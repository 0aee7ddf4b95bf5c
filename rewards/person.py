"""What the console tells of one person's rewards, and who was given a coupon code."""

from collections.abc import Sequence
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone

from glu_admin import config as configs
from glu_admin import crypto
from glu_admin.console.access import ConsoleRequest
from glu_admin.workspaces.models import Environment
from rewards import shown
from rewards.models import Coupon, Reward, RewardType
from rewards.shown import ShownReward
from users.console import finding, tabs
from users.models import EndUser

MOST = 100
TAIL = 4  # characters of a code that support compares with what somebody reads out
TONES = {"won": "info", "seen": "info", "redeemed": "good", "revoked": "bad"}


def register() -> None:
    tabs.register("rewards", "Rewards", _rewards, 60)
    finding.register("coupon", holders)


def holders(environment_id: UUID, code: str) -> list[int]:
    """The keys of whom this code was given to, found without opening any code."""
    config = configs.get(environment_id)
    if config is None:
        return []
    blind = crypto.blind_index(config.key, code)
    coupon = Coupon.objects.filter(environment_id=environment_id, blind_index=blind).first()
    if coupon is None:
        return []
    given = Reward.objects.filter(pool_id=coupon.pool_id, coupon_number=coupon.number)
    return list(given.filter(environment_id=environment_id).values_list("user_id", flat=True))


def _rewards(request: ConsoleRequest, env: Environment, person: EndUser, pks: Sequence[int]) -> str:
    config = configs.get(env.id)
    found = shown.of_person(config, person.pk, now=timezone.now()) if config else []
    facts = {"lines": [_line(each) for each in found[:MOST]], "more": len(found) - MOST}
    return render_to_string("rewards/person.html", facts, request)


def _line(reward: ShownReward) -> tuple[ShownReward, str, str, str, str]:
    """The reward, its kind and state in words, the tone of that, and the end of its code."""
    state = Reward.State(reward.state)
    return (
        reward,
        RewardType(reward.reward_type).label,
        state.label,
        TONES.get(state.value, "plain"),
        _tail(reward.code),
    )


def _tail(code: str | None) -> str:
    """Never so much that a short code could be guessed."""
    return f"…{code[-TAIL:]}" if code and len(code) > 2 * TAIL else "hidden" if code else ""
