"""What rewards hold of a person. Sums need them, so they stay, under a number that names nobody.

What is still to be told of them is cancelled, and what was said of them is forgotten.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from glu_admin import config as configs
from glu_admin.webhooks import subjects
from glu_admin.workspaces.models import Environment
from rewards import shown
from rewards.award import REWARD_WON
from rewards.models import LedgerEntry, Reward
from rewards.timeline import reward_ids
from users.privacy import parts


def register() -> None:
    parts.register(
        "rewards",
        rewards,
        empty_details,
        count=parts.counted(_rewards),
        keeps="Budgets, stocks and coupon pools count them; a code that was given stays taken.",
    )
    parts.register(
        "ledger",
        ledger,
        count=parts.counted(_ledger),
        keeps="The books must still add up. An entry names nobody.",
    )
    parts.register(
        "webhooks",
        webhooks,
        forget,
        count=count_webhooks,
        keeps="They prove what your server was told, and when; what it answered is forgotten.",
        cancel=cancel,
    )


def rewards(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    """With the person's own codes, in clear."""
    config = configs.get(environment.id)
    if config is None:
        return
    found = shown.show(config, reward_ids(environment, pks), now=timezone.now())
    for each in sorted(found.values(), key=lambda reward: (reward.won_at, reward.id)):
        yield {
            "rewardId": str(each.id),
            "transactionId": each.transaction_id,
            "rewardUserId": str(each.reward_user_id),
            "campaignId": str(each.campaign_id),
            "campaignType": each.campaign_type,
            "name": each.name,
            "rewardType": each.reward_type,
            "amount": each.amount,
            "code": each.code,
            "details": dict(each.details),
            "state": each.state,
            "wonAt": each.won_at.isoformat(),
            "expiresAt": each.expires_at and each.expires_at.isoformat(),
        }


def _rewards(environment: Environment, pks: Sequence[int]) -> QuerySet[Reward]:
    return Reward.objects.filter(environment=environment, user_id__in=list(pks))


def empty_details(environment: Environment, pks: Sequence[int]) -> int:
    """Details are free text of a coupon list's columns, which may be about one person."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL glu.maintenance = 'on'")
        cursor.execute(
            "UPDATE rewards_reward SET details = '{}'"
            " WHERE environment_id = %s AND user_id = ANY(%s) AND details <> '{}'",
            [environment.id, list(pks)],
        )
        emptied = int(cursor.rowcount)
        cursor.execute("SET LOCAL glu.maintenance = 'off'")
    return emptied


def drop_details(
    environment: Environment, pks: Sequence[int], *, key: str, values: Sequence[str], dropped: Sequence[str]
) -> int:
    """Take `dropped` out of the details of these people's rewards where `key` is one of `values`;
    for what rewards of others say of somebody who is erased. Returns how many rewards said it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL glu.maintenance = 'on'")
        cursor.execute(
            "UPDATE rewards_reward SET details = details - %s::text[]"
            " WHERE environment_id = %s AND user_id = ANY(%s) AND details ->> %s = ANY(%s)",
            [list(dropped), environment.id, list(pks), key, list(values)],
        )
        changed = int(cursor.rowcount)
        cursor.execute("SET LOCAL glu.maintenance = 'off'")
    return changed


def ledger(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in _ledger(environment, pks).order_by("id"):
        yield {
            "rewardId": str(row.reward_id),
            "kind": row.kind,
            "rewardType": row.reward_type,
            "amount": row.amount,
            "at": row.at.isoformat(),
        }


def _ledger(environment: Environment, pks: Sequence[int]) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(environment=environment, user_id__in=list(pks))


def webhooks(environment: Environment, pks: Sequence[int]) -> Iterator[dict[str, Any]]:
    for each in subjects.deliveries(environment.id, REWARD_WON, reward_ids(environment, pks)):
        moments = {key: each[key] and each[key].isoformat() for key in ("createdAt", "deliveredAt")}
        named = {key: str(each[key]) for key in ("deliveryId", "subjectId")}
        yield each | moments | named


def count_webhooks(environment: Environment, pks: Sequence[int]) -> int:
    return subjects.count(environment.id, REWARD_WON, reward_ids(environment, pks))


def forget(environment: Environment, pks: Sequence[int]) -> int:
    return subjects.forget(environment.id, REWARD_WON, reward_ids(environment, pks))


def cancel(environment: Environment, pks: Sequence[int]) -> list[dict[str, Any]]:
    return subjects.cancel(environment.id, REWARD_WON, reward_ids(environment, pks))
