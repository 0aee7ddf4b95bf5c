"""Brings the database to the state the code expects: reachable, new enough, migrated."""

import psycopg
from django.core.management import CommandError, call_command, get_commands
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from glu_admin.runtime.binaries import PostgresError

OLDEST_SERVER = 150_000


def check_server(address: str) -> None:
    """Raises PostgresError if the address names no usable PostgreSQL 15 or newer."""
    try:
        # Asked directly: the pool would try for ten seconds and then hide the reason.
        with psycopg.connect(address, connect_timeout=5) as session:
            version = session.info.server_version
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise PostgresError(f"DATABASE_URL names a database that can't be used: {reason}") from None
    if version < OLDEST_SERVER:
        major = version // 10_000
        raise PostgresError(f"DATABASE_URL names a PostgreSQL {major}; version 15 or newer is needed.")


def missing_migrations() -> int:
    """How many migrations wait to be applied."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)


def has_demo() -> bool:
    return "demo" in get_commands()


def load_demo() -> str:
    """The demo brand, if nothing was made yet; what went wrong, else "".

    A first look without the demo is better than none.
    """
    if not has_demo():
        return ""
    try:
        call_command("demo", "load", "--if-empty", verbosity=0, skip_checks=True)
    except (CommandError, DatabaseError) as error:
        return f"The demo brand could not be loaded: {' '.join(str(error).split())}"
    return ""


def let_go() -> None:
    """Close this process's sessions and the pool's threads before it forks children."""
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
