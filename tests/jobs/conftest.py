"""A kind of work for tests: it doubles what comes in, one piece at a time."""

import pytest

from glu_admin.jobs import work
from glu_admin.workspaces.audit import Actor

ACTOR = Actor("a test")


@pytest.fixture
def kind(monkeypatch):
    """Registers `run` as the work of jobs of the kind "work_of_tests"."""
    monkeypatch.setattr(work, "_kinds", {})

    def register(run, scope="users:read"):
        work.register("work_of_tests", run, scope=scope)

    return register


@pytest.fixture
def start(test_env):
    def create(content=(), **options):
        return work.create(test_env, "work_of_tests", options=options, actor=ACTOR, content=content)

    return create
