"""Connections at hand: hot statements find them, nobody else misses them, and they end with the pool."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction

from glu_admin import hot
from glu_admin.postgresql import spares

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def new_pool():
    """No statement of another test left anything in it, nor does one of ours."""
    connection.close()
    connection.close_pool()
    yield
    connection.close()
    connection.close_pool()


@pytest.fixture
def small_pool(monkeypatch):
    def resize(size):
        monkeypatch.setitem(connection.settings_dict["OPTIONS"]["pool"], "max_size", size)

    return resize


def ask():
    (backend,) = hot.row("SELECT pg_backend_pid()", [])
    return backend


def ask_at_once(number):
    """The backends that this many threads ask, each while the others still do."""
    backends, together = [], threading.Barrier(number)

    def work():
        together.wait()
        backends.append(hot.row("SELECT pg_backend_pid(), pg_sleep(0.3)::text", [])[0])

    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return backends


def in_a_transaction(together):
    """Hold a connection until as many threads do."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            together.wait(5)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def alive(backends):
    """Those of them that still run, as soon as they all ended, or after a while."""
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s)", [list(backends)])
            if not (found := cursor.fetchall()):
                break
            cursor.execute("SELECT pg_sleep(0.02)")
    return found


def test_one_statement_after_the_other_goes_over_the_same_connection():
    assert len({ask() for _ in range(10)}) == 1


def test_at_once_each_goes_over_its_own():
    assert len(set(ask_at_once(4))) == 4


def test_whoever_needs_a_connection_for_longer_finds_the_whole_pool(small_pool):
    small_pool(3)
    ask_at_once(3)

    with ThreadPoolExecutor(3) as threads:
        together = threading.Barrier(3)
        assert list(threads.map(lambda _: in_a_transaction(together), range(3))) == [1, 1, 1]


def test_whoever_waits_gets_what_a_statement_leaves(small_pool):
    small_pool(1)
    pool = connection.pool
    in_use = spares.of(pool).take()

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(in_a_transaction, threading.Barrier(1))
        while not pool.get_stats()["requests_waiting"]:
            time.sleep(0.01)
        spares.of(pool).keep(in_use)

        assert waiting.result() == 1


def test_a_pool_of_one_connection_still_serves_everybody(small_pool):
    small_pool(1)

    ask()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.close()
    ask()


def test_a_connection_that_was_lost_is_not_kept():
    lost = ask()
    with pytest.raises(OperationalError):
        hot.row("SELECT pg_terminate_backend(pg_backend_pid(), %s)", [0])

    assert ask() != lost


def test_each_minute_they_pass_the_pool(monkeypatch):
    monkeypatch.setattr(spares, "MOST_SECONDS", 0.0)

    ask()

    assert spares.of(connection.pool)._idle == []


def test_a_pool_that_closes_takes_them_along():
    backends = ask_at_once(3)

    connection.close_pool()

    assert not alive(backends)


def test_one_in_use_while_the_pool_closes_is_closed_after_its_statement():
    pool = connection.pool
    in_use = spares.of(pool).take()
    backend = in_use.info.backend_pid

    connection.close_pool()
    spares.of(pool).keep(in_use)

    assert not alive([backend])
