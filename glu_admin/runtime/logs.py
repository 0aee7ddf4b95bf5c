"""The log of one child process: kept small, and its errors surfaced in one line each.

Errors are read from the file the child writes, so a child needs no special logging.
"""

import re
import shutil
import time
from pathlib import Path

LIMIT = 20 * 2**20
PAUSE = 2.0
WIDTH = 200
ERROR = re.compile(
    r"\b(ERROR|CRITICAL|FATAL|PANIC)\b|\"level\": ?\"(error|critical)\"|^\w*(Error|Exception): "
)


class ChildLog:
    """A log file that children append to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        self.rotate()
        self._read = path.stat().st_size
        self._quiet_until = 0.0
        self._held_back = 0

    def rotate(self) -> None:
        """Keep one old file; copied and cut, because children hold the file open."""
        if self.path.stat().st_size > LIMIT:
            shutil.copyfile(self.path, self.path.with_suffix(".log.1"))
            with open(self.path, "r+b") as file:
                file.truncate(0)
            self._read = 0

    def new_error(self) -> str:
        """The newest error since the last call, "" if none; at most one each few seconds."""
        found = [line.strip() for line in self._new_lines() if ERROR.search(line)]
        self._held_back += len(found)
        if not self._held_back or not found or time.monotonic() < self._quiet_until:
            return ""
        more = f" (and {self._held_back - 1} more)" if self._held_back > 1 else ""
        self._quiet_until, self._held_back = time.monotonic() + PAUSE, 0
        return f"{found[-1][:WIDTH]}{more}"

    def _new_lines(self) -> list[str]:
        size = self.path.stat().st_size
        if size <= self._read:
            self._read = size
            return []
        with open(self.path, "rb") as file:
            file.seek(self._read)
            text = file.read(2**20)
        # A line still being written is left for the next look.
        whole = text.rfind(b"\n") + 1 or (len(text) if len(text) == 2**20 else 0)
        self._read += whole
        return text[:whole].decode(errors="replace").splitlines()
