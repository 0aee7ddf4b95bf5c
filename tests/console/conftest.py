"""Members of every role, signed in, and a campaign that people played."""

import pytest
from django.utils import timezone

from campaigns import engine
from glu_admin.workspaces.models import Member, Membership
from tests.factories import EndUserFactory, identity_of, launched_campaign

PASSWORD = "brew-brew-brew-1"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def member_of(workspace):
    def make(role, email=""):
        member = Member.objects.create_user(email or f"{role}@brewline.test", PASSWORD)
        Membership.objects.create(workspace=workspace, member=member, role=role)
        return member

    return make


@pytest.fixture
def as_role(client, member_of):
    """A client that is signed in with a role."""

    def sign_in(role):
        client.force_login(member_of(role), backend=BACKEND)
        return client

    return sign_in


@pytest.fixture
def owner(as_role):
    return as_role("owner")


@pytest.fixture
def wheel(test_env):
    return launched_campaign(test_env, name="Weekend spin", weights=(1, 0, 0, 0))


@pytest.fixture
def play(test_env):
    """One play of a campaign, by a person of their own."""

    def make(campaign, user_id, **person):
        user = EndUserFactory(environment=test_env, user_id=user_id, **person)
        return engine.act(identity_of(user), str(campaign.id), key="k", body={}, now=timezone.now())

    return make
