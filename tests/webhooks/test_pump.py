"""The sender under load, among hanging receivers, and killed at the worst moments."""

import collections
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import psycopg
import pytest
from celery.fixups.django import DjangoWorkerFixup
from django.db import connection
from django.utils import timezone

from glu_admin.celery import app
from glu_admin.webhooks import delivery, leases, outbox
from glu_admin.webhooks.fanout import fan_out
from glu_admin.webhooks.models import Attempt, Delivery
from glu_admin.webhooks.pump import Pump
from tests.webhooks.conftest import KIND, render

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pumps():
    made = [Pump(threads=6), Pump(threads=6)]
    yield made
    for pump in made:
        pump.finish(10)


def sweep_until(pumps, condition, seconds=15):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        for pump in pumps:
            pump.sweep()
        time.sleep(0.02)
    return condition()


def all_in(state):
    return lambda: not Delivery.objects.exclude(state=state).exists()


def test_two_workers_send_everything_and_nothing_twice(test_env, make_endpoint, tell, server, pumps):
    for path in ("/200/a", "/200/b", "/200/c"):
        make_endpoint(test_env, path)
    facts = tell(test_env, 60)

    assert sweep_until(pumps, lambda: Delivery.objects.count() == 180 and all_in("delivered")())

    heard = collections.Counter((got.path, json.loads(got.body)["rewardId"]) for got in server.got)
    assert heard == {(f"/200/{name}", str(fact)): 1 for name in "abc" for fact in facts}
    assert len({got.headers["webhook-id"] for got in server.got}) == 180
    assert set(Delivery.objects.values_list("lease_no", "tries")) == {(1, 1)}
    assert Attempt.objects.count() == 180


def test_leasing_at_once_never_gives_one_delivery_to_two(test_env, make_endpoint, tell):
    for _ in range(5):
        make_endpoint(test_env)
    tell(test_env, 40)
    fan_out()
    taken, start = [], threading.Barrier(6)

    def work():
        start.wait()
        for _ in range(10):
            taken.extend(leases.take(3))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({lease.delivery_id for lease in taken}) == len(taken) == 20
    assert set(collections.Counter(lease.endpoint_id for lease in taken).values()) == {4}


def test_one_endpoint_is_never_called_by_more_than_four_at_once(under_way, server, pumps):
    under_way("/slow/", count=16)

    assert sweep_until(pumps, all_in("delivered"))
    assert 2 <= server.most_at_once <= 4


@pytest.mark.timed
def test_a_hanging_receiver_delays_nobody_else(test_env, make_endpoint, tell, server, pumps):
    make_endpoint(test_env, "/hang/")
    good = make_endpoint(test_env, "/200/")
    tell(test_env, 10)

    started = time.monotonic()
    assert sweep_until(pumps, lambda: good.deliveries.filter(state="delivered").count() == 10, seconds=4)
    assert time.monotonic() - started < 4
    server.released.set()
    for pump in pumps:
        assert pump.finish(10)
    server.released.clear()


def test_a_webhook_that_cannot_be_made_is_parked_and_the_others_pass(test_env, make_endpoint, tell, pumps):
    make_endpoint(test_env)
    facts = tell(test_env, 8)
    bad = set(facts[:5])

    def poisoned(environment, subject_id):
        if subject_id in bad:
            raise ValueError("SECRET in the fault")
        return render(environment, subject_id)

    outbox.register_body(KIND, poisoned)

    assert sweep_until(pumps, lambda: Delivery.objects.filter(state="delivered").count() == 3)
    assert sweep_until(pumps, lambda: Attempt.objects.exclude(problem="").count() == 5)
    parked = Delivery.objects.filter(state="pending")
    assert {each.message.subject_id for each in parked} == bad
    assert all(each.next_at > timezone.now() + timedelta(seconds=20) for each in parked)
    problem = "The webhook could not be made (ValueError); see the worker's log."
    assert set(Attempt.objects.exclude(problem="").values_list("problem", flat=True)) == {problem}


def test_a_pump_that_finishes_takes_nothing_new(under_way, pumps):
    under_way(count=2)

    assert pumps[0].finish(1)
    assert pumps[0].sweep() == 0
    assert pumps[1].sweep() == 2


def test_a_task_leaves_the_connection_pool_to_the_threads_that_send(db):
    fixup = DjangoWorkerFixup(app)
    fixup.worker = SimpleNamespace(pool_cls="prefork")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    pool = connection.pool

    fixup.on_task_prerun(SimpleNamespace(request=SimpleNamespace(is_eager=False)))
    fixup.on_task_postrun(SimpleNamespace(request=SimpleNamespace(is_eager=False)))

    assert connection.pool is pool
    assert not pool.closed


@pytest.fixture
def impatient_locks():
    """Statements that wait for a lock fail at once, as they do while a database is away."""

    def set_timeout(value):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {connection.settings_dict['NAME']} SET lock_timeout = '{value}'")
        connection.close()
        connection.close_pool()

    set_timeout("50ms")
    yield
    set_timeout("0")


def test_what_was_sent_is_written_down_when_the_database_comes_back(
    under_way, server, impatient_locks, monkeypatch
):
    monkeypatch.setattr(delivery, "RETRY_PAUSES", (0.05,) * 40)
    under_way()
    [lease] = leases.take(1)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT 1 FROM webhooks_delivery FOR UPDATE")
        threading.Timer(0.4, other.rollback).start()

        assert delivery.deliver(lease).state == "delivered"

    assert len(server.got) == 1
    assert Attempt.objects.count() == 1


def run_worker(mode):
    name = connection.settings_dict["NAME"]
    address = os.environ["DATABASE_URL"]
    before, _, query = address.partition("?")
    environment = os.environ | {
        "DATABASE_URL": before.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else ""),
        "GLU_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32",
    }
    command = [sys.executable, "-m", "tests.webhooks.worker", mode]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def a_minute_later():
    return timezone.now() + timedelta(seconds=61)


def test_a_worker_killed_between_lease_and_sending_loses_nothing(test_env, make_endpoint, tell, server):
    make_endpoint(test_env)
    [fact] = tell(test_env)
    worker = run_worker("stuck")
    assert worker.stdout.readline() == "rendering\n"
    kill(worker)

    assert server.got == []
    assert Delivery.objects.get().state == "leased"
    assert leases.take(10) == []
    [lease] = leases.take(10, at=a_minute_later())
    assert delivery.deliver(lease).state == "delivered"
    assert [json.loads(got.body)["rewardId"] for got in server.got] == [str(fact)]
    assert Attempt.objects.count() == 1


def test_a_worker_killed_between_sending_and_writing_sends_the_same_id_again(
    test_env, make_endpoint, tell, server
):
    make_endpoint(test_env, "/hang/")
    tell(test_env)
    worker = run_worker("sending")
    deadline = time.monotonic() + 20
    while not server.got and time.monotonic() < deadline:
        time.sleep(0.02)
    kill(worker)

    assert len(server.got) == 1
    assert Delivery.objects.get().state == "leased"
    assert not Attempt.objects.exists()
    server.released.set()
    [lease] = leases.take(10, at=a_minute_later())
    delivery.deliver(lease)
    server.released.clear()
    first, second = server.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == str(lease.delivery_id)
    assert json.loads(first.body)["rewardId"] == json.loads(second.body)["rewardId"]
    assert Delivery.objects.get().lease_no == 2
