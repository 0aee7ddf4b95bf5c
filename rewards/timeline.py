"""What a person's timeline tells of rewards: what was won and became of it, and who was told.

Of a code only that there is one. A person's own rewards are few, so each page reads all of them
along the index of their user.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from glu_admin.webhooks import endpoints, subjects
from glu_admin.workspaces.models import Environment
from rewards.award import REWARD_WON
from users.history import timeline
from users.history.timeline import Entry

REWARD, WEBHOOK = "reward", "webhook"

# MATERIALIZED: else the planner may walk the whole ledger backwards, hoping to meet this person soon
_ENTRIES = """
WITH mine AS MATERIALIZED (
    SELECT e.id, e.at, e.kind, e.amount, e.reward_id FROM rewards_ledgerentry e
     WHERE e.environment_id = %(environment)s AND e.user_id = ANY(%(pks)s)
)
SELECT mine.id, mine.at, mine.kind, mine.amount, r.id, r.transaction_id, r.campaign_id, r.state,
       r.expires_at, r.pool_id IS NOT NULL, v.name, v.reward_type
  FROM mine JOIN rewards_reward r ON r.id = mine.reward_id JOIN rewards_variant v ON v.id = r.variant_id
 WHERE mine.id < %(before)s ORDER BY mine.id DESC LIMIT %(limit)s
"""
_TITLES = {
    "award": "Won {name}",
    "redeem": "Redeemed {name}",
    "expire": "{name} expired",
    "revoke": "{name} was revoked",
}
_STATES = {
    "pending": "waiting to be sent",
    "leased": "being sent",
    "delivered": "delivered",
    "exhausted": "given up",
    "held": "held back",
    "cancelled": "cancelled",
}


def register() -> None:
    timeline.register(REWARD, "Rewards", rewards)
    timeline.register(WEBHOOK, "Webhooks", webhooks)


def rewards(environment: Environment, pks: Sequence[int], after: str | None, limit: int) -> list[Entry]:
    """Each change of value that the ledger has of this person."""
    values: dict[str, Any] = {
        "environment": environment.id,
        "pks": list(pks),
        "before": timeline.number(after),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, values)
        return [_reward(row) for row in cursor.fetchall()]


def webhooks(environment: Environment, pks: Sequence[int], after: str | None, limit: int) -> list[Entry]:
    """How each endpoint was told of this person's rewards."""
    found = subjects.deliveries(
        environment.id,
        REWARD_WON,
        reward_ids(environment, pks),
        before=timeline.moment(after),
        limit=limit,
    )
    here = endpoints.receiver_path(environment.id)
    return [_delivery(each, here) for each in found]


def reward_ids(environment: Environment, pks: Sequence[int]) -> list[UUID]:
    """All that these people won."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM rewards_reward WHERE environment_id = %s AND user_id = ANY(%s)",
            [environment.id, list(pks)],
        )
        return [row[0] for row in cursor.fetchall()]


def _reward(row: tuple[Any, ...]) -> Entry:
    number, at, kind, amount, reward_id, transaction_id, campaign_id, state, expires_at, *rest = row
    has_code, name, reward_type = rest
    detail = {
        "rewardId": str(reward_id),
        "transactionId": transaction_id,
        "campaignId": str(campaign_id),
        "name": name,
        "rewardType": reward_type,
        "change": kind,
        "amount": amount,
        "state": state,
        "hasCode": has_code,
        "expiresAt": expires_at and expires_at.isoformat(),
    }
    return Entry(at, REWARD, _TITLES[kind].format(name=name), detail, str(number))


def _delivery(known: dict[str, Any], here: str) -> Entry:
    """`here` is the address of the built-in receiver, which is no address that anybody knows."""
    at, delivered_at = known["createdAt"], known["deliveredAt"]
    detail = {
        "deliveryId": str(known["deliveryId"]),
        "rewardId": str(known["subjectId"]),
        "kind": known["kind"],
        "endpoint": known["endpoint"],
        "state": known["state"],
        "tries": known["tries"],
        "lastStatus": known["lastStatus"],
        "deliveredAt": delivered_at and delivered_at.isoformat(),
    }
    where = "the webhook receiver" if known["endpoint"] == here else known["endpoint"]
    title = f"Webhook {known['kind']} to {where}, {_STATES[known['state']]}"
    return Entry(at, WEBHOOK, title, detail, timeline.moment_ref(at, known["deliveryId"]))
