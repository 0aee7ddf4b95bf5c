"""Fixtures that every test may use: a workspace, its two environments, a clean config cache."""

import pytest

from glu_admin import config
from glu_admin.api import throttles
from glu_admin.workspaces import keys
from glu_admin.workspaces.models import Environment


@pytest.fixture(autouse=True)
def fresh_memory():
    """Nothing that a process keeps in memory passes from one test to the next."""
    config.forget()
    throttles.forget()
    yield
    config.forget()


@pytest.fixture
def workspace(db):
    return keys.create_workspace("Brewline")


@pytest.fixture
def test_env(workspace) -> Environment:
    return workspace.environments.get(kind="test")


@pytest.fixture
def live_env(workspace) -> Environment:
    return workspace.environments.get(kind="live")


@pytest.fixture
def write_key(test_env) -> str:
    return test_env.write_keys.get().key
