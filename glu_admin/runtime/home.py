"""GLU_HOME: the folder that holds the database, the secrets, the logs and run.json.

Secrets are created once, whole or not at all, readable by their owner only; they are
never overwritten. One process at a time owns the database in a home: the lock says who.
"""

import base64
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUPERVISOR = "supervisor"
COMMAND = "command"


class HomeInUseError(Exception):
    """Another process owns this home's database; `role` says which kind."""

    def __init__(self, home: Path, role: str, pid: str) -> None:
        super().__init__(f"{home} is in use by process {pid}; stop it, or set GLU_HOME to another folder.")
        self.role = role


def locate() -> Path:
    """The home of this process: `GLU_HOME`, else `.glu` beside manage.py."""
    named = os.environ.get("GLU_HOME")
    return Path(named).absolute() if named else ROOT / ".glu"


def load_secrets(home: Path) -> dict[str, str]:
    """The home's secrets; raises FileNotFoundError if none were made yet."""
    values = json.loads((home / "secrets.json").read_text(encoding="utf-8"))
    return {name: str(values[name]) for name in ("secret_key", "master_key")}


def ensure_secrets(home: Path) -> dict[str, str]:
    """The home's secrets, made on first use."""
    home.mkdir(parents=True, exist_ok=True)
    target = home / "secrets.json"
    if not target.exists():
        made = {
            "secret_key": secrets.token_urlsafe(64),
            "master_key": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        draft = _write_draft(target, made)
        # A link fails where a file exists, so two first starts at once agree on one set.
        with suppress(FileExistsError):
            os.link(draft, target)
        draft.unlink()
    return load_secrets(home)


def write_private(target: Path, content: object) -> None:
    """Write JSON that only the owner reads; a reader sees the old file or the new one."""
    _write_draft(target, content).replace(target)


def _write_draft(target: Path, content: object) -> Path:
    draft = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    return draft


@contextmanager
def owned(home: Path, role: str, *, wait: float = 0) -> Iterator[None]:
    """Own the database of `home` until the block or the process ends; raises HomeInUseError."""
    home.mkdir(parents=True, exist_ok=True)
    with open(home / "lock", "a+", encoding="utf-8") as file:
        _take_lock(home, file.fileno(), wait)
        os.ftruncate(file.fileno(), 0)
        os.write(file.fileno(), f"{role} {os.getpid()}".encode())
        # The system lets go of the lock when the process ends, however it ends.
        yield


def _take_lock(home: Path, handle: int, wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            role, _, pid = os.pread(handle, 100, 0).decode().partition(" ")
            # A supervisor stays, a command ends soon: only the second is worth waiting for.
            if role == SUPERVISOR or time.monotonic() > deadline:
                raise HomeInUseError(home, role, pid) from None
        time.sleep(0.05)
