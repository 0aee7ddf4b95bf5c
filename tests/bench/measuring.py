"""How a path is measured: processor time of its program and of PostgreSQL, round by round, for each request.

What nothing of a bench may run into, a limit, is taken away in the environment of its programs.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import pgbench, requests
from tests.bench.processes import ROOT, Server, tree_cpu

FREE = {f"GLU_LIMIT_{name}": "1000000000" for name in ("KEY", "ADDRESS", "USER")}
PUBLIC = "http://127.0.0.1:8000"  # as answers name it; the servers listen wherever there is room


@dataclass(frozen=True)
class Target:
    """One path of one program. `share`: how many requests, of the number asked for; `things`: what
    each of them is worth."""

    name: str
    program: str
    requests: Callable[[int], Iterator[dict]]
    share: float = 1.0
    things: int = 1


@dataclass(frozen=True)
class Sample:
    web_us: float
    postgres_us: float
    rps: float
    p50_ms: float
    p99_ms: float

    @property
    def cpu_us(self) -> float:
        return self.web_us + self.postgres_us


@dataclass(frozen=True)
class Bench:
    """What the measurements of one run share."""

    servers: dict[str, Server]
    url: str
    world: dict
    folder: Path
    postgres: int
    options: argparse.Namespace


def measure_all(paths: list[Target], bench: Bench) -> dict[tuple[str, str], list[Sample]]:
    """Round by round and side by side, so that a slow minute of the machine is everybody's."""
    options = bench.options
    samples: dict[tuple[str, str], list[Sample]] = {(path.name, path.program): [] for path in paths}
    for number in range(options.rounds + 1):
        say(f"Round {number} of {options.rounds} …" if number else "Warming up …")
        for path in paths:
            many = max(20, int(options.requests * path.share * (1 if number else 0.4)))
            if path.name == "register unchanged":
                # one pass makes every user what the next passes send
                _ask(bench, path, len(bench.world["tokens"]))
            measure = _measure_pgbench if path.program == "pgbench" else _measure
            sample = measure(bench, path, many)
            if number:
                samples[path.name, path.program].append(sample)
    return samples


def _ask(bench: Bench, path: Target, many: int) -> None:
    file = requests.write(path.requests(many), bench.folder / "before.jsonl")
    _client(bench.servers[path.program], file, bench.options.connections, path)


def _measure(bench: Bench, path: Target, many: int) -> Sample:
    server = bench.servers[path.program]
    file = requests.write(path.requests(many), bench.folder / "requests.jsonl")
    web, database = server.cpu(), tree_cpu(bench.postgres)
    told = _client(server, file, bench.options.connections, path)
    web, database = server.cpu() - web, tree_cpu(bench.postgres) - database
    things = told["asked"] * path.things
    return Sample(
        1e6 * web / things, 1e6 * database / things, things / told["seconds"], told["p50_ms"], told["p99_ms"]
    )


def _measure_pgbench(bench: Bench, _: Target, many: int) -> Sample:
    connections = bench.options.connections
    calls = max(1, many // connections)
    pgbench.write(environment(bench.url), bench.folder, connections, calls, bench.world)
    client, database, seconds = pgbench.run(bench.url, bench.postgres, bench.folder, connections)
    things = calls * connections * requests.BATCH
    return Sample(1e6 * client / things, 1e6 * database / things, things / seconds, 0.0, 0.0)


def _client(server: Server, file: Path, connections: int, path: Target) -> dict:
    command = [sys.executable, "-m", "tests.bench.client", str(server.port), str(file), str(connections)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    told = json.loads(done.stdout)
    if told["bad"]:
        raise SystemExit(f"{path.name} of {path.program} answered {told['bad'][0]}")
    return told


def environment(url: str) -> dict[str, str]:
    """Of a measured program: as `./glu run` sets it, which also names the public address."""
    told = {"DATABASE_URL": url, "GLU_ENV": "development", "GLU_PUBLIC_URL": PUBLIC, "PYTHONUNBUFFERED": "1"}
    return os.environ | FREE | told


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
