"""What was acknowledged survives a kill -9 of the database, again and again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from glu_admin.runtime.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
KILLS = 10 if os.environ.get("GLU_TEST_FULL") else 3


@pytest.fixture
def folder():
    # Not pytest's own: that one is closed to the user that runs the server for root.
    path = Path(tempfile.mkdtemp(prefix="glu-chaos-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def cluster(folder):
    # as durable as a real one: a throw-away one may lose what it acknowledged
    cluster = Cluster(folder / "database", log=folder / "postgres.log")
    cluster.start()
    yield cluster
    cluster.stop()


def run(cluster, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.players", *arguments],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": cluster.url},
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process):
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    return output


def kill(cluster):
    postmaster = cluster.process.pid
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for pid in [postmaster, *map(int, children)]:
        os.kill(pid, signal.SIGKILL)
    cluster.process.wait(10)


@pytest.mark.chaos
def test_no_acknowledged_play_is_lost_or_changed_when_the_database_is_killed(cluster, tmp_path):
    finish(run(cluster, "prepare"))
    acknowledged = tmp_path / "acknowledged.jsonl"
    acknowledged.touch()
    players = run(cluster, "play", str(acknowledged), "8")

    for _ in range(KILLS):
        wait_for_more(acknowledged, players)
        kill(cluster)
        cluster.start()
    finish(players)
    counted = json.loads(finish(run(cluster, "check", str(acknowledged))).splitlines()[-1])

    assert counted["acknowledged"] == counted["plays"] == counted["asked"]
    assert counted["changed"] == 0
    assert counted["won"] == counted["rewards"] == counted["ledger"] == counted["messages"] > 0
    assert counted["codes"] == counted["claims"] > 0


def wait_for_more(acknowledged, players, seconds=60):
    before = len(acknowledged.read_text().splitlines())
    deadline = time.monotonic() + seconds
    while len(acknowledged.read_text().splitlines()) < before + 100:
        assert players.poll() is None, "the players were done before the last kill"
        assert time.monotonic() < deadline, "the players came to a stop"
        time.sleep(0.02)
