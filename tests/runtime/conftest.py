"""Real processes in throw-away folders; nothing here touches the suite's own database."""

import shutil
import tempfile
from pathlib import Path

import pytest

from glu_admin.runtime.postgres import Cluster


@pytest.fixture(scope="module")
def folder():
    # Not pytest's own: that one is closed to the user that runs the server for root.
    path = Path(tempfile.mkdtemp(prefix="glu runtime "))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def cluster(folder):
    # As durable as a real one: what survives a kill is what these tests are about.
    server = Cluster(folder / "database", log=folder / "logs" / "database.log")
    yield server
    server.stop()
