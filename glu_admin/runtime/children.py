"""One supervised child process: started, watched, started again, stopped.

A child leads its own process group, so that nothing it forked outlives it.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from glu_admin.runtime.binaries import PostgresError
from glu_admin.runtime.home import ROOT
from glu_admin.runtime.logs import ChildLog
from glu_admin.runtime.parents import die_with_parent

FIRST_DELAY, LONGEST_DELAY = 1.0, 10.0
# A child that lived this long was healthy: its next end starts with the short delay again.
HEALTHY_AFTER = 30.0


class Service(Protocol):
    """What the supervisor owns: the database and the Python children alike."""

    name: str

    def start(self) -> None: ...
    def poll(self) -> int | None: ...
    def stop(self) -> None: ...


class Child:
    """A program and its process group."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        log: ChildLog,
        grace: float,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.log = log
        self.grace = grace
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._end_group()
        with open(self.log.path, "ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def poll(self) -> int | None:
        return self.process.poll() if self.process else 0

    def ask_to_stop(self) -> None:
        """Send the polite signal without waiting for its effect."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Polite first, and after the grace by force; returns when the whole group is gone."""
        self.ask_to_stop()
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(self.grace)
        self._end_group()
        self.process = None

    def _end_group(self) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Keeper:
    """Keeps one service running: notices its end and starts it again after a pause."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.delay = FIRST_DELAY
        self.started_at = time.monotonic()
        self.due_at: float | None = None

    def look(self) -> str:
        """One line if something happened, else ""."""
        now = time.monotonic()
        if self.due_at is not None:
            return self._start_if_due(now)
        status = self.service.poll()
        if status is None:
            return ""
        if now - self.started_at > HEALTHY_AFTER:
            self.delay = FIRST_DELAY
        pause, self.delay = self.delay, min(self.delay * 2, LONGEST_DELAY)
        self.due_at = now + pause
        return f"{self.service.name} {describe(status)}; starting it again in {pause:.0f} s."

    def _start_if_due(self, now: float) -> str:
        if self.due_at is None or now < self.due_at:
            return ""
        try:
            self.service.start()
        except (OSError, PostgresError) as error:
            pause, self.delay = self.delay, min(self.delay * 2, LONGEST_DELAY)
            self.due_at = now + pause
            return f"{self.service.name} can't start: {error}; trying again in {pause:.0f} s."
        self.due_at = None
        self.started_at = time.monotonic()
        return f"{self.service.name} started again."


def describe(status: int) -> str:
    """A process's end in words."""
    return f"was killed by signal {-status}" if status < 0 else f"stopped with status {status}"
