"""The demo brand, loaded once for this package at a fixed time, and taken out at its end."""

from datetime import UTC, datetime

import pytest

from campaigns.demo import loading, removing
from glu_admin import config
from glu_admin.workspaces.models import Environment
from users.models import EndUser
from users.tokens import Identity

NOW = datetime(2026, 6, 17, 12, 0, tzinfo=UTC)  # a Wednesday, 17:30 in the brand's zone


@pytest.fixture(scope="package")
def loaded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        removing.remove()  # what a run that was killed left
        made = loading.load(NOW)
    yield made
    with django_db_blocker.unblock():
        removing.remove()


@pytest.fixture
def brewline(loaded, db) -> Environment:
    """The brand's test environment. What a test changes is undone after it."""
    return Environment.objects.get(workspace_id=loading.WORKSPACE_ID, kind="test")


def identity_of(environment: Environment, user: EndUser) -> Identity:
    opened = config.get(environment.id)
    return Identity(opened, user.glu_id, user.user_id, user.anonymous_id, user.token_version, "user")
