"""Fixtures that every test may use, and what the whole suite needs to be quick and told well.

Tests may run side by side, in processes with a database each: see TOGETHER, and the marks in pyproject.toml.
"""

import gc
import os

import pytest
from hypothesis import settings as hypothesis_settings
from whitenoise.middleware import WhiteNoiseMiddleware
from xdist.scheduler import LoadScopeScheduling

from glu_admin import config
from glu_admin.api import throttles
from glu_admin.observability.request_log import request_log
from glu_admin.workspaces import keys
from glu_admin.workspaces.models import Environment
from tests import databases
from tests.installation import running

# whose tests share a product or a brand that takes long to make
STORY, LIFE = "tests/story/", "tests/runtime/test_run.py"
TOGETHER = {"tests/demo/": "demo", STORY: "run", LIFE: "run", "tests/runtime/test_cluster.py": "cluster"}

# the same examples each time; --full looks for new ones
hypothesis_settings.register_profile("steady", derandomize=True)
if not os.environ.get("GLU_TEST_FULL"):
    hypothesis_settings.load_profile("steady")


class Scheduling(LoadScopeScheduling):
    """Gives a test to whichever process is free, and to one process what stays together, that first."""

    def _split_scope(self, nodeid):
        return next((TOGETHER[place] for place in TOGETHER if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log)


def pytest_collection_modifyitems(items):
    """What starts servers goes first, so that nobody waits for it in the end; the longest before the rest."""

    def place(item):
        first = [item.nodeid.startswith(STORY), item.nodeid.startswith(LIFE)]
        return item.get_closest_marker("chaos") is None, *(not each for each in first)

    items.sort(key=place)


def pytest_collection_finish():
    """The collector need not look again and again through what was imported."""
    gc.collect()
    gc.freeze()


def pytest_make_parametrize_id(val, argname):
    """Every process must give a test the same name, and what gzip packs differs from second to second."""
    binary = isinstance(val, bytes) and not (val.isascii() and val.decode().isprintable())
    return argname if binary else None


def pytest_terminal_summary(terminalreporter):
    """The figures that tests told, whichever process they ran in."""
    for report in terminalreporter.getreports("passed"):
        for name, said in report.user_properties:
            if name == "figure":
                terminalreporter.write_line(said)


@pytest.fixture
def tell_figure(record_property):
    """Shows a measured figure at the end of the run. It is judged by eye, never by an assert."""
    return lambda said: record_property("figure", said)


@pytest.fixture(scope="session")
def installation():
    """The product as a new user has it, at its first run. The last test of LIFE stops it."""
    with running("glu run ") as made:
        yield made


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    databases.copy_the_template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    databases.flush_quickly()


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once():
    """Every test's client has a new middleware, which would look through all static files anew."""
    look, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def look_once(middleware):
        if not found:
            look(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", look_once)
        yield


@pytest.fixture(autouse=True)
def fresh_memory():
    """Nothing that a process keeps in memory passes from one test to the next."""
    config.forget()
    throttles.forget()
    yield
    config.forget()
    request_log.flush()  # while what this test writes is still caught


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
