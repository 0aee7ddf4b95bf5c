"""A copy of the product in a folder of its own, run by its own script: what a new user has."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from glu_admin.runtime.home import ROOT
from glu_admin.runtime.network import is_free

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".glu", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    "*.pyc.*",  # another process is just writing it
)  # fmt: skip
START_WITHIN = 300.0  # three at once on two cores that do other work besides


def ordinary_user() -> list[str]:
    """What to put before a command so that root's tests run it as somebody else."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return []
    nobody = pwd.getpwnam("nobody")
    # Reading is lent along with it: root's Python may live where nobody may look.
    loan = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    command = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", *loan]
    return command if subprocess.run([*command, "true"], check=False).returncode == 0 else []


def own_ports() -> range:
    """Ports that no other process of the same test run tries."""
    first = 8150 + 10 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return range(first, first + 10)


class Installation:
    """A copy of the product, its home, and the supervisor that runs it."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.database = {"DATABASE_URL": database} if database else {}
        self.code, self.home = folder / "Glu Admin", folder / "home of glu"
        self.output = folder / "output.txt"
        self.port = next(port for port in own_ports() if is_free("127.0.0.1", port))
        self.supervisor: subprocess.Popen | None = None
        # the server of the tests lets in nobody but whom the tests run as
        self.prefix = [] if database else ordinary_user()
        shutil.copytree(ROOT, self.code, ignore=LEFT_OUT)
        self.home.mkdir()
        if self.prefix:
            shutil.chown(self.home, "nobody")

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        own = {"HOME": "/nonexistent", "GLU_VENV": sys.prefix, "GLU_HOME": str(self.home)}
        return kept | own | self.database

    def glu(self, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.code / "glu"), *arguments]

    def start(self) -> float:
        """Start and wait for run.json; the seconds that took."""
        began = time.monotonic()
        with open(self.output, "wb") as output:
            command = self.glu("run", "--port", str(self.port))
            self.supervisor = subprocess.Popen(
                command, env=self.environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )
        while time.monotonic() - began < START_WITHIN:
            assert self.supervisor.poll() is None, self.output.read_text()
            if self.is_running():
                return time.monotonic() - began
            time.sleep(0.02)
        raise AssertionError(self.output.read_text())

    def stop(self) -> None:
        if self.supervisor and self.supervisor.poll() is None:
            self.supervisor.terminate()
            self.supervisor.wait(40)

    def is_running(self) -> bool:
        file = self.home / "run.json"
        return file.exists() and json.loads(file.read_text())["pid"] == self.supervisor.pid

    def facts(self) -> dict:
        return json.loads((self.home / "run.json").read_text())

    def processes(self) -> list[psutil.Process]:
        return psutil.Process(self.supervisor.pid).children(recursive=True)

    def child(self, word: str) -> psutil.Process:
        children = psutil.Process(self.supervisor.pid).children()
        return next(child for child in children if word in child.cmdline())

    def is_web_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def running(prefix: str, database: str = ""):
    """A started installation, which is stopped and removed in the end, even if it never got ready.

    It makes a database of its own, unless it is given the address of one.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    made = Installation(folder, database)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
