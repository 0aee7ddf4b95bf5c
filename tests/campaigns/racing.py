"""Named sessions over real connections: run a step beside others, and see who waits for whom."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection, connections, transaction

WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""


class Session:
    """A thread with a connection of its own; steps run in order, each as a future."""

    def __init__(self):
        self._thread = ThreadPoolExecutor(1)

    def run(self, step, *args, **kwargs) -> Future:
        return self._thread.submit(step, *args, **kwargs)

    def close(self):
        self._thread.submit(connections.close_all).result(10)
        self._thread.shutdown()


@contextmanager
def sessions(count):
    made = [Session() for _ in range(count)]
    try:
        yield made
    finally:
        for each in made:
            each.close()


class Held:
    """A transaction that did its work and waits to be told how to end."""

    def __init__(self, session, work):
        self._done, self._end, self._undo = threading.Event(), threading.Event(), False
        self.future = session.run(self._hold, work)
        if not self._done.wait(10):
            self.future.result(0)

    def _hold(self, work):
        with transaction.atomic():
            try:
                result = work()
            finally:
                self._done.set()
            assert self._end.wait(20)
            transaction.set_rollback(self._undo)
        return result

    def commit(self):
        self._end.set()
        return self.future.result(20)

    def roll_back(self):
        self._undo = True
        return self.commit()


def wait_until_blocked(count=1):
    """Until this many sessions wait for a lock; a test that never sees them wait proves nothing."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.01)
    raise AssertionError(f"fewer than {count} sessions wait for a lock")


def lock(sql, *values):
    """A step that takes a lock by a statement."""

    def work():
        with connection.cursor() as cursor:
            cursor.execute(sql, values)

    return work
