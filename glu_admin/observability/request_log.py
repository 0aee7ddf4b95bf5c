"""The line that a finished request leaves, whose fields are safe by construction.

Written past the logging package, which would cost a hot request a tenth of its time, and in
batches: a write of its own for each line would hand the interpreter to another thread, in the
middle of the request. A line arrives within a tenth of a second, also at the end of a process
that is not killed.
"""

import atexit
import os
import sys
import time
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import TextIO

import orjson

PAUSE = 0.1  # seconds for which lines gather
MOST = 10_000  # lines that may wait; if nobody reads them, requests wait as well


class RequestLog:
    def __init__(self) -> None:
        self.json_lines = False
        self.stream: TextIO | None = None  # None: standard error, whatever that is then
        self._lines: deque[tuple[float, dict[str, object]]] = deque()
        self._has_lines = Event()
        self._one_at_a_time = Lock()
        self._writer: Thread | None = None

    def write(self, fields: dict[str, object]) -> None:
        """Tell of a request that ends now. The fields are put into words later, and not by its thread."""
        self._lines.append((time.time(), fields))
        if not self._has_lines.is_set():
            self._wake()
        elif len(self._lines) > MOST:
            self.flush()

    def flush(self) -> None:
        """Write what waits, as one piece, so that lines of threads do not mix. A stream that is
        closed takes no line, and ends no request."""
        with self._one_at_a_time, suppress(OSError, ValueError):
            text = "".join(self._line(*self._lines.popleft()) for _ in range(len(self._lines)))
            if text:
                stream = self.stream or sys.stderr
                stream.write(text)
                stream.flush()

    def _line(self, seconds: float, fields: dict[str, object]) -> str:
        at = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
        if self.json_lines:
            said = {"event": "request.done", "level": "info", "timestamp": at} | fields
            return orjson.dumps(said, default=str).decode() + "\n"
        return f"{at} request.done {' '.join(f'{name}={value}' for name, value in fields.items())}\n"

    def begin_anew(self) -> None:
        """In a forked process, which has neither the thread nor the lines to tell."""
        self.__dict__ |= RequestLog().__dict__ | {"json_lines": self.json_lines, "stream": self.stream}

    def _wake(self) -> None:
        self._has_lines.set()
        if self._writer is not None:  # mostly; it may hold the lock to write, and nobody waits for it
            return
        with self._one_at_a_time:
            if self._writer is None:
                self._writer = Thread(target=self._keep_writing, name="request-log", daemon=True)
                self._writer.start()

    def _keep_writing(self) -> None:
        while self._has_lines.wait():
            time.sleep(PAUSE)
            self._has_lines.clear()  # first, so that a line of this very moment wakes it again
            self.flush()


request_log = RequestLog()
atexit.register(request_log.flush)
os.register_at_fork(after_in_child=request_log.begin_anew)
