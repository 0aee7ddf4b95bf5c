"""The embedded broker loses no task when a worker is killed in the middle of its work."""

import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from pgmq.install import get_embedded_install_sql

from glu_admin.runtime.broker import broker_settings, libpq_environment
from glu_admin.runtime.home import ROOT

TASKS = 1000


@pytest.fixture
def environment(cluster):
    cluster.start()
    with psycopg.connect(cluster.url) as connection:
        connection.execute(get_embedded_install_sql())
        connection.execute("CREATE TABLE traces (number integer)")
    return os.environ | {"BROKER_TEST_DATABASE": cluster.url}


def start_worker(environment) -> subprocess.Popen:
    command = [sys.executable, "-m", "celery", "-A", "tests.runtime.broker_app", "worker", "-Q", "delivery"]
    quiet = ["-c", "2", "--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"]
    return subprocess.Popen(
        [*command, *quiet], cwd=ROOT, env=environment, start_new_session=True, stdout=subprocess.DEVNULL
    )


def done(cluster) -> int:
    with psycopg.connect(cluster.url) as connection:
        return connection.execute("SELECT count(DISTINCT number) FROM traces").fetchone()[0]


def wait_for(cluster, count: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while done(cluster) < count and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.chaos
def test_a_killed_worker_loses_none_of_a_thousand_tasks(cluster, environment):
    worker = start_worker(environment)
    sender = [sys.executable, "-m", "tests.runtime.broker_app", str(TASKS)]
    sending = subprocess.Popen(sender, cwd=ROOT, env=environment)
    try:
        wait_for(cluster, TASKS // 4, 40)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        assert done(cluster) < TASKS
        worker = start_worker(environment)
        assert sending.wait(60) == 0

        wait_for(cluster, TASKS, 60)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        sending.kill()
    assert done(cluster) == TASKS


def test_a_password_with_quotes_and_spaces_reaches_the_server_whole():
    options = broker_settings("", "postgresql://ada:it's%20a%5Csecret@db.example:5433/glu")
    address = options["broker_transport_options"]["conn_string"]

    handed_over = psycopg.conninfo.conninfo_to_dict(address)["password"]
    written_by_pgmq = f"host=db.example password={handed_over}"

    assert psycopg.conninfo.conninfo_to_dict(written_by_pgmq)["password"] == "it's a\\secret"


def test_what_the_address_says_about_encryption_is_not_lost():
    address = "postgresql://ada@db.example/glu?sslmode=verify-full&sslrootcert=/ca.pem"

    assert libpq_environment(address) == {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/ca.pem"}


def test_rabbitmq_confirms_each_message_and_keeps_its_queues_on_a_majority():
    settings = broker_settings("amqp://guest@rabbit//", "postgresql:///glu")

    assert settings["broker_transport_options"] == {"confirm_publish": True}
    assert {queue.queue_arguments["x-queue-type"] for queue in settings["task_queues"]} == {"quorum"}
