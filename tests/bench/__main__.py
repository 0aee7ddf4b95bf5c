"""`./glu bench`, or `python -m tests.bench`: one line of JSON for each comparison.

{"path", "against", "ours", "reference", "ratio", "unit", "ours_rps", "reference_rps", "goal"}:
the ratio is reference / ours, so more is better; 1 against hello would be as cheap as nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psycopg

from glu_admin.runtime import testing
from tests.bench import pages, pgbench, requests
from tests.bench.databases import migrated, own_database
from tests.bench.processes import ROOT, Server, parent_of, serving, tree_cpu

GOALS = {"hello": 0.15, "hello event": 0.18, "twin register": 3, "twin wallet": 6}
GOALS_OF_SEGMENTS = {"hello wallet": 0.25, "twin wallet": 8}
GROWING = ("register", "wallet")
LEAST_COUNTED = 50_000  # among fewer people a statement counts as fast
SMALL, MOST_GROWTH = 10_000, 1.2  # a request among many people costs at most so many times as much
BATCH = f"event of a batch of {requests.BATCH}"
REGISTER, WALLET = "/user/v1/user/sdk?token=true", "/reward/v1.1/user"
# nothing of a bench may run into a limit
FREE = {f"GLU_LIMIT_{name}": "1000000000" for name in ("KEY", "ADDRESS", "USER")}


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


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    if not os.environ.get("DATABASE_URL"):
        return testing.main("bench", arguments)  # comes back here with a cluster of its own
    if options.what == "pages":
        return pages.main(_world, _environment, _say)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="glu-bench-")))
        ours_url = stack.enter_context(own_database("bench_ours", template=migrated()))
        twin_url = stack.enter_context(own_database("bench_twin"))
        _say("Making people, campaigns and codes …")
        ours = _world(ours_url, "tests.bench.world", options.users, *_campaigns(options), _codes(options))
        twin = _world(twin_url, "tests.bench.twin.world", min(options.users, SMALL), *_campaigns(options))
        programs = [
            ("hello", "tests.bench.hello:application", ours_url),
            ("ours", "glu_admin.wsgi:application", ours_url),
            ("twin", "tests.bench.twin.wsgi:application", twin_url),
        ]
        paths = _paths(ours, twin)
        if options.users > SMALL and any(name.startswith(options.only) for name in GROWING):
            small_url = stack.enter_context(own_database("bench_small", template=migrated()))
            small = _world(small_url, "tests.bench.world", SMALL, *_campaigns(options), _codes(options))
            programs.append(("small", "glu_admin.wsgi:application", small_url))
            paths += _growth(small)
        servers = {
            name: stack.enter_context(serving(target, _environment(url), folder / f"{name}.log"))
            for name, target, url in programs
        }
        bench = Bench(servers, ours_url, ours, folder, _postmaster(), options)
        chosen = [path for path in paths if path.name.startswith(("hello", options.only))]
        samples = _measure_all(chosen, bench)
        for line in [*_compare(samples), *_drain(bench), *_count(bench), *_import(bench)]:
            print(json.dumps(line, ensure_ascii=False), flush=True)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="glu bench", description="Hot paths beside reference programs.")
    parser.add_argument("what", nargs="?", default="paths", choices=("paths", "pages"))
    parser.add_argument("--requests", type=int, default=1500, help="a path and round (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="whose medians are told (default %(default)s)")
    parser.add_argument(
        "--users", type=int, default=500, help=f"beyond {SMALL:,}, growth is measured as well"
    )
    parser.add_argument("--campaigns", type=int, default=10, help="live ones, for the wallet")
    parser.add_argument("--segments", action="store_true", help="aim each campaign at a segment of its own")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--only", default="", help="the beginning of the names of paths to measure")
    options = parser.parse_args(arguments)
    if options.segments:
        GOALS.update(GOALS_OF_SEGMENTS)
    return options


def _paths(ours: dict, twin: dict) -> list[Target]:
    """A path of ours is followed by the twin's, which gets fewer requests because each takes longer."""

    def both(name: str, make: Callable[..., Iterator[dict]], paths: tuple[str, str], **kind) -> list[Target]:
        return [
            Target(name, "ours", lambda n: make(n, paths[0], ours, **kind)),
            Target(name, "twin", lambda n: make(n, paths[1], twin, **kind), 0.4),
        ]

    return [
        Target("hello", "hello", requests.hello, 2.0),
        *both("register", requests.register, (REGISTER, "/register"), changed=True),
        *both("register unchanged", requests.register, (REGISTER, "/register"), changed=False),
        *both("wallet", requests.wallet, (WALLET, "/wallet")),
        Target("play", "ours", lambda n: requests.play(n, ours)),
        Target("event", "ours", lambda n: requests.event(n, ours)),
        Target(BATCH, "ours", lambda n: requests.batch(n, ours), 0.1, requests.BATCH),
        Target(BATCH, "pgbench", lambda n: requests.batch(n, ours), 0.1, requests.BATCH),
    ]


