"""Servers under measurement: started, watched for their processor time, and stopped."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 60.0
THREADS = 4  # as in a real run, with one process a core; here one process in all


@dataclass(frozen=True)
class Server:
    """One granian with one worker process."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time that it and its children have used."""
        return tree_cpu(self.pid)


@contextmanager
def serving(target: str, environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """A granian that serves `module:application` on a free port of the loopback."""
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", target]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--blocking-threads", str(THREADS), "--no-ws", "--log-level", "warning"]
    with open(log, "ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        _wait_for(port, process, log)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The server stopped: {log.read_text(errors='replace')[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"The server on port {port} was not ready in time.")


def tree_cpu(root: int) -> float:
    """Processor seconds of a process and all below it, also of those that have ended."""
    stats = _all_stats()
    members, found = {root}, True
    while found:
        below = {pid for pid, stat in stats.items() if stat.parent in members} - members
        members |= below
        found = bool(below)
    live = sum(stats[pid].own for pid in members if pid in stats)
    ended = sum(stats[pid].reaped for pid in members if pid in stats)
    return (live + ended) * TICK


@dataclass(frozen=True)
class _Stat:
    parent: int
    own: int
    reaped: int


def _all_stats() -> dict[int, _Stat]:
    found = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            try:
                text = Path(entry.path, "stat").read_text()
            except OSError:
                continue  # it ended meanwhile; its parent has its time
            fields = text.rpartition(")")[2].split()
            found[int(entry.name)] = _Stat(
                int(fields[1]), int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
            )
    return found


def parent_of(pid: int) -> int:
    return _all_stats()[pid].parent
