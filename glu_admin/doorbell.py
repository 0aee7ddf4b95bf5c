"""A bell that wakes workers without ever making a request wait.

The message is published by a thread of its own, at most every 200 ms a process. A ring that
comes meanwhile is not lost: one more follows. A broker that is down costs nothing but the
hurry, because the workers sweep each second anyway.
"""

import os
import threading
import time

import structlog

from glu_admin.celery import app

BETWEEN_RINGS = 0.2
STALE_AFTER = 10  # seconds; a ring that nobody heard by then is worth nothing
SILENT_FOR = 60.0  # seconds between two lines about a broker that is down

log = structlog.get_logger("glu.doorbell")


class Doorbell:
    """Rings for one task."""

    def __init__(self, task: str, *, queue: str, between: float = BETWEEN_RINGS) -> None:
        self._task = task
        self._queue = queue
        self._between = between
        self._rung = threading.Event()
        self._lock = threading.Lock()
        self._thread_of = 0  # the process that has the thread: a fork takes none along
        self._complained_at = -SILENT_FOR

    def ring(self) -> None:
        self._rung.set()
        if self._thread_of != os.getpid():
            self._start_thread()

    def _start_thread(self) -> None:
        with self._lock:
            if self._thread_of == os.getpid():
                return
            self._thread_of = os.getpid()
            threading.Thread(target=self._listen, name="doorbell", daemon=True).start()

    def _listen(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            try:
                self.publish()
            except Exception as error:  # the outermost loop: each broker fails its own way
                self._complain(error)
            time.sleep(self._between)

    def publish(self) -> None:
        """Send the message now; raises whatever the broker's library raises."""
        app.send_task(self._task, queue=self._queue, expires=STALE_AFTER, retry=False)

    def _complain(self, error: Exception) -> None:
        if time.monotonic() - self._complained_at >= SILENT_FOR:
            self._complained_at = time.monotonic()
            log.warning("doorbell.silent", error=type(error).__name__)