def _growth(small: dict) -> list[Target]:
    """The paths that are to cost the same among few people and among many."""
    return [
        Target(GROWING[0], "small", lambda n: requests.register(n, REGISTER, small, changed=True)),
        Target(GROWING[1], "small", lambda n: requests.wallet(n, WALLET, small)),
    ]


def _campaigns(options: argparse.Namespace) -> tuple[int, int]:
    """How many, and whether each is aimed."""
    return options.campaigns, int(options.segments)


def _codes(options: argparse.Namespace) -> int:
    return options.requests * (options.rounds + 2) + 1000


def _measure_all(paths: list[Target], bench: Bench) -> dict[tuple[str, str], list[Sample]]:
    """Round by round and side by side, so that a slow minute of the machine is everybody's."""
    options = bench.options
    samples: dict[tuple[str, str], list[Sample]] = {(path.name, path.program): [] for path in paths}
    for number in range(options.rounds + 1):
        _say(f"Round {number} of {options.rounds} …" if number else "Warming up …")
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
    pgbench.write(_environment(bench.url), bench.folder, connections, calls, bench.world)
    client, database, seconds = pgbench.run(bench.url, bench.postgres, bench.folder, connections)
    things = calls * connections * requests.BATCH
    return Sample(1e6 * client / things, 1e6 * database / things, things / seconds, 0.0, 0.0)


def _drain(bench: Bench) -> list[dict[str, object]]:
    if not "drain".startswith(bench.options.only):
        return []
    _say("Draining …")
    counts = [bench.postgres, bench.options.requests * 20, bench.options.rounds]
    command = [sys.executable, "-m", "tests.bench.drain", *map(str, counts)]
    environment = _environment(bench.url)
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _count(bench: Bench) -> list[dict[str, object]]:
    """Audiences, in milliseconds; in a process of its own, which holds the columns."""
    if not "count".startswith(bench.options.only) or bench.options.users < LEAST_COUNTED:
        return []
    _say("Counting …")
    command = [sys.executable, "-m", "tests.bench.counting", str(bench.options.rounds)]
    environment = _environment(bench.url)
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _import(bench: Bench) -> list[dict[str, object]]:
    """Last, because its people stay."""
    if not "import".startswith(bench.options.only):
        return []
    _say("Importing …")
    command = [sys.executable, "-m", "tests.bench.importing", str(bench.postgres), str(bench.options.users)]
    environment = _environment(bench.url)
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _client(server: Server, file: Path, connections: int, path: Target) -> dict:
    command = [sys.executable, "-m", "tests.bench.client", str(server.port), str(file), str(connections)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    told = json.loads(done.stdout)
    if told["bad"]:
        raise SystemExit(f"{path.name} of {path.program} answered {told['bad'][0]}")
    return told


def _compare(samples: dict[tuple[str, str], list[Sample]]) -> Iterator[dict[str, object]]:
    for name, program in samples:
        if program != "ours":
            continue
        for against, (reference, goal) in _references(name).items():
            if reference in samples:
                yield _line(name, against, samples[name, "ours"], samples[reference], goal)


def _references(name: str) -> dict[str, tuple[tuple[str, str], float]]:
    """What a path is measured against, and how much of it is enough."""
    if name == BATCH:
        return {"one event": (("event", "ours"), 12.0), "pgbench": ((BATCH, "pgbench"), 0.45)}
    twin = GOALS.get(f"twin {name.split(maxsplit=1)[0]}", 0)
    hello = GOALS.get(f"hello {name}", GOALS["hello"])
    among_few = ((name, "small"), 1 / MOST_GROWTH)
    return {
        "hello": (("hello", "hello"), hello),
        "twin": ((name, "twin"), twin),
        f"{SMALL:,} people": among_few,
    }


def _line(
    name: str, against: str, ours: list[Sample], reference: list[Sample], goal: float
) -> dict[str, object]:
    ratio = median(b.cpu_us / a.cpu_us for a, b in zip(ours, reference, strict=True))
    return {
        "path": name,
        "against": against,
        "ours": round(median(each.cpu_us for each in ours)),
        "reference": round(median(each.cpu_us for each in reference)),
        "ratio": round(ratio, 3),
        "unit": "cpu µs/event" if name == BATCH else "cpu µs/request",
        "ours_rps": round(median(each.rps for each in ours)),
        "reference_rps": round(median(each.rps for each in reference)),
        "ours_web": round(median(each.web_us for each in ours)),
        "ours_postgres": round(median(each.postgres_us for each in ours)),
        "ours_p50_ms": round(median(each.p50_ms for each in ours), 1),
        "ours_p99_ms": round(median(each.p99_ms for each in ours), 1),
        "goal": goal,
        "met": ratio >= goal,
    }


def _postmaster() -> int:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        try:
            return parent_of(int(row[0]))
        except KeyError:
            raise SystemExit("PostgreSQL must run on this machine, or its time can't be read.") from None


def _world(url: str, module: str, *counts: int) -> dict:
    command = [sys.executable, "-m", module, *map(str, counts)]
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(url), stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def _environment(url: str) -> dict[str, str]:
    return os.environ | FREE | {"DATABASE_URL": url, "GLU_ENV": "development", "PYTHONUNBUFFERED": "1"}


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
