"""Databases of our own on the server that DATABASE_URL names."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg


@contextmanager
def own_database(purpose: str, *, template: str | None = None) -> Iterator[str]:
    """The address of a new one, empty or as the template is; dropped at the end."""
    name = f"glu_{purpose}_{uuid.uuid4().hex[:8]}"
    address = os.environ["DATABASE_URL"]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    parts = urlsplit(address)
    try:
        yield urlunsplit(parts._replace(path=f"/{name}")) if parts.netloc else _with_name(address, name)
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def migrated() -> str | None:
    """The database that `./glu test` migrated, to be copied; None where there is none."""
    return os.environ.get("GLU_TEST_TEMPLATE")


def _with_name(address: str, name: str) -> str:
    """`postgresql://user@/old?host=…`: urlunsplit would lose the empty host."""
    head, _, query = address.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
