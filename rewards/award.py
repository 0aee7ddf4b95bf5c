"""One draw, to the end: the ticket, the outcome, the code or the stock, the reward, the message.

`award` does it step by step in the caller's transaction. What has run out gives the table's
fallback outcome, as is published before the first play; the chances of the others stay as
they are. A draw is among the outcomes of one occasion. `promise` leaves the writing to the
statement that writes the play.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from glu_admin.webhooks import outbox
from rewards import coupons, fairness, ledger, odds
from rewards.coupons import ClaimedCoupon, PoolEmpty
from rewards.gifts import NOTHING, Gift
from rewards.ledger import Claimant
from rewards.models import Reward, Variant
from rewards.outcomes import FrozenTable, FrozenVariant
from rewards.shown import UNSEEN, ShownReward

__all__ = ["REWARD_WON", "Award", "Claimant", "award", "expiry", "promise"]

REWARD_WON = "reward.won"
NO_DETAILS: Mapping[str, Any] = {}


class StockGone(Exception):
    """As many as may be won of this outcome are won."""


@dataclass(frozen=True)
class Award:
    """What a draw gave. `drawn` is what the ticket fell on, before anything stood in for it.

    Of a promise, `gift` and its `values` are what the play's statement has to write.
    """

    variant: FrozenVariant
    ticket: int | None  # None: not drawn, but wished for by a test user
    drawn: FrozenVariant
    reward: ShownReward | None
    gift: Gift = NOTHING
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reward_id(self) -> UUID | None:
        return self.reward.id if self.reward else None


def award(
    config: EnvironmentConfig,
    table: FrozenTable,
    claimant: Claimant,
    *,
    now: datetime,
    occasion: str = "",
    details: Mapping[str, Any] = NO_DETAILS,
) -> Award:
    """Draw once for this claimant and give what was drawn; `details` are told with it, over its own."""
    ticket, drawn = _draw(table, claimant, occasion)
    variant, coupon = _secure(config, drawn, table.fallback, now)
    if not variant.is_prize:
        return Award(variant, ticket, drawn, None)
    reward = _won(claimant, variant, coupon, now, details)
    ledger.grant(_entry(config, claimant, variant, reward), coupon)
    outbox.put(config.id, REWARD_WON, reward.id)
    return Award(variant, ticket, drawn, reward)


def promise(
    config: EnvironmentConfig, table: FrozenTable, claimant: Claimant, *, now: datetime, occasion: str = ""
) -> Award:
    """The same draw, if nothing of what it needs has run out. Nothing is written yet."""
    ticket, drawn = _draw(table, claimant, occasion)
    gift = Gift(reward=drawn.is_prize, coupon=drawn.pool_id is not None, stock=drawn.stock_id is not None)
    values: dict[str, Any] = {"pool": drawn.pool_id, "chance": coupons.chance(), "stock": drawn.stock_id}
    if not gift.reward:
        return Award(drawn, ticket, drawn, None, gift, values)
    reward = _won(claimant, drawn, None, now)
    values |= _entry(config, claimant, drawn, reward)
    return Award(drawn, ticket, drawn, reward, gift, values | {"kind": REWARD_WON})


def _draw(table: FrozenTable, claimant: Claimant, occasion: str) -> tuple[int | None, FrozenVariant]:
    if claimant.wish is not None:
        return None, next(each for each in table.variants if each.id == claimant.wish)
    lot = table.lot(occasion)
    ticket = fairness.ticket(table.seed, str(claimant.reward_user_id), lot.total)
    return ticket, lot.variants[odds.pick(lot.weights, ticket)]


def _entry(
    config: EnvironmentConfig, claimant: Claimant, variant: FrozenVariant, reward: ShownReward
) -> dict[str, Any]:
    return ledger.values(
        config,
        claimant,
        variant,
        reward_id=reward.id,
        details=reward.details,
        expires_at=reward.expires_at,
        now=reward.won_at,
    )


def expiry(variant: FrozenVariant, coupon: ClaimedCoupon | None, now: datetime) -> datetime | None:
    """When the reward ends: by its own rule or with its coupon, whichever comes first; None: never."""
    ends = [coupon.expires_at] if coupon and coupon.expires_at else []
    if variant.expiry == Variant.Expiry.FIXED and variant.expires_at:
        ends.append(variant.expires_at)
    if variant.expiry == Variant.Expiry.RELATIVE and variant.expires_after_days:
        ends.append(now + timedelta(days=variant.expires_after_days))
    return min(ends, default=None)


def _won(
    claimant: Claimant,
    variant: FrozenVariant,
    coupon: ClaimedCoupon | None,
    now: datetime,
    details: Mapping[str, Any] = NO_DETAILS,
) -> ShownReward:
    """The reward as `shown.show` will find it; what the coupon's row tells is added to the details."""
    return ShownReward(
        id=uuid4(),
        transaction_id=claimant.transaction_id,
        reward_user_id=claimant.reward_user_id,
        campaign_id=claimant.campaign_id,
        campaign_type=claimant.campaign_type,
        variant_id=variant.id,
        name=variant.name,
        reward_type=variant.reward_type,
        amount=variant.amount,
        body=variant.body,
        terms=variant.terms,
        details={**variant.details, **(coupon.details if coupon else {}), **details},
        code=coupon.code if coupon else None,
        deep_link=variant.deep_link,
        expires_at=expiry(variant, coupon, now),
        won_at=now,
        state=Reward.State.WON.value,
        status=UNSEEN,
        user_id=claimant.user_id,
    )


def _secure(
    config: EnvironmentConfig, drawn: FrozenVariant, fallback: FrozenVariant, now: datetime
) -> tuple[FrozenVariant, ClaimedCoupon | None]:
    """The drawn outcome with its code and its piece of stock, or the fallback, which needs neither."""
    # only where both are needed can a code have to go back
    undo = transaction.atomic() if drawn.pool_id and drawn.stock_id else nullcontext()
    try:
        with undo:
            coupon = coupons.claim(config, drawn.pool_id, now=now) if drawn.pool_id else None
            if drawn.stock_id:
                _take_stock(config, drawn.stock_id)
    except (PoolEmpty, StockGone):
        return fallback, None
    return drawn, coupon


def _take_stock(config: EnvironmentConfig, stock_id: int) -> None:
    """One piece, or StockGone: waits for whoever takes the last one, so that it is true."""
    with hot.cursor() as cursor:
        cursor.execute(
            """
            UPDATE rewards_stock SET issued = issued + 1
            WHERE environment_id = %s AND id = %s AND issued < "limit"
            """,
            [config.id, stock_id],
        )
        if not cursor.rowcount:
            raise StockGone(f"Stock {stock_id} is used up.")
