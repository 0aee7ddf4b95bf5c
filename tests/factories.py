"""Rows for tests. Every factory takes the environment that its row belongs to."""

import io
import uuid
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import factory
from django.utils import timezone

from campaigns import publishing
from campaigns.publishing import CampaignDraft
from campaigns.types.base import Moment
from glu_admin import config
from glu_admin.workspaces.audit import Actor
from rewards import coupon_imports, coupons
from rewards.tables import OutcomeDraft
from users.models import EndUser
from users.tokens import Identity, Subject, issue

MOMENT = Moment(datetime(2026, 5, 4, 12, tzinfo=UTC), ZoneInfo("Asia/Kolkata"), b"a secret of this attempt")


class EndUserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EndUser

    user_id = factory.Sequence(lambda n: f"u_{n}")
    referral_code = factory.LazyFunction(lambda: f"GLU-{uuid.uuid4().hex[:8].upper()}")


def coupon_pool(environment, codes):
    """A pool that holds these codes, or this many made-up ones."""
    if isinstance(codes, int):
        codes = [f"CODE-{uuid.uuid4().hex[:12].upper()}" for _ in range(codes)]
    pool = coupons.create_pool(environment, f"Codes {uuid.uuid4().hex[:8]}")
    file = coupon_imports.read(io.BytesIO("\n".join(codes).encode()), pool, now=timezone.now())
    coupon_imports.add(pool, file, Actor("a test"))
    return pool


def wheel_outcomes(environment, *, weights=(40, 30, 20, 10), codes=20):
    """A coupon, points, a free item and the fallback without a prize."""
    pool = coupon_pool(environment, codes)
    coupon, points, freebie, nothing = weights
    return (
        OutcomeDraft(
            name="20% off",
            weight=coupon,
            reward_type="coupons",
            amount=20,
            body="On your next order",
            terms=("Once a person",),
            details={"campaignName": "Autumn"},
            pool_id=pool.id,
            expiry="relative",
            expires_after_days=30,
        ),
        OutcomeDraft(name="50 points", weight=points, reward_type="points", amount=50),
        OutcomeDraft(name="A free coffee", weight=freebie, reward_type="freebie"),
        OutcomeDraft(name="Not this time", weight=nothing, reward_type="noReward", is_fallback=True),
    )


def wheel_draft(environment, *, weights=(40, 30, 20, 10), codes=20, **fields):
    """What a marketer would say of a wheel; `fields` are CampaignDraft's."""
    outcomes = wheel_outcomes(environment, weights=weights, codes=codes)
    plain = {"type": "spinthewheel", "name": "Autumn wheel", "config": {"title": "Spin to win"}}
    return CampaignDraft(**plain | {"outcomes": outcomes} | fields)


def launched_campaign(environment, *, weights=(40, 30, 20, 10), codes=20, now=None, **fields):
    """A live wheel with four outcomes; `fields` are CampaignDraft's, such as plays_a_day."""
    actor = Actor("a test")
    draft = wheel_draft(environment, weights=weights, codes=codes, **fields)
    return publishing.launch(publishing.create(environment, draft, actor), actor, now=now)


def identity_of(person, *, kind="user"):
    """What the person's own token would say."""
    return Identity(
        config=config.get(person.environment_id),
        glu_id=person.glu_id,
        user_id=person.user_id,
        anonymous_id=person.anonymous_id,
        token_version=person.token_version,
        kind=kind,
    )


def token_of(person, *, kind="user", now=None):
    subject = Subject(person.glu_id, person.user_id, person.anonymous_id, person.token_version)
    return issue(config.get(person.environment_id), subject, kind=kind, now=now or timezone.now())
