"""Runs one management command with what it needs: secrets, a database, plain errors.

Without DATABASE_URL it uses the embedded PostgreSQL: the running one, else its own for
as long as the command takes. What a person can mend is told in one sentence, status 2.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from glu_admin.runtime import home
from glu_admin.runtime.binaries import PostgresError
from glu_admin.runtime.postgres import Cluster, url_for

# Commands that ask no database, or that (supervise) bring their own.
WITHOUT_DATABASE = {
    "help", "--help", "-h", "version", "--version", "check", "collectstatic", "compilemessages",
    "makemessages", "spectacular", "startapp", "supervise",
}  # fmt: skip
WAIT_FOR_OTHER_COMMAND = 60.0


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
    command = arguments[1] if len(arguments) > 1 else "help"
    where = home.locate()
    try:
        _provide_secrets(where)
        with _database(where, command):
            return _execute(arguments)
    except (PostgresError, home.HomeInUseError) as error:
        return fail(str(error))
    except OSError as error:
        if not error.filename or not _concerns(Path(str(error.filename)), where):
            raise
        return fail(f"GLU_HOME is {where}, which can't be used: {error.strerror}.")


def _concerns(path: Path, where: Path) -> bool:
    """Whether the path is the home, in it, or on the way to it."""
    return path.is_relative_to(where) or where.is_relative_to(path)


def fail(sentence: str) -> int:
    print(f"glu: {sentence}", file=sys.stderr)
    return 2


def database_folder(where: Path) -> Path:
    return where / "database"


def _provide_secrets(where: Path) -> None:
    if os.environ.get("GLU_ENV") != "production":
        home.ensure_secrets(where)


@contextmanager
def _database(where: Path, command: str) -> Iterator[None]:
    if os.environ.get("DATABASE_URL"):
        yield
        return
    folder = database_folder(where)
    os.environ["DATABASE_URL"] = url_for(folder)
    if command in WITHOUT_DATABASE:
        yield
        return
    try:
        with (
            home.owned(where, home.COMMAND, wait=WAIT_FOR_OTHER_COMMAND),
            Cluster(folder, log=where / "logs" / "database.log"),
        ):
            yield
    except home.HomeInUseError as error:
        if error.role != home.SUPERVISOR:
            raise
        yield


def _execute(arguments: list[str]) -> int:
    try:
        # Django would only remember a bad setting and then fail on something else.
        _ = settings.INSTALLED_APPS
        execute_from_command_line(arguments)
    except ImproperlyConfigured as error:
        return fail(str(error))
    return 0
