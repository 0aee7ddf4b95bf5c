"""An embedded PostgreSQL, run as a direct child over a Unix socket in a private folder.

What was committed survives a kill -9 of the server, of its parent or of both: `start`
heals what was left behind. Only the processes it started, or finds recorded in its own
data folder, are ever stopped.
"""

import hashlib
import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import psycopg

from glu_admin.runtime import leftovers
from glu_admin.runtime.binaries import PostgresError, ServerUser, choose_user, find_programs
from glu_admin.runtime.parents import die_with_parent

ROLE = DATABASE = "glu"
# Starting after a crash replays the log first; a slow disk may need minutes for that.
READY_WITHIN = 300.0
STOP_WITHIN = 20.0
STATUS_LINE = 7  # of postmaster.pid, counted from 0
SHARED_DATA = Path("/var/lib/glu-admin")

OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # a statement that a constraint refused is ordinary work here, not an incident
    "log_min_error_statement": "panic",
    "log_line_prefix": "%m [%p] ",
}
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
}


def socket_folder(data: Path) -> Path:
    """A short folder, the same at each start: a socket's path is limited to 107 bytes."""
    digest = hashlib.sha256(f"{os.geteuid()}:{data.absolute()}".encode()).hexdigest()[:12]
    # Not TMPDIR: two shells that disagree about it must still meet at one server.
    shared = Path("/tmp")  # noqa: S108  the folder made there is private, and checked to be ours
    base = shared if os.access(shared, os.W_OK) else Path(tempfile.gettempdir())
    return base / f"glu-{digest}"


def url_for(data: Path) -> str:
    """The DATABASE_URL of the embedded server on this data folder, running or not."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(socket_folder(data)))}"


class Cluster:
    """One embedded server: `start`, `stop`, or a `with` block around its life."""

    name = "database"

    def __init__(self, data: Path, *, log: Path, throw_away: bool = False) -> None:
        self.data = data.absolute()
        self.log = log
        self.socket = socket_folder(self.data)
        self.options = OPTIONS | (THROW_AWAY if throw_away else {})
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return url_for(self.data)

    def __enter__(self) -> "Cluster":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Run the server and return once it answers; raises PostgresError."""
        user = choose_user(self.data)
        programs = find_programs(user)
        self._initialise(user, programs)
        leftovers.clear(self.data, self.socket)
        self._open_socket_folder(user)
        try:
            self._spawn(user, programs)
            self._wait_until_ready()
            self._ensure_database()
        except BaseException:
            self.stop()
            raise

    def _spawn(self, user: ServerUser, programs: Path) -> None:
        arguments = [str(programs / "postgres"), "-D", str(self.data.resolve())]
        for name, value in self.options.items():
            arguments += ["-c", f"{name}={value}"]
        arguments += ["-c", f"unix_socket_directories={self.socket}"]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                arguments,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Its own session: a Ctrl-C in the terminal must not stop it before its users.
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),
                **user.identity,
            )

    def poll(self) -> int | None:
        """The exit status if the server is down, None while it runs."""
        return self.process.poll() if self.process else 0

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is on disk."""
        if self.process is None:
            return
        for number, patience in ((signal.SIGINT, STOP_WITHIN), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if self.process.poll() is None:
                self.process.send_signal(number)
            try:
                self.process.wait(patience)
                break
            except subprocess.TimeoutExpired:
                continue
        self.process = None
        with suppress(OSError):
            self.socket.rmdir()

    def _initialise(self, user: ServerUser, programs: Path) -> None:
        if (self.data / "PG_VERSION").exists():
            _check_version(self.data, programs)
            return
        self.data.parent.mkdir(parents=True, exist_ok=True)
        draft = self._make_draft(user)
        command = [str(programs / "initdb"), "-D", str(draft), "-U", ROLE]
        command += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        command += ["--no-sync"] if self.options.get("fsync") == "off" else []
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **user.identity)
        if done.returncode != 0:
            raise PostgresError(f"The database can't be created: {_last_line(done.stderr)}")
        # Renamed when whole, so that a start killed half-way leaves nothing that looks like data.
        if draft.parent == self.data.parent:
            draft.rename(self.data)
        else:
            self.data.unlink(missing_ok=True)
            self.data.symlink_to(draft)

    def _make_draft(self, user: ServerUser) -> Path:
        folder = self.data.parent
        if not user.can_reach(folder):
            # A root's home folder is closed to the server's user: the data then lives
            # in the system's place for it, and the home holds a link.
            folder = SHARED_DATA
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        draft = Path(tempfile.mkdtemp(prefix=f"{self.data.name}-", dir=folder))
        if user.identity:
            os.chown(draft, user.uid, user.gid)
        return draft

    def _open_socket_folder(self, user: ServerUser) -> None:
        self.socket.mkdir(mode=0o700, exist_ok=True)
        found = self.socket.lstat()
        if self.socket.is_symlink() or found.st_uid not in (os.geteuid(), user.uid):
            raise PostgresError(f"{self.socket} belongs to somebody else; remove it and start again.")
        self.socket.chmod(0o700)
        if user.identity:
            os.chown(self.socket, user.uid, user.gid)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self.poll() is not None:
                raise PostgresError(f"PostgreSQL stopped: {last_line_of(self.log)} (see {self.log})")
            if self._says_ready():
                return
            time.sleep(0.02)
        raise PostgresError(f"PostgreSQL did not answer within {READY_WITHIN:.0f} s (see {self.log}).")

    def _says_ready(self) -> bool:
        """The server writes its state into its own record, which saves asking in vain."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"

    def _ensure_database(self) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _address(self, database: str) -> str:
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self.socket))}"


def _check_version(data: Path, programs: Path) -> None:
    stored = (data / "PG_VERSION").read_text().strip()
    answer = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    found = answer.stdout.split()[-1].split(".")[0]
    if stored != found:
        raise PostgresError(
            f"{data} was written by PostgreSQL {stored}, but the programs found are {found};"
            f" name those of PostgreSQL {stored} by GLU_PG_BIN."
        )


def last_line_of(log: Path) -> str:
    """The last thing a program said, for a one-line report."""
    if not log.exists():
        return "it wrote no log"
    with open(log, "rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        return _last_line(file.read().decode(errors="replace"))


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
