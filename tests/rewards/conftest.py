"""A pool with codes, a person, and a launched table of three outcomes."""

import io
import uuid
from datetime import UTC, datetime

import pytest

from glu_admin import config as configs
from glu_admin.workspaces.audit import Actor
from rewards import coupon_imports, coupons, tables
from rewards.award import Claimant
from rewards.tables import OutcomeDraft
from tests.factories import EndUserFactory

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ACTOR = Actor("a test")


def fill(pool, codes, *, header="code"):
    """Import these lines; how many were good."""
    file = io.BytesIO("\n".join([header, *codes]).encode())
    return coupon_imports.add(pool, coupon_imports.read(file, pool, now=NOW), ACTOR)


def codes(many, prefix="CODE"):
    return [f"{prefix}-{n:06}" for n in range(1, many + 1)]


def claimant(person, name="one"):
    return Claimant(
        user_pk=person.pk,
        campaign_id=uuid.uuid5(uuid.NAMESPACE_URL, "campaign"),
        campaign_type="spinthewheel",
        reward_user_id=uuid.uuid5(uuid.NAMESPACE_URL, name),
        transaction_id=name,
        user_id=person.user_id,
    )


@pytest.fixture
def config(test_env):
    return configs.get(test_env.id)


@pytest.fixture
def pool(test_env):
    return coupons.create_pool(test_env, "20% off")


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env)


@pytest.fixture
def nothing():
    return OutcomeDraft("Better luck next time", 0, "noReward", is_fallback=True)


@pytest.fixture
def launch(test_env, config):
    """Freeze a table of these outcomes and read it as a draw does."""

    def launched(*outcomes):
        table = tables.freeze(tables.new_table(test_env, outcomes), now=NOW)
        return tables.load(config, [table.id])[table.id]

    return launched
