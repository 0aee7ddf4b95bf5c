"""An import of people beside COPY of the same people into the same table, with all its indexes.

`python -m tests.bench.importing POSTGRES_PID PEOPLE` prints one line of JSON. The reference
streams a file that is ready for the table; the import reads a CSV, judges every line, and
writes people and their history. Processor time is judged, of client and server together, and
the clock as well: on a machine that does something else meanwhile, measure again.
"""

import json
import os
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django

from tests.bench import people
from tests.bench.processes import tree_cpu

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
GOAL, MOST_MB = 0.3, 200
AHEAD = 10_000_000  # numbers that nobody of the crowd in the table has


@dataclass(frozen=True)
class Cost:
    wall_us: float
    cpu_us: float


class Silent:
    def progress(self, **_: object) -> None:
        """Nobody looks on."""


def main(postgres: int, count: int) -> None:
    from django.db import connection

    from glu_admin.workspaces.models import Environment

    environment = Environment.objects.get(kind="test")
    with tempfile.TemporaryDirectory(prefix="glu-import-") as name:
        folder = Path(name)
        ready = people.write_copy(folder / "people.copy", environment.id, count, AHEAD)
        file = people.write_csv(folder / "people.csv", count, AHEAD)
        copied = _measured(postgres, count, lambda: _copy(ready))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM users_enduser")  # of what the reference left behind
        imported = _measured(postgres, count, lambda: _import(environment, file, count))
    sys.stdout.write(json.dumps(line(imported, copied, _most_mb())) + "\n")


def line(ours: Cost, reference: Cost, most_mb: float) -> dict[str, object]:
    ratio = reference.cpu_us / ours.cpu_us
    return {
        "path": "import of people",
        "against": "COPY",
        "ours": round(ours.cpu_us, 1),
        "reference": round(reference.cpu_us, 1),
        "ratio": round(ratio, 3),
        "unit": "cpu µs/person",
        "ours_rps": round(1e6 / ours.wall_us),
        "reference_rps": round(1e6 / reference.wall_us),
        "of_its_rate": round(reference.wall_us / ours.wall_us, 3),
        "memory_mb": round(most_mb),
        "goal": GOAL,
        "met": min(ratio, reference.wall_us / ours.wall_us) >= GOAL and most_mb < MOST_MB,
    }


def _measured(postgres: int, count: int, work) -> Cost:
    own, database, began = time.process_time(), tree_cpu(postgres), time.perf_counter()
    work()
    wall = time.perf_counter() - began
    cpu = time.process_time() - own + tree_cpu(postgres) - database
    return Cost(1e6 * wall / count, 1e6 * cpu / count)


def _copy(ready: Path) -> None:
    """Checked as a commit would, and not kept: deleting a crowd again would take longer than all else."""
    from django.db import connection, transaction

    with transaction.atomic():
        people.load(connection, ready)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def _import(environment, file: Path, count: int) -> None:
    from django.utils import timezone

    from glu_admin import config
    from users.bulk import import_

    order = import_.Order(
        key=uuid.uuid4(),
        config=config.get(environment.id),
        open=lambda: _blocks(file),
        kind="csv",
        now=timezone.now(),
    )
    report = import_.run(order, Silent())
    if report.created != count:
        raise SystemExit(f"Of {count} people {report.created} were imported: {report.bad.first[:3]}")


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while block := source.read(1 << 18):
            yield block


def _most_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    django.setup()
    main(*map(int, sys.argv[1:3]))
