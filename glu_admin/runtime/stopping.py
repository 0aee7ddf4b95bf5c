"""Turns Ctrl-C, SIGTERM and SIGHUP into one exception, never in the middle of a start."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequested(BaseException):
    """Somebody asked the process to stop; not an error, so `except Exception` lets it pass."""


class StopSignals:
    """Raises StopRequested once, at the first signal; the ones after it change nothing."""

    def __init__(self) -> None:
        self.requested = False
        self._held = False

    def install(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            return
        self.requested = True
        if not self._held:
            raise StopRequested

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep a signal back: a child that is being started must be known before it can be stopped."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self.requested:
            raise StopRequested
