"""The ledger: the only writer of rewards and of the entries that record each change of value.

A reward and its entry are written by one statement, so neither can be without the other.
States move along one graph, which a trigger guards too: won → seen → redeemed; won or seen →
expired or revoked; redeemed → revoked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from rewards.coupons import ClaimedCoupon
from rewards.models import LedgerEntry, Reward
from rewards.outcomes import FrozenVariant
from users import people

_State, _Kind = Reward.State, LedgerEntry.Kind
BEFORE = {
    _State.SEEN: (_State.WON,),
    _State.REDEEMED: (_State.SEEN,),
    _State.EXPIRED: (_State.WON, _State.SEEN),
    _State.REVOKED: (_State.WON, _State.SEEN, _State.REDEEMED),
}
ENTRY = {_State.REDEEMED: _Kind.REDEEM, _State.EXPIRED: _Kind.EXPIRE, _State.REVOKED: _Kind.REVOKE}

# Both rows as parts of a statement: `source` has one row if it comes to pass, and else none.
_PARTS = """
    reward AS (
        INSERT INTO rewards_reward (id, environment_id, user_id, campaign_id, campaign_type, variant_id,
            reward_user_id, transaction_id, pool_id, coupon_number, details, state, expires_at, won_at)
        SELECT %(reward)s, %(environment)s, %(user)s, %(campaign)s, %(campaign_type)s, %(variant)s,
            %(reward_user)s, %(transaction)s, %(pool)s, {number}, {details}, 'won', {expires_at}, %(now)s
        FROM {source}
    ), entry AS (
        INSERT INTO rewards_ledgerentry (environment_id, reward_id, user_id, kind, reward_type, amount, at)
        SELECT %(environment)s, %(reward)s, %(user)s, 'award', %(type)s, %(amount)s, %(now)s FROM {source}
    )"""


class NotPossible(Exception):
    """The reward does not exist here, or its state does not lead to the wanted one."""


@dataclass(frozen=True)
class Claimant:
    """Who wins, in which campaign, and the names that make the win unique."""

    user_pk: int
    campaign_id: UUID
    campaign_type: str
    reward_user_id: UUID
    transaction_id: str
    user_id: str  # the client's own id, or the anonymous one
    wish: UUID | None = None  # the outcome that a test user wants, in place of a draw


def parts(
    source: str,
    *,
    number: str = "%(number)s",
    details: str = "%(details)s",
    expires_at: str = "%(expires_at)s",
) -> str:
    """A grant as parts of a larger statement, with `values` among its own; the rest may be expressions."""
    return _PARTS.format(source=source, number=number, details=details, expires_at=expires_at)


_GRANT = f"WITH {parts('(SELECT) one')} SELECT"


def values(
    config: EnvironmentConfig,
    claimant: Claimant,
    variant: FrozenVariant,
    *,
    reward_id: UUID,
    details: Mapping[str, Any],
    expires_at: datetime | None,
    now: datetime,
) -> dict[str, Any]:
    """What `parts` are filled with, but for the coupon's number."""
    return {
        "reward": reward_id,
        "environment": config.id,
        "user": claimant.user_pk,
        "campaign": claimant.campaign_id,
        "campaign_type": claimant.campaign_type,
        "variant": variant.id,
        "reward_user": claimant.reward_user_id,
        "transaction": claimant.transaction_id,
        "pool": variant.pool_id,
        "details": orjson.dumps(details).decode(),
        "expires_at": expires_at,
        "now": now,
        "type": variant.reward_type,
        "amount": variant.amount or 0,
    }


def grant(known: Mapping[str, Any], coupon: ClaimedCoupon | None) -> None:
    """Write one reward and its entry, from `values`, in the caller's transaction."""
    hot.rows(_GRANT, {**known, "number": coupon.number if coupon else None})


def see(config: EnvironmentConfig, user_pk: int, reward_id: UUID, *, now: datetime) -> None:
    """The person has seen it; seeing it again changes nothing. Raises NotPossible."""
    owners = people.ids_of(config.id, user_pk)  # what was won as a visitor is theirs too
    with hot.cursor() as cursor:
        cursor.execute(
            """
            WITH seen AS (
                UPDATE rewards_reward SET state = 'seen', seen_at = %s
                WHERE environment_id = %s AND user_id = ANY(%s) AND id = %s AND state = 'won'
            )
            SELECT EXISTS (
                SELECT FROM rewards_reward WHERE environment_id = %s AND user_id = ANY(%s) AND id = %s
            )
            """,
            [now, config.id, owners, reward_id, config.id, owners, reward_id],
        )
        if not cursor.fetchone()[0]:
            raise NotPossible("This person has no such reward.")


def move(config: EnvironmentConfig, reward_id: UUID, state: Reward.State, *, now: datetime) -> None:
    """Redeem, expire or revoke, with the entry that says so; raises NotPossible."""
    with hot.cursor() as cursor:
        cursor.execute(
            """
            WITH moved AS (
                UPDATE rewards_reward r SET state = %s FROM rewards_variant v
                WHERE r.environment_id = %s AND r.id = %s AND r.state = ANY(%s) AND v.id = r.variant_id
                RETURNING r.id, r.environment_id, r.user_id, v.reward_type, v.amount
            )
            INSERT INTO rewards_ledgerentry (
                environment_id, reward_id, user_id, kind, reward_type, amount, at)
            SELECT environment_id, id, user_id, %s, reward_type, -coalesce(amount, 0), %s FROM moved
            """,
            [state, config.id, reward_id, list(BEFORE[state]), ENTRY[state], now],
        )
        if not cursor.rowcount:
            raise NotPossible(f"This reward can't become {state}.")
