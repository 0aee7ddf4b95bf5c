"""What each spin of the month drew: the real draw, under seeds that are known beforehand.

Pure. Only the past is drawn with known seeds; the wheel's present version has a secret one,
so that nobody can tell from this file what a spin of today will give.
"""

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from campaigns import entries
from campaigns.demo import brand
from campaigns.demo.calendar import Spin
from rewards import fairness, odds


@dataclass(frozen=True)
class Draw:
    """A spin with its result. `version` counts the wheel's tables from 0."""

    spin: Spin
    attempt: int
    reward_user_id: UUID
    version: int
    ticket: int
    position: int
    prize: brand.Prize


def seed(campaign: str, version: int) -> bytes:
    return hashlib.sha256(f"{brand.SEED}:{campaign}:{version}".encode()).digest()


def draw_all(
    campaign: str,
    spins: Sequence[Spin],
    glu_ids: Sequence[UUID],
    changed_from: int,
    prizes: Sequence[brand.Prize] = brand.WHEEL,
) -> list[Draw]:
    """One draw a spin, in order; those from the place `changed_from` on use the second version."""
    attempts: dict[int, int] = defaultdict(int)
    draws = []
    for place, spin in enumerate(spins):
        attempts[spin.person] += 1
        version = int(place >= changed_from)
        name = entries.reward_user_id(campaign_id(campaign), glu_ids[spin.person], attempts[spin.person])
        weights = [each.weights[version] for each in prizes]
        ticket = fairness.ticket(seed(campaign, version), str(name), sum(weights))
        position = odds.pick(weights, ticket)
        draws.append(Draw(spin, attempts[spin.person], name, version, ticket, position, prizes[position]))
    return draws


def campaign_id(campaign: str) -> UUID:
    return uuid.uuid5(brand.NAMESPACE, f"campaign:{campaign}")


def codes_needed(draws: Sequence[Draw]) -> Counter[str]:
    """How many codes of each pool these draws take."""
    return Counter(each.prize.pool for each in draws if each.prize.pool)
