"""Rewards as people and servers see them: with the code in clear, read at the edge and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from glu_admin import hot
from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from rewards import coupons, ledger
from rewards.models import Reward
from users import people

UNSEEN, SEEN = "redeemable-unseen", "redeemable-seen"


@dataclass(frozen=True)
class ShownReward:
    """One reward, complete. `state` says "expired" from the minute that it is."""

    id: UUID
    transaction_id: str
    reward_user_id: UUID
    campaign_id: UUID
    campaign_type: str
    variant_id: UUID
    name: str
    reward_type: str
    amount: int | None
    body: str
    terms: tuple[str, ...]
    details: Mapping[str, Any]
    code: str | None = field(repr=False)
    deep_link: str
    expires_at: datetime | None
    won_at: datetime
    state: str
    status: str
    user_id: str


_SELECT = """
    SELECT r.id, r.transaction_id, r.reward_user_id, r.campaign_id, r.campaign_type, r.variant_id,
        v.name, v.reward_type, v.amount, v.body, v.terms::text, r.details::text, v.deep_link,
        r.expires_at, r.won_at, r.state, coalesce(u.user_id, u.anonymous_id),
        r.pool_id, r.coupon_number, c.ciphertext, p.wrapped_key
    FROM rewards_reward r
    JOIN rewards_variant v ON v.id = r.variant_id
    JOIN users_enduser winner ON winner.id = r.user_id
    JOIN users_enduser u ON u.id = coalesce(winner.merged_into_id, winner.id)
    LEFT JOIN rewards_coupon c ON c.pool_id = r.pool_id AND c.number = r.coupon_number
    LEFT JOIN rewards_couponpool p ON p.id = r.pool_id
    WHERE r.environment_id = %s AND
"""


def show(
    config: EnvironmentConfig, reward_ids: Sequence[UUID], *, now: datetime | None = None
) -> dict[UUID, ShownReward]:
    """These rewards of the environment by id, in one statement; unknown ids are left out."""
    rows = _rows(config, "r.id = ANY(%s)", [list(reward_ids)], now)
    return {each.id: each for each in rows}


def of_person(config: EnvironmentConfig, user_pk: int, *, now: datetime) -> list[ShownReward]:
    """All that a person has won, as a visitor too, the newest first."""
    condition = f"r.user_id IN ({people.IDS_OF}) ORDER BY r.won_at DESC, r.id"
    return _rows(config, condition, [user_pk, config.id, user_pk], now)


def mark_seen(config: EnvironmentConfig, user_pk: int, reward_id: UUID, *, now: datetime) -> None:
    """The person has seen it; raises ApiError for a reward that is not theirs."""
    try:
        ledger.see(config, user_pk, reward_id, now=now)
    except ledger.NotPossible:
        raise ApiError("reward_not_found", "This person has no such reward.", status=404) from None


def _rows(
    config: EnvironmentConfig, condition: str, values: list[Any], now: datetime | None
) -> list[ShownReward]:
    with hot.cursor() as cursor:
        cursor.execute(f"{_SELECT} {condition}", [config.id, *values])
        return [_shown(config, row, now) for row in cursor.fetchall()]


def _shown(config: EnvironmentConfig, row: tuple[Any, ...], now: datetime | None) -> ShownReward:
    *plain, pool_id, number, ciphertext, wrapped_key = row
    known = dict(zip(_NAMES, plain, strict=True))
    known["terms"] = tuple(orjson.loads(known["terms"]))
    known["details"] = orjson.loads(known["details"])
    status = UNSEEN if known["state"] == Reward.State.WON else SEEN
    if now and known["expires_at"] and known["expires_at"] <= now and known["state"] in _OPEN:
        known["state"] = Reward.State.EXPIRED.value
    code = None
    if ciphertext is not None:
        code = coupons.open_code(config.key, pool_id, number, ciphertext, wrapped_key)
    return ShownReward(**known, status=status, code=code)


_OPEN = {Reward.State.WON, Reward.State.SEEN}
_NAMES = (
    "id",
    "transaction_id",
    "reward_user_id",
    "campaign_id",
    "campaign_type",
    "variant_id",
    "name",
    "reward_type",
    "amount",
    "body",
    "terms",
    "details",
    "deep_link",
    "expires_at",
    "won_at",
    "state",
    "user_id",
)
