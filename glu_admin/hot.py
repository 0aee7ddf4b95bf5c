"""Statements of hot requests: PostgreSQL parses and plans them once a connection.

`rows` and `row` give the values straight to libpq, in one wait, over a connection that is
borrowed for the statement alone: Django's cursor, and what Django does to make a connection
its own, cost more than such a statement takes to run. In a transaction or under a query log
they go Django's way. Behind a pooler that knows no prepared statements set GLU_PREPARE=false.
The server binds the values: cast where a type is unclear.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from django.db import connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.utils import DEFAULT_DB_ALIAS
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus

from glu_admin.postgresql import spares

Values = Mapping[str, Any] | Sequence[Any]

PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|s|%)")
MOST = 200  # prepared statements a connection; the oldest makes room
# A name is forgotten when the session's statements are thrown away, which psycopg does after a
# rollback; a plan no longer fits when a migration has changed its table.
STALE = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)


def row(sql: str, values: Values) -> tuple[Any, ...] | None:
    """The first row of a statement."""
    return next(iter(rows(sql, values)), None)


def rows(sql: str, values: Values) -> list[tuple[Any, ...]]:
    """All rows of a statement; [] of one that returns none. Raises what Django raises."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    raw = wrapper.connection
    is_watched = wrapper.queries_logged or wrapper.execute_wrappers
    if is_watched or wrapper.in_atomic_block or (raw and not raw.autocommit):
        with cursor() as careful:
            careful.execute(sql, values)
            return careful.fetchall() if careful.description else []
    with wrapper.wrap_database_errors:
        return _session(raw).rows(sql, values) if raw else _borrowed(wrapper.pool, sql, values)


def _borrowed(pool: Any, sql: str, values: Values) -> list[tuple[Any, ...]]:
    at_hand = spares.of(pool)
    raw = at_hand.take()
    try:
        found = _session(raw).rows(sql, values)
    except BaseException:
        pool.putconn(raw)  # which throws a lost one away
        raise
    at_hand.keep(raw)
    return found


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """A cursor of this thread's connection that prepares its statements."""
    connection.ensure_connection()
    raw: Any = psycopg.Cursor(connection.connection)  # which Django wraps like its own
    with (
        connection.make_debug_cursor(raw)
        if connection.queries_logged
        else connection.make_cursor(raw) as made
    ):
        yield made


class _Session:
    """One connection's prepared statements."""

    def __init__(self, raw: Any) -> None:
        self._pgconn = raw.pgconn
        self._prepares = raw.prepare_threshold is not None
        self._adapt = Transformer(raw)
        self._names: dict[str, bytes] = {}
        self._numbers = count()

    def rows(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        try:
            return self._run(sql, values)
        except STALE:
            self._forget(sql)
            return self._run(sql, values)

    def _run(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        text, names, formats = _compiled(sql)
        if isinstance(values, Mapping):
            values = [values[name] for name in names]
        dumped = self._adapt.dump_sequence(values, formats)
        if self._prepares:
            name = self._names.get(sql) or self._prepare(sql, text)
            result = self._pgconn.exec_prepared(name, dumped, self._adapt.formats)
        else:
            result = self._pgconn.exec_params(text, dumped, None, self._adapt.formats)
        _check(result)
        self._adapt.set_pgresult(result)
        return self._adapt.load_rows(0, result.ntuples, tuple)

    def _prepare(self, sql: str, text: bytes) -> bytes:
        if len(self._names) >= MOST:
            self._forget(next(iter(self._names)))
        name = b"hot_%d" % next(self._numbers)
        _check(self._pgconn.prepare(name, text))
        self._names[sql] = name
        return name

    def _forget(self, sql: str) -> None:
        if name := self._names.pop(sql, None):
            self._pgconn.exec_(b"DEALLOCATE " + name)  # no matter if it is gone already


def _session(raw: Any) -> _Session:
    """Kept on the connection itself, so that it goes where the connection goes."""
    try:
        found: _Session = raw.glu_hot
    except AttributeError:
        found = raw.glu_hot = _Session(raw)
    return found


def _check(result: Any) -> None:
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return
    error = psycopg.errors.error_from_result(result)
    # without a code it comes from libpq: the connection is lost
    raise error if error.sqlstate else psycopg.OperationalError(str(error))


@lru_cache(maxsize=1024)
def _compiled(sql: str) -> tuple[bytes, tuple[str, ...], tuple[PyFormat, ...]]:
    """A statement as PostgreSQL reads it ($1, $2…), the names of its values, and their formats."""
    places: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        return f"${places.setdefault(match[1] or str(len(places)), len(places) + 1)}"

    text = PLACEHOLDER.sub(numbered, sql).encode()
    return text, tuple(places), (PyFormat.TEXT,) * len(places)
