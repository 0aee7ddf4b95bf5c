"""The answer to a play: made once, stored without the coupon's code, and shown the same for ever.

The database keeps JSON in an order of its own, so both the first answer and every replay
are shown from what it stored; the code is put in at the edge, where it is decrypted.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from campaigns.catalog import CatalogCampaign, as_outcome
from campaigns.eligibility import Standing
from campaigns.types.base import Moment, State
from glu_admin.config import EnvironmentConfig
from rewards import shown
from rewards.award import Award
from rewards.shown import ShownReward

KEYS = (
    "playId", "campaignId", "rewardUserId", "status", "won", "outcome",
    "selected_slot_index", "reveal",
    "playsLeft", "playsLeftToday", "nextPlayAt", "fairness", "reward",
)  # fmt: skip
OUTCOME_KEYS = ("id", "name", "type", "position")
FAIRNESS_KEYS = ("tableVersion", "commitment", "ticket")
REWARD_KEYS = (
    "rewardId", "transactionId", "rewardType", "rewardName", "rewardAmount", "body", "tnc",
    "code", "rewardExpiry", "status", "details", "deepLink",
)  # fmt: skip
NEVER = -1  # how the contract says that a reward does not expire


def made(
    campaign: CatalogCampaign,
    *,
    play_id: UUID,
    reward_user_id: UUID,
    award: Award | None,
    after: Standing,
    state: State,
) -> dict[str, Any]:
    """What is stored of a play, which left the person in this state. Holds no code."""
    drawn = as_outcome(award.variant) if award else None
    return {
        "playId": str(play_id),
        "campaignId": str(campaign.id),
        "rewardUserId": str(reward_user_id),
        "status": after.status,
        "won": bool(drawn and drawn.is_prize),
        "outcome": _outcome(award) if award else None,
        "reveal": campaign.kind.reveal(campaign.config, campaign.outcomes, drawn, state),
        "playsLeft": after.plays_left,
        "playsLeftToday": after.plays_left_today,
        "nextPlayAt": timestamp(after.next_play_at),
        "fairness": {
            "tableVersion": campaign.table.version,
            "commitment": campaign.table.commitment,
            "ticket": award.ticket if award else None,
        },
        "reward": told_reward(award.reward) if award and award.reward else None,
    }


def moved(
    campaign: CatalogCampaign, *, reward_user_id: UUID, after: Standing, state: State, moment: Moment
) -> dict[str, Any]:
    """What a move within a play is answered: how the game stands, and nothing of a result."""
    way = campaign.kind.way(campaign.config, state, moment)
    return {
        "campaignId": str(campaign.id),
        "rewardUserId": str(reward_user_id),
        "status": after.status,
        "game": campaign.kind.view(campaign.config, state, campaign.outcomes, moment),
        "stepsCompleted": way.done if way else None,
        "totalSteps": way.total if way else None,
        "playsLeft": after.plays_left,
        "playsLeftToday": after.plays_left_today,
        "nextPlayAt": timestamp(after.next_play_at),
    }


def with_coupon(answer: str, details: str, expires_at: str) -> str:
    """SQL for an answer whose reward is completed by the coupon that the same statement takes."""
    return f"""
        {answer} || jsonb_build_object('reward', ({answer} -> 'reward') || jsonb_build_object(
            'details', {details},
            'rewardExpiry', coalesce(floor(extract(epoch FROM {expires_at}))::bigint, {NEVER})))"""


def from_store(config: EnvironmentConfig, stored: str, reward: ShownReward | None = None) -> dict[str, Any]:
    """The stored answer as people see it; `reward` saves the look-up if it is at hand."""
    data = _ordered(orjson.loads(stored), KEYS)
    # the contract's name for where the outcome stands among all
    data["selected_slot_index"] = data["outcome"]["position"] if data["outcome"] else None
    data["fairness"] = _ordered(data["fairness"], FAIRNESS_KEYS)
    if data["outcome"]:
        data["outcome"] = _ordered(data["outcome"], OUTCOME_KEYS)
    if data["reward"]:
        data["reward"] = _ordered(data["reward"], REWARD_KEYS)
        data["reward"]["code"] = _code(config, UUID(data["reward"]["rewardId"]), reward)
    return data


def timestamp(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None


def _outcome(award: Award) -> dict[str, Any]:
    variant = award.variant
    return {
        "id": str(variant.id),
        "name": variant.name,
        "type": variant.reward_type,
        "position": variant.position,
    }


def told_reward(reward: ShownReward) -> dict[str, Any]:
    """A reward under the contract's names, but for its code."""
    return {
        "rewardId": str(reward.id),
        "transactionId": reward.transaction_id,
        "rewardType": reward.reward_type,
        "rewardName": reward.name,
        "rewardAmount": reward.amount,
        "body": reward.body,
        "tnc": list(reward.terms),
        "rewardExpiry": int(reward.expires_at.timestamp()) if reward.expires_at else NEVER,
        "status": reward.status,
        "details": dict(reward.details),
        "deepLink": reward.deep_link,
    }


def _ordered(data: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: data.get(key) for key in keys}


def _code(config: EnvironmentConfig, reward_id: UUID, at_hand: ShownReward | None) -> str | None:
    found = at_hand or shown.show(config, [reward_id]).get(reward_id)
    return found.code if found else None
