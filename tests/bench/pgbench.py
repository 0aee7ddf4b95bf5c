"""The statement of a batch of events in pgbench: what PostgreSQL takes for it without any web.

`python -m tests.bench.pgbench FOLDER CONNECTIONS CALLS WRITE_KEY USERS` writes a script for each
connection: the statement is prepared once, and each call has events of its own.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.bench import requests
from tests.bench.processes import ROOT, tree_cpu


def write(environment: Mapping[str, str], folder: Path, connections: int, calls: int, world: dict) -> None:
    """The scripts, by a process that knows the product."""
    counts = [str(connections), str(calls), world["writeKey"], str(len(world["tokens"]))]
    command = [sys.executable, "-m", "tests.bench.pgbench", str(folder), *counts]
    subprocess.run(command, cwd=ROOT, env=dict(environment), check=True)


def run(url: str, postgres: int, folder: Path, connections: int) -> tuple[float, float, float]:
    """Seconds of pgbench's and of PostgreSQL's processors, and on the clock."""
    client, server, started = _children(), tree_cpu(postgres), time.perf_counter()
    running = [
        subprocess.Popen(
            [_program(), "-n", "-c", "1", "-t", "1", "-f", str(_script(folder, number)), url],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        for number in range(connections)
    ]  # fmt: skip
    for each in running:
        told = each.communicate(timeout=300)[1]
        if each.returncode:
            raise SystemExit(f"pgbench failed: {told.decode()[-500:]}")
    seconds = time.perf_counter() - started
    return _children() - client, tree_cpu(postgres) - server, seconds


def _program() -> Path:
    from glu_admin.runtime.binaries import choose_user, find_programs

    return find_programs(choose_user(Path.cwd())) / "pgbench"


def _script(folder: Path, number: int) -> Path:
    return folder / f"batch-{number}.sql"


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(folder: str, connections: int, calls: int, write_key: str, users: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "glu_admin.settings"
    import django

    django.setup()
    world = {"writeKey": write_key, "tokens": range(users)}
    for number in range(connections):
        with open(_script(Path(folder), number), "w", encoding="utf-8") as out:
            out.writelines(line + ";\n" for line in _calls(world, calls))


def _calls(world: dict, calls: int) -> Iterator[str]:
    """The statement as the product prepares it, and its calls with values written out."""
    from django.utils import timezone
    from psycopg import sql

    from glu_admin import config, hot
    from users.events import forms, ingest

    found = config.by_write_key(world["writeKey"])
    assert found is not None
    text, names, _ = hot._compiled(ingest.TAKE)
    yield f"PREPARE take AS {' '.join(text.decode().split())}"
    for _ in range(calls):
        now = timezone.now()
        events = [forms.read(raw, now=now) for raw in requests.event_bodies(requests.BATCH, world)]
        values = ingest.values(config.get(found[0]), events, source="server", now=now)
        written = ", ".join(sql.Literal(values[name]).as_string() for name in names)
        yield f"EXECUTE take ({written})"


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
