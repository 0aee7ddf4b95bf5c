"""How many events the drain hands on, beside what taking them in costs.

`python -m tests.bench.drain POSTGRES_PID EVENTS ROUNDS` takes events in by the statement of the
ingest, batches of 100, lets two processes drain them, and prints a line of JSON for each
comparison: with the ingest, per event; with 5,000 events a second, which two cores must take in
and hand on. The latter counts both, as the drain has the cores to itself only while it is measured.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median

import django

from tests.bench.processes import ROOT, tree_cpu
from tests.bench.requests import BATCH, event_body

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
DRAINS = 2
WANTED = 5_000


@dataclass(frozen=True)
class Work:
    """What some events cost."""

    python_us: float
    postgres_us: float
    per_second: float

    @property
    def cpu_us(self) -> float:
        return self.python_us + self.postgres_us


def main(postgres: int, events: int, rounds: int) -> None:
    _drained(postgres, 0)  # what other measurements have left
    measured = [(_filled(postgres, events), _drained(postgres, events)) for _ in range(rounds + 1)]
    for line in lines(measured[1:]):
        sys.stdout.write(json.dumps(line) + "\n")


def lines(rounds: list[tuple[Work, Work]]) -> list[dict[str, object]]:
    """The first round warmed up and is not among these."""
    taken, drained = ([each[place] for each in rounds] for place in (0, 1))
    rps = round(median(each.per_second for each in drained))
    common = {
        "path": "drain",
        "ours": round(median(each.cpu_us for each in drained), 1),
        "unit": "cpu µs/event",
        "ours_rps": rps,
        "ours_python": round(median(each.python_us for each in drained), 1),
        "ours_postgres": round(median(each.postgres_us for each in drained), 1),
        "events_per_cpu_second": round(median(1e6 / each.cpu_us for each in drained)),
    }
    ratio = median(each.cpu_us / own.cpu_us for each, own in rounds)
    of_ingest = {
        "against": "ingest, batches of 100",
        "reference": round(median(each.cpu_us for each in taken), 1),
        "reference_rps": round(median(each.per_second for each in taken)),
        "ratio": round(ratio, 3),
        "goal": 1,
        "met": ratio >= 1,
    }
    kept_up = round(min(rps, median(2e6 / (own.cpu_us + each.cpu_us) for own, each in rounds)))
    of_goal = {
        "ours_rps": kept_up,
        "drained_alone_rps": rps,
        "against": f"{WANTED} events/s on two cores",
        "reference": round(2e6 / WANTED, 1),
        "reference_rps": WANTED,
        "ratio": round(kept_up / WANTED, 3),
        "goal": 1,
        "met": kept_up >= WANTED,
    }
    return [common | of_ingest, common | of_goal]


def _filled(postgres: int, events: int) -> Work:
    """Take events in, in this process."""
    from django.db import connection
    from django.utils import timezone

    from glu_admin import config
    from glu_admin.workspaces.models import Environment
    from users.events import forms, ingest
    from users.models import EndUser

    environment = Environment.objects.get(kind="live")
    people = list(EndUser.objects.filter(environment=environment).values_list("user_id", flat=True))
    opened, now = config.get(environment.id), timezone.now()
    bodies = [event_body(people[n % len(people)]) for n in range(events)]
    python, database, began = time.process_time(), tree_cpu(postgres), time.perf_counter()
    for start in range(0, events, BATCH):
        sent = [forms.read(each, now=now) for each in bodies[start : start + BATCH]]
        ingest.take(opened, sent, source="server", now=now)
    seconds, python = time.perf_counter() - began, time.process_time() - python
    connection.close()
    return _work(events, python, tree_cpu(postgres) - database, seconds)


def _drained(postgres: int, events: int) -> Work:
    """Let processes drain that have started before."""
    command = [sys.executable, "-m", "tests.bench.drain"]
    pipe = subprocess.PIPE
    drains = [subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) for _ in range(DRAINS)]
    for each in drains:
        each.stdout.readline()
    database, began = tree_cpu(postgres), time.perf_counter()
    for each in drains:
        each.stdin.close()
    told = [json.loads(each.stdout.readline()) for each in drains]
    seconds = time.perf_counter() - began
    for each in drains:
        each.wait(10)
    if sum(each["drained"] for each in told) < events:
        raise SystemExit(f"Of {events} events not all were drained: {told}")
    return _work(events, sum(each["cpu"] for each in told), tree_cpu(postgres) - database, seconds)


def drain() -> None:
    """One of the processes: drains what there is once its input ends."""
    from django.db import connection
    from django.utils import timezone

    from users.events.drain import drain

    connection.ensure_connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    began, drained = time.process_time(), 0
    while taken := drain(now=timezone.now()):
        drained += taken
    sys.stdout.write(json.dumps({"drained": drained, "cpu": time.process_time() - began}) + "\n")


def _work(events: int, python: float, postgres: float, seconds: float) -> Work:
    events = max(1, events)
    return Work(1e6 * python / events, 1e6 * postgres / events, events / seconds)


if __name__ == "__main__":
    django.setup()
    if sys.argv[1:]:
        main(*map(int, sys.argv[1:4]))
    else:
        drain()
