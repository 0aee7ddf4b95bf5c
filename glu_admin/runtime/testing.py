"""`./glu test`, `lint`, `bench`, `shots` and `lock`: the work of developers, on throw-away ground.

The database and the home of a run live in a temporary folder and end with it, also when
the run is stopped. The exit status is that of the first thing that failed.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glu_admin.runtime import home
from glu_admin.runtime.binaries import PostgresError
from glu_admin.runtime.chromium import ChromiumError, find_chromium, provide_chromium
from glu_admin.runtime.commandline import fail
from glu_admin.runtime.postgres import DATABASE, Cluster, url_for
from glu_admin.runtime.stopping import StopRequested, StopSignals

PACKAGES = ("glu_admin", "users", "rewards", "campaigns")
MOST_PROCESSES = 8  # each has a pool of connections, and the server has 300


def main(command: str, arguments: list[str]) -> int:
    signals = StopSignals()
    signals.install()
    try:
        commands = {"test": test, "lint": lint, "bench": bench, "shots": shots, "lock": lock}
        return commands[command](arguments)
    except (PostgresError, ChromiumError) as error:
        return fail(str(error))
    except StopRequested:
        return 128 + signal.SIGINT


def test(arguments: list[str]) -> int:
    """The checks, then every test; with pytest's own arguments only pytest, as it is told."""
    chosen = [argument for argument in arguments if argument != "--full"]
    with throw_away(GLU_ENV="test") as environment:
        if "--full" in arguments:
            environment["GLU_TEST_FULL"] = "1"
        environment.update(find_chromium() if chosen else provide_chromium())
        with Cluster(_data(environment), log=_log(environment), throw_away=True):
            return pytest(chosen, environment) if chosen else check_and_test(environment)


def check_and_test(environment: dict[str, str]) -> int:
    """While the checks keep one core busy, what every test process needs is made ready on another."""
    migrate = ["manage.py", "migrate", "--verbosity", "0"]  # once, to be copied by each process
    collect = ["-m", "pytest", "--collect-only", "-qq"]  # which leaves all tests compiled
    with aside(migrate, environment) as migrated, aside(collect, environment, stdout=subprocess.DEVNULL):
        linted = lint([])
    tested = migrated.returncode or test_all(environment)
    if linted:
        print("The tests ended as told above; the checks before them failed.", file=sys.stderr)
    return tested or linted


def test_all(environment: dict[str, str]) -> int:
    """Side by side whatever may be, then by itself what judges a clock; both speak before one fails."""
    environment["GLU_TEST_TEMPLATE"] = DATABASE
    together = pytest(["-n", str(processes()), "-m", "not timed"], environment)
    alone = pytest(["-m", "timed"], environment)
    return together or alone


def processes() -> int:
    """Two more than there are cores: many tests wait for a browser or a server, and with one more the
    cores had nothing to do for a third of the time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST_PROCESSES, cores + 2)


def pytest(arguments: list[str], environment: dict[str, str]) -> int:
    return run(["-m", "pytest", *arguments], environment)


def lint(arguments: list[str]) -> int:
    """ruff, its formatter and mypy; all three speak before one of them fails the run."""
    with throw_away(GLU_ENV="test") as environment:
        checks = (
            ["-m", "ruff", "check", "."],
            ["-m", "ruff", "format", "--check", "."],
            ["-m", "mypy", "manage.py", *PACKAGES],
        )
        return max(run(check, environment) for check in checks)


def bench(arguments: list[str]) -> int:
    """The measurements of tests/bench, on a database as durable as a real one."""
    with (
        throw_away() as environment,
        Cluster(_data(environment), log=_log(environment)),
    ):
        return run(["-m", "tests.bench", *arguments], environment)


def shots(arguments: list[str]) -> int:
    """Contact sheets of all players' pages, in the folder that is named or in .glu/shots."""
    with throw_away(GLU_ENV="test") as environment:
        environment.update(provide_chromium(), GLU_SHOTS=(arguments or [".glu/shots"])[0])
        with Cluster(_data(environment), log=_log(environment), throw_away=True):
            return pytest(["-n", str(processes()), "tests/shots/sheet.py"], environment)


def lock(arguments: list[str]) -> int:
    """Write requirements/*.txt anew from pyproject.toml, with hashes and no registry's name."""
    environment = dict(os.environ)
    if run(["-m", "pip", "install", "--quiet", "uv"], environment):
        return fail("uv could not be installed into .venv, so nothing was locked.")
    compile_all = ["-m", "uv", "pip", "compile", "pyproject.toml", "--quiet", "--universal"]
    compile_all += ["--python-version", "3.12", "--generate-hashes"]
    compile_all += ["--no-emit-index-url", "--no-header", "--no-annotate", *arguments]
    running = ["-o", "requirements/run.txt"]
    developing = ["--group", "dev", "-c", "requirements/run.txt", "-o", "requirements/dev.txt"]
    return run([*compile_all, *running], environment) or run([*compile_all, *developing], environment)


@contextmanager
def throw_away(**settings: str) -> Iterator[dict[str, str]]:
    """An environment with its own home, secrets and database address, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="glu-test-"))
    try:
        # The server may run as another user, who must be able to enter.
        folder.chmod(0o755)
        home.ensure_secrets(folder)
        (folder / "static").mkdir()  # looked for by the static files' server
        own = {"GLU_HOME": str(folder), "DATABASE_URL": url_for(folder / "database")}
        # What a developer's shell sets for a real run must not reach a test.
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        yield kept | own | settings
    finally:
        shutil.rmtree(folder, ignore_errors=True)


FOREIGN = {
    "BROKER_URL",
    "DATABASE_DIRECT_URL",
    "DATABASE_REPLICA_URL",
    "DJANGO_SETTINGS_MODULE",
    "PYTHONDONTWRITEBYTECODE",  # a hundred processes start, and each would compile everything anew
} | {
    f"GLU_{name}"
    for name in ("ALLOWED_HOSTS", "DEBUG", "ENV", "MASTER_KEY", "PUBLIC_URL", "SECRET_KEY", "TRUSTED_PROXIES")
}


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run a Python module and pass its status on."""
    with aside(command, environment) as process:
        return process.wait()


@contextmanager
def aside(
    command: list[str], environment: dict[str, str], *, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python module that runs meanwhile and is waited for; a SIGTERM is passed on to it."""
    process = subprocess.Popen([sys.executable, *command], cwd=home.ROOT, env=environment, stdout=stdout)
    try:
        yield process
        process.wait()
    except StopRequested:
        # A Ctrl-C reached it too; it gets time to stop what it started.
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        raise


def _data(environment: dict[str, str]) -> Path:
    return Path(environment["GLU_HOME"]) / "database"


def _log(environment: dict[str, str]) -> Path:
    return Path(environment["GLU_HOME"]) / "logs" / "database.log"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
