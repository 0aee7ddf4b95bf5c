"""The reward webhook's body: the public contract's 14 keys, in its order, made when it is sent."""

from uuid import UUID

from glu_admin.config import EnvironmentConfig
from rewards.shown import ShownReward, show

NEVER = -1
NO_TERMS = ["NA"]  # as the contract's sample has it: a receiver may read the first line unasked


class RewardGone(LookupError):
    """The reward is not in this environment any more."""


def render(config: EnvironmentConfig, reward_id: UUID) -> dict[str, object]:
    """The body for one reward; raises RewardGone."""
    reward = show(config, [reward_id]).get(reward_id)
    if reward is None:
        raise RewardGone(f"Reward {reward_id} does not exist any more.")
    return body(reward)


def body(reward: ShownReward) -> dict[str, object]:
    return {
        "campaignId": str(reward.campaign_id),
        "type": reward.campaign_type,
        "rewardType": reward.reward_type,
        "userId": reward.user_id,
        "rewardId": str(reward.id),
        "status": reward.status,
        "transactionId": reward.transaction_id,
        "rewardName": reward.name,
        "rewardAmount": reward.amount,
        "body": reward.body,
        "rewardExpiry": int(reward.expires_at.timestamp()) if reward.expires_at else NEVER,
        "tnc": list(reward.terms) or NO_TERMS,
        "code": reward.code,
        "details": dict(reward.details),
    }
