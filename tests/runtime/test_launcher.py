"""What ./glu says when it can't do what was asked: one sentence that names the cause."""

import os
import shutil
import socket
import subprocess
import sys

import pytest

from glu_admin.runtime import bootstrap
from glu_admin.runtime.home import ROOT

FRESH = ("PATH", "HOME", "LANG", "PYTHONPATH")


def glu(folder, *arguments: str, **settings: str) -> subprocess.CompletedProcess:
    environment = {name: os.environ[name] for name in FRESH if name in os.environ}
    environment |= {"GLU_VENV": sys.prefix, "GLU_HOME": str(folder)} | settings
    command = [str(ROOT / "glu"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db/glu"),
        ("DATABASE_URL", "postgresql://glu@127.0.0.1:1/glu"),
        ("GLU_PG_BIN", "/nowhere"),
        ("GLU_HOME", "/proc/no-place"),
        ("BROKER_URL", "kafka://somewhere"),
        ("GLU_PUBLIC_URL", "glu.example"),
        ("GLU_TRUSTED_PROXIES", "many"),
    ],
)
def test_a_bad_value_stops_the_start_with_one_sentence_that_names_it(folder, name, value):
    done = glu(folder, "run", "--port", "8190", **{name: value})

    assert done.returncode == 2
    assert done.stderr.startswith("glu: ")
    assert name in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_taken_port_is_told_by_its_number(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = glu(folder, "run", "--port", str(taken.getsockname()[1]))

    assert done.returncode == 2
    assert "--port" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_help_tells_every_command(folder):
    told = glu(folder, "help").stdout

    for command in ("run", "test", "lint", "bench", "manage", "demo", "verify", "lock", "help"):
        assert f"\n  {command} " in told


def test_an_unknown_command_is_refused(folder):
    done = glu(folder, "jump")

    assert done.returncode == 2
    assert "there is no command 'jump'" in done.stderr


def test_an_old_python_is_refused_by_name(folder):
    copy = copy_launcher(folder / "old")
    old = folder / "python-old"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    environment = {"PATH": os.environ["PATH"], "GLU_PYTHON": str(old)}
    done = subprocess.run([copy / "glu", "run"], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "GLU_PYTHON is" in done.stderr
    assert not (copy / ".venv").exists()


def test_an_installation_that_was_killed_half_way_is_made_anew(folder, monkeypatch):
    copy = copy_launcher(folder / "new install")
    broken = copy / ".venv"
    broken.mkdir()
    (broken / bootstrap.UNFINISHED).touch()
    (broken / "half a package").touch()
    environment = {"PATH": os.environ["PATH"], "GLU_PYTHON": sys.executable}

    first = subprocess.run(
        [copy / "glu", "manage"], env=environment, capture_output=True, text=True, check=False
    )
    second = subprocess.run(
        [copy / "glu", "manage"], env=environment, capture_output=True, text=True, check=False
    )

    assert "Making the Python environment" in first.stdout
    assert second.stdout == ""
    assert {entry.name for entry in broken.glob(".glu-*")} == {".glu-run"}
    assert not (broken / "half a package").exists()


def copy_launcher(copy):
    """The launcher and its bootstrap with nothing to install."""
    (copy / "requirements").mkdir(parents=True)
    (copy / "glu_admin" / "runtime").mkdir(parents=True)
    shutil.copy(ROOT / "glu", copy)
    shutil.copy(bootstrap.__file__, copy / "glu_admin" / "runtime")
    for name in ("run.txt", "dev.txt"):
        (copy / "requirements" / name).write_text("# nothing\n")
    return copy
