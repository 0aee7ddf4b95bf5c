"""The reward webhook's body: the public contract's 14 keys, in its order, made when it is sent."""

from uuid import UUID

from glu_admin.config import EnvironmentConfig
from rewards.shown import ShownReward, show

NEVER = -1
NO_TERMS = ["NA"]  # as the contract's sample has it: a receiver may read the first line unasked


def render(config: EnvironmentConfig, reward_id: UUID) -> dict[str, object] | None:
    """The body for one reward; None if it is gone, or if its person was erased: then nobody is told."""
    reward = show(config, [reward_id]).get(reward_id)
    return body(reward) if reward and reward.user_id else None


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
