"""The embedded PostgreSQL keeps what was committed, whatever was killed before."""

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from glu_admin.runtime import leftovers
from glu_admin.runtime.binaries import PostgresError, choose_user
from glu_admin.runtime.home import ROOT
from glu_admin.runtime.postgres import Cluster, socket_folder

pytestmark = pytest.mark.chaos

ORPHAN = """
import os, sys
from pathlib import Path
from glu_admin.runtime import postgres
from glu_admin.runtime.postgres import Cluster
if sys.argv[2] == "forget the parent":
    postgres.die_with_parent = lambda number: None
cluster = Cluster(Path(sys.argv[1]), log=Path(sys.argv[1]).parent / "orphan.log", throw_away=True)
cluster.start()
print(cluster.process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def add_row(cluster: Cluster) -> int:
    with psycopg.connect(cluster.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO kept DEFAULT VALUES")
        return connection.execute("SELECT count(*) FROM kept").fetchone()[0]


def start_and_die(cluster: Cluster, manner: str) -> int:
    command = [sys.executable, "-c", ORPHAN, str(cluster.data), manner]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return int(done.stdout)


def test_a_server_is_reached_over_its_socket_and_by_no_port(cluster):
    cluster.start()

    with psycopg.connect(cluster.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert cluster.socket.stat().st_mode & 0o777 == 0o700
    assert cluster.data.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another user")
def test_root_reaches_a_server_that_an_ordinary_user_runs(cluster):
    cluster.start()

    assert os.stat(f"/proc/{cluster.process.pid}").st_uid == choose_user(cluster.data).uid != 0
    assert add_row(cluster) >= 1


def test_rows_survive_a_kill_of_the_server(cluster):
    cluster.start()
    rows = add_row(cluster)

    cluster.process.kill()
    cluster.process.wait()
    cluster.start()

    assert add_row(cluster) == rows + 1


def test_a_server_ends_with_a_killed_parent(cluster):
    pid = start_and_die(cluster, "end with the parent")

    deadline = time.monotonic() + 10
    while leftovers.is_server(pid, cluster.data) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not leftovers.is_server(pid, cluster.data)


def test_an_orphan_server_is_stopped_before_the_next_starts(cluster):
    orphan = start_and_die(cluster, "forget the parent")
    assert leftovers.is_server(orphan, cluster.data)

    cluster.start()

    assert not leftovers.is_server(orphan, cluster.data)
    assert add_row(cluster) >= 1


def test_a_stale_record_that_names_a_living_stranger_is_ignored(cluster):
    cluster.start()
    cluster.stop()
    stale = f"{os.getpid()}\n{cluster.data}\n0\n5432\n{cluster.socket}\n\n\nready\n"
    (cluster.data / "postmaster.pid").write_text(stale)
    socket_folder(cluster.data).mkdir(mode=0o700)
    (socket_folder(cluster.data) / ".s.PGSQL.5432.lock").write_text(stale)

    cluster.start()

    assert add_row(cluster) >= 1


def test_data_of_another_version_is_refused_in_one_sentence(folder):
    other = folder / "other"
    other.mkdir(exist_ok=True)
    (other / "PG_VERSION").write_text("9\n")

    with pytest.raises(PostgresError, match="was written by PostgreSQL 9"):
        Cluster(other, log=folder / "other.log").start()
