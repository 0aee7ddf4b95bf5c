"""Many threads send, and few of them use the database at once.

A thread asks for a turn for each short piece of work and gives its connection back after
it. Without that, threads with a connection could wait for one that waits for a connection.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

MOST_TURNS = 4


def _turns() -> int:
    pool = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    return max(1, min(MOST_TURNS, int(pool) - 1))


_free = threading.BoundedSemaphore(_turns())


@contextmanager
def turn() -> Iterator[None]:
    """The right to use a connection until the block ends; a caller's transaction has its own."""
    if connection.in_atomic_block:
        yield
        return
    with _free:
        try:
            yield
        finally:
            connection.close()
