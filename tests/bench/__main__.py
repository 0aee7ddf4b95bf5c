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
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg

from glu_admin.runtime import testing
from tests.bench import pages, requests
from tests.bench.comparing import BATCH, GOALS, GOALS_OF_SEGMENTS, SMALL, compare
from tests.bench.databases import migrated, own_database
from tests.bench.measuring import Bench, Target, environment, measure_all, say
from tests.bench.processes import ROOT, parent_of, serving

GROWING = ("register", "wallet")
LEAST_COUNTED = 50_000  # among fewer people a statement counts as fast
REGISTER, WALLET = "/user/v1/user/sdk?token=true", "/reward/v1.1/user"


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    if not os.environ.get("DATABASE_URL"):
        return testing.main("bench", arguments)  # comes back here with a cluster of its own
    if options.what == "pages":
        return pages.main(_world, environment, say)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="glu-bench-")))
        ours_url = stack.enter_context(own_database("bench_ours", template=migrated()))
        twin_url = stack.enter_context(own_database("bench_twin"))
        say("Making people, campaigns and codes …")
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
            name: stack.enter_context(serving(target, environment(url), folder / f"{name}.log"))
            for name, target, url in programs
        }
        bench = Bench(servers, ours_url, ours, folder, _postmaster(), options)
        chosen = [path for path in paths if path.name.startswith(("hello", options.only))]
        samples = measure_all(chosen, bench)
        for line in [*compare(samples), *_drain(bench), *_count(bench), *_import(bench)]:
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
        Target("hello", "hello", requests.hello, 8.0),
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


def _drain(bench: Bench) -> list[dict[str, object]]:
    if not "drain".startswith(bench.options.only):
        return []
    say("Draining …")
    return _told(bench, "drain", bench.postgres, bench.options.requests * 20, bench.options.rounds)


def _count(bench: Bench) -> list[dict[str, object]]:
    """Audiences, in milliseconds; in a process of its own, which holds the columns."""
    if not "count".startswith(bench.options.only) or bench.options.users < LEAST_COUNTED:
        return []
    say("Counting …")
    return _told(bench, "counting", bench.options.rounds)


def _import(bench: Bench) -> list[dict[str, object]]:
    """Last, because its people stay."""
    if not "import".startswith(bench.options.only):
        return []
    say("Importing …")
    return _told(bench, "importing", bench.postgres, bench.options.users)


def _told(bench: Bench, module: str, *arguments: int) -> list[dict[str, object]]:
    """The lines that a program of the bench prints about our database."""
    return [json.loads(line) for line in _printed(f"tests.bench.{module}", bench.url, arguments)]


def _postmaster() -> int:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        try:
            return parent_of(int(row[0]))
        except KeyError:
            raise SystemExit("PostgreSQL must run on this machine, or its time can't be read.") from None


def _world(url: str, module: str, *counts: int) -> dict:
    return json.loads(_printed(module, url, counts)[-1])


def _printed(module: str, url: str, arguments: Iterable[int]) -> list[str]:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(url), stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
