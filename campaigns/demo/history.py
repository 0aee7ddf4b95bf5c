"""A month of plays as rows: participations, plays, rewards, the ledger and the claims of codes.

The only bulk writer of these tables. Each row is what the engine would have written: the
same answers, the same counters, one code a reward.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import orjson

from campaigns import answers, eligibility, entries
from campaigns.catalog import CatalogCampaign
from campaigns.demo import brand
from campaigns.demo.bulk import copy_rows
from campaigns.demo.draws import Draw
from campaigns.eligibility import NOT_BEGUN, Progress
from campaigns.models import Participation, Play
from campaigns.types.base import Moment
from glu_admin.config import EnvironmentConfig
from rewards.award import Award, expiry
from rewards.models import CouponClaim, CouponCursor, LedgerEntry, Reward
from rewards.outcomes import FrozenVariant
from rewards.shown import UNSEEN, ShownReward
from users.models import EndUser

FINGERPRINT = hashlib.sha256(orjson.dumps({})).digest()
SEEN, REDEEMED = 0.72, 0.45  # of the rewards; of the seen coupons and free items


@dataclass
class History:
    """The rows so far, and how far each person is."""

    progress: dict[int, Progress] = field(default_factory=dict)
    begun: dict[int, datetime] = field(default_factory=dict)
    ended: dict[int, datetime] = field(default_factory=dict)
    plays: list[Play] = field(default_factory=list)
    rewards: list[Reward] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)
    claims: list[CouponClaim] = field(default_factory=list)


class Codes:
    """Gives out the numbers of pools as claims do: from a cursor picked by chance."""

    def __init__(self, cursors: Iterable[CouponCursor], rng: Random) -> None:
        self.cursors = list(cursors)
        self.rng = rng

    def claim(self, pool_id: UUID) -> int:
        open_ones = [
            each for each in self.cursors if each.pool_id == pool_id and each.next_number <= each.last_number
        ]
        cursor = self.rng.choice(open_ones)
        cursor.next_number += 1
        return cursor.next_number - 1


class Historian:
    """Turns the draws of one campaign into rows, in order of time."""

    def __init__(
        self,
        config: EnvironmentConfig,
        versions: Sequence[CatalogCampaign],
        people: Sequence[EndUser],
        codes: Codes,
        rng: Random,
    ) -> None:
        self.config = config
        self.versions = versions
        self.people = people
        self.codes = codes
        self.rng = rng
        self.history = History()

    def tell(self, draws: Sequence[Draw], now: datetime) -> History:
        for draw in draws:
            self._play(draw, now)
        return self.history

    def _play(self, draw: Draw, now: datetime) -> None:
        campaign, person = self.versions[draw.version], self.people[draw.spin.person]
        variant = campaign.table.variants[draw.position]
        reward = self._reward(campaign, person, draw, variant, now) if variant.is_prize else None
        after = self._advance(campaign, draw, won=reward is not None)
        reward_id = reward.id if reward else None
        play_id = uuid.uuid5(draw.reward_user_id, "play")
        answer = answers.made(
            campaign,
            play_id=play_id,
            reward_user_id=draw.reward_user_id,
            award=Award(variant, draw.ticket, variant, _shown(reward, variant, person) if reward else None),
            after=eligibility.standing(campaign, after, draw.spin.at),
            state=after.state,
        )
        self.history.plays.append(
            Play(
                id=play_id,
                environment_id=self.config.id,
                campaign_id=campaign.id,
                user=person,
                attempt=draw.attempt,
                idempotency_key=f"demo-{draw.reward_user_id}",
                fingerprint=FINGERPRINT,
                campaign_version=campaign.version,
                occasion=variant.occasion,
                variant_id=variant.id,
                ticket=draw.ticket,
                reward_id=reward_id,
                answer=answer,
                local_day=draw.spin.day,
                played_at=draw.spin.at,
            )
        )

    def _advance(self, campaign: CatalogCampaign, draw: Draw, *, won: bool) -> Progress:
        number, spin = draw.spin.person, draw.spin
        before = self.history.progress.get(number, NOT_BEGUN)
        is_last = campaign.plays_in_all == before.plays + 1
        after = Progress(
            status="completed" if is_last else "in-progress",
            plays=before.plays + 1,
            plays_on_day=before.plays_on_day + 1 if before.day == spin.day else 1,
            day=spin.day,
            wins=before.wins + won,
            state=campaign.kind.act(
                campaign.config, before.state, {}, Moment(spin.at, campaign.time_zone)
            ).state,
        )
        self.history.progress[number] = after
        self.history.begun.setdefault(number, spin.at - timedelta(seconds=self.rng.randrange(8, 90)))
        self.history.ended[number] = spin.at
        return after

    def _reward(
        self, campaign: CatalogCampaign, person: EndUser, draw: Draw, variant: FrozenVariant, now: datetime
    ) -> Reward:
        won_at = draw.spin.at
        number = self._claim(variant.pool_id, won_at) if variant.pool_id else None
        reward = Reward(
            id=uuid.uuid5(draw.reward_user_id, "reward"),
            environment_id=self.config.id,
            user=person,
            campaign_id=campaign.id,
            campaign_type=campaign.type,
            variant_id=variant.id,
            reward_user_id=draw.reward_user_id,
            transaction_id=entries.transaction_id(self.config, campaign.id, person.glu_id, draw.attempt),
            pool_id=variant.pool_id,
            coupon_number=number,
            details=dict(variant.details),
            expires_at=expiry(variant, None, won_at),
            won_at=won_at,
        )
        self._enter(reward, variant, LedgerEntry.Kind.AWARD, variant.amount or 0, won_at)
        self._use(reward, variant, now)
        self.history.rewards.append(reward)
        return reward

    def _claim(self, pool_id: UUID, at: datetime) -> int:
        number = self.codes.claim(pool_id)
        self.history.claims.append(
            CouponClaim(environment_id=self.config.id, pool_id=pool_id, number=number, at=at)
        )
        return number

    def _use(self, reward: Reward, variant: FrozenVariant, now: datetime) -> None:
        """Most people look at what they won, and some use it in the shop the next days."""
        seen_at = reward.won_at + timedelta(seconds=self.rng.expovariate(1 / 40) + 4)
        used_at = seen_at + timedelta(hours=self.rng.uniform(1, 90))
        if self.rng.random() > SEEN or seen_at >= now:
            return
        reward.state, reward.seen_at = Reward.State.SEEN, seen_at
        in_time = used_at < now and reward.expires_at is not None and used_at < reward.expires_at
        if in_time and self.rng.random() < REDEEMED:
            reward.state = Reward.State.REDEEMED
            self._enter(reward, variant, LedgerEntry.Kind.REDEEM, -(variant.amount or 0), used_at)

    def _enter(self, reward: Reward, variant: FrozenVariant, kind: str, amount: int, at: datetime) -> None:
        self.history.entries.append(
            LedgerEntry(
                environment_id=self.config.id,
                reward=reward,
                user=reward.user,
                kind=kind,
                reward_type=variant.reward_type,
                amount=amount,
                at=at,
            )
        )


def insert_history(
    history: History, campaign: CatalogCampaign, people: Sequence[EndUser], config: EnvironmentConfig
) -> None:
    """Write it all, in the order that keys demand."""
    rows = {
        number: Participation(
            environment_id=config.id,
            campaign_id=campaign.id,
            user=people[number],
            status=progress.status,
            plays=progress.plays,
            plays_on_day=progress.plays_on_day,
            day=progress.day,
            wins=progress.wins,
            state=dict(progress.state),
            created_at=history.begun[number],
            updated_at=history.ended[number],
        )
        for number, progress in history.progress.items()
    }
    copy_rows(list(rows.values()))
    keys = {row.user_id: row.pk for row in rows.values()}
    for play in history.plays:
        play.participation_id = keys[play.user_id]
    copy_rows(history.plays)
    copy_rows(history.claims)
    copy_rows(history.rewards)
    copy_rows(history.entries)


def insert_openings(
    campaign: CatalogCampaign,
    people: Sequence[EndUser],
    config: EnvironmentConfig,
    rng: Random,
    now: datetime,
) -> None:
    """Some open the wheel and don't spin."""
    played = set(
        Participation.objects.filter(environment_id=config.id, campaign_id=campaign.id).values_list(
            "user_id", flat=True
        )
    )
    rows = []
    for person in people:
        latest = now - max(person.registered_at, campaign.starts_at or person.registered_at)
        if person.pk in played or rng.random() > brand.ONLY_OPENED or latest <= timedelta(0):
            continue
        at = now - latest * rng.random()
        rows.append(
            Participation(
                environment_id=config.id, campaign_id=campaign.id, user=person, status="clicked",
                created_at=at, updated_at=at,
            )
        )  # fmt: skip
    copy_rows(rows)


def _shown(reward: Reward, variant: FrozenVariant, person: EndUser) -> ShownReward:
    """The reward as it was shown when it was won."""
    return ShownReward(
        id=reward.id,
        transaction_id=reward.transaction_id,
        reward_user_id=reward.reward_user_id,
        campaign_id=reward.campaign_id,
        campaign_type=reward.campaign_type,
        variant_id=variant.id,
        name=variant.name,
        reward_type=variant.reward_type,
        amount=variant.amount,
        body=variant.body,
        terms=variant.terms,
        details=variant.details,
        code=None,
        deep_link=variant.deep_link,
        expires_at=reward.expires_at,
        won_at=reward.won_at,
        state=Reward.State.WON,
        status=UNSEEN,
        user_id=str(person.user_id or person.anonymous_id),
    )
