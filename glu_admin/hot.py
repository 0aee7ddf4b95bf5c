"""Cursors for hot requests: PostgreSQL parses and plans their statements once a connection.

Django's own cursors put values into the text of a statement, so that each call is planned
anew; that costs more than running it. Behind a pooler that knows no prepared statements set
GLU_PREPARE=false.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """A cursor of this thread's connection. The server binds the values: cast where a type is unclear."""
    connection.ensure_connection()
    raw: Any = psycopg.Cursor(connection.connection)  # which Django wraps like its own
    with (
        connection.make_debug_cursor(raw)
        if connection.queries_logged
        else connection.make_cursor(raw) as made
    ):
        yield made
