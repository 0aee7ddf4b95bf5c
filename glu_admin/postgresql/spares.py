"""Connections that hot statements hand to each other, past the pool.

To take a connection from the pool and give it back costs a busy server 20 µs, as much as to ask
PostgreSQL. So they wait here for the next statement, the one used last in front. Whoever needs
one for longer finds all of them in the pool. Each minute they go back there too, as it sees to
their age; one that failed goes back at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import Any

MOST_SECONDS = 60.0


class Spares:
    """Those of one pool."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._idle: list[Any] = []
        self._until = monotonic() + MOST_SECONDS
        self._lock = Lock()
        self._wanted = 0

    def take(self) -> Any:
        """A connection, which is to be kept or, after a fault, put back into the pool."""
        try:
            return self._idle.pop()
        except IndexError:
            with self.given_back():
                self._pool.open()
                return self._pool.getconn()

    def keep(self, raw: Any) -> None:
        """For the next statement."""
        self._idle.append(raw)
        # looked at afterwards, so that whoever begins to wait now misses none
        if self._wanted or self._pool.closed:
            self.give_back()
        elif monotonic() >= self._until:
            self._until = monotonic() + MOST_SECONDS
            self.give_back()

    def give_back(self) -> None:
        """All to the pool, which closes them if it was closed itself."""
        while self._idle:
            try:
                raw = self._idle.pop()
            except IndexError:  # another thread took it
                return
            self._pool.putconn(raw)

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """While somebody takes a connection from the pool, none is kept from it."""
        with self._lock:
            self._wanted += 1
        try:
            self.give_back()
            yield
        finally:
            with self._lock:
                self._wanted -= 1


def of(pool: Any) -> Spares:
    """Kept on the pool itself, so that they end with it."""
    try:
        found: Spares = pool.glu_spares
    except AttributeError:  # two threads may be the first
        found = vars(pool).setdefault("glu_spares", Spares(pool))
    return found
