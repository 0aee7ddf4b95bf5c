"""What follows a play, however it came about: segments look again, and whoever waits is woken."""

from collections.abc import Callable

from django.db import connection, transaction

from campaigns import internal
from glu_admin.config import EnvironmentConfig
from glu_admin.observability import metrics
from glu_admin.webhooks import outbox
from rewards.shown import ShownReward
from users.segments import checks

PLAYED = {"campaign", "reward"}  # what kept segments may read that a play changes


def mark_watched(config: EnvironmentConfig, user_pk: int) -> None:
    """Let kept segments that read what a play changes look at this person again."""
    if PLAYED & checks.watched(config).needs:
        checks.mark_in(config.id, [user_pk])


def are_written(config: EnvironmentConfig) -> bool:
    """Whether a play writes more than itself: to be looked at again, or told to others."""
    return bool(PLAYED & checks.watched(config).needs) or internal.tells_of_plays(config)


def after_commit(step: Callable[[], None]) -> None:
    # to ask Django outside a transaction would take another connection
    if connection.in_atomic_block:
        transaction.on_commit(step)
    else:
        step()


def tell(reward: ShownReward | None) -> None:
    """After the commit: what is counted, and who is woken."""
    metrics.count_play(won=reward is not None)
    if reward is not None:
        metrics.count_reward(reward.reward_type)
        outbox.ring()
