"""The webhooks of the month: one a reward, an hour in which the receiver failed, and retries.

The only bulk writer of demo messages, deliveries and attempts.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from campaigns.demo import brand
from campaigns.demo.bulk import copy_rows
from glu_admin.webhooks import backoff
from glu_admin.webhooks.models import Attempt, Delivery, Endpoint, OutboxMessage
from rewards.award import REWARD_WON
from rewards.models import Reward

FAILS_IN_OUTAGE, FAILS_ELSE = 0.75, 0.008
SETTLED = timedelta(minutes=10)  # the last tries of what failed must not lie in the future
PROBLEM = "It answered 502; a webhook is taken with 200 to 299."


@dataclass(frozen=True)
class Try:
    at: datetime
    is_good: bool
    milliseconds: int


def insert_deliveries(
    endpoint: Endpoint, rewards: Sequence[Reward], outage: datetime, rng: Random, now: datetime
) -> None:
    """One message and one delivery a reward, with the attempts that it took."""
    environment_id = endpoint.environment_id
    messages = [
        OutboxMessage(
            environment_id=environment_id,
            kind=REWARD_WON,
            subject_id=reward.id,
            created_at=reward.won_at,
            fanned_out_at=reward.won_at + timedelta(seconds=rng.uniform(0.05, 0.4)),
        )
        for reward in rewards
    ]
    copy_rows(messages)
    deliveries, attempts = [], []
    for message in messages:
        tries = list(_tries(message.created_at, outage, rng, now))
        delivery = _delivery(endpoint, message, tries)
        deliveries.append(delivery)
        attempts += [_attempt(delivery, number, each) for number, each in enumerate(tries, start=1)]
    copy_rows(deliveries)
    copy_rows(attempts)


def _tries(at: datetime, outage: datetime, rng: Random, now: datetime) -> Iterator[Try]:
    may_fail = at < now - SETTLED
    at += timedelta(seconds=rng.uniform(0.4, 0.9))
    for number in range(1, backoff.TRIES + 1):
        in_outage = outage <= at < outage + brand.OUTAGE
        is_good = rng.random() >= (FAILS_IN_OUTAGE if in_outage else FAILS_ELSE) or not may_fail
        yield Try(at, is_good, int(rng.lognormvariate(3.7, 0.4)) if is_good else rng.randrange(900, 2400))
        wait = backoff.wait_after(number, rng.uniform(-1, 1))
        if is_good or wait is None:
            return
        at += wait


def _delivery(endpoint: Endpoint, message: OutboxMessage, tries: Sequence[Try]) -> Delivery:
    last = tries[-1]
    ended = last.at + timedelta(milliseconds=last.milliseconds)
    return Delivery(
        id=uuid.uuid5(message.subject_id, "delivery"),
        environment_id=endpoint.environment_id,
        message=message,
        endpoint=endpoint,
        state=Delivery.State.DELIVERED if last.is_good else Delivery.State.EXHAUSTED,
        tries=len(tries),
        next_at=last.at,
        lease_no=len(tries),
        created_at=message.fanned_out_at or message.created_at,
        delivered_at=ended if last.is_good else None,
    )


def _attempt(delivery: Delivery, number: int, made: Try) -> Attempt:
    return Attempt(
        environment_id=delivery.environment_id,
        delivery=delivery,
        number=number,
        started_at=made.at,
        milliseconds=made.milliseconds,
        status=200 if made.is_good else 502,
        problem="" if made.is_good else PROBLEM,
    )
