"""What a killed start may leave: an orphan server, stale lock files, a stale socket.

A process is stopped only if the data folder's own record names it and it is a server on
that very folder; a number that the system gave to somebody else since is left alone.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from glu_admin.runtime.binaries import PostgresError
from glu_admin.runtime.parents import ON_LINUX

PATIENCE = 20.0


def clear(data: Path, socket: Path) -> None:
    """Make the data folder ready for a new server; raises PostgresError if it can't."""
    pid = recorded_pid(data)
    if pid is not None and is_server(pid, data):
        _end(pid, data)
    # A server would refuse to start if a stale record named a number that lives again.
    (data / "postmaster.pid").unlink(missing_ok=True)
    for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
        with suppress(FileNotFoundError):
            (socket / name).unlink()
    _await_backends(data)


def recorded_pid(data: Path) -> int | None:
    """The process number that the last server wrote into its folder."""
    try:
        first = (data / "postmaster.pid").read_text().splitlines()[0]
    except (FileNotFoundError, IndexError):
        return None
    return abs(int(first)) if first.lstrip("-").isdigit() else None


def is_server(pid: int, data: Path) -> bool:
    """Whether this process is a PostgreSQL working in this data folder."""
    if ON_LINUX:
        process = Path("/proc") / str(pid)
        try:
            name = (process / "comm").read_text().strip()
            return name == "postgres" and (process / "cwd").resolve() == data.resolve()
        except OSError:
            return False
    shown = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in shown.stdout and str(data) in shown.stdout


def _end(pid: int, data: Path) -> None:
    for number, patience in ((signal.SIGINT, PATIENCE), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not is_server(pid, data):
                return
            time.sleep(0.05)
    raise PostgresError(f"An earlier PostgreSQL (process {pid}) still holds {data}; stop it first.")


def _await_backends(data: Path) -> None:
    """Wait for the sessions of a killed server: each ends by itself once it notices."""
    if not ON_LINUX:
        return
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and _any_backend(data.resolve()):
        time.sleep(0.05)


def _any_backend(data: Path) -> bool:
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and is_server(int(process.name), data):
            return True
    return False
