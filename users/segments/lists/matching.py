"""Whom the cells of a file name: held against all people at once, by a table of the import's own.

Each row has one verdict: it names somebody, nobody, several, or somebody who was named before.
Visitors who became users count as these; erased people are nobody.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import batched
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from users.bulk.staging import PREFIX, drop_orphans, with_room_to_sort
from users.models import SegmentImport
from users.segments import fields
from users.segments.lists.cells import Cell

STAGED_AT_ONCE = 5_000
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_TABLE = """
CREATE UNLOGGED TABLE {table} (line int NOT NULL, value text, code text, other bigint)
WITH (autovacuum_enabled = off)
"""
# the first row of each value is held against people, the others against that row
_MATCH = """
WITH read AS MATERIALIZED (
    SELECT line, key, min(line) OVER (PARTITION BY key) AS first
    FROM (SELECT line, {cell} AS key FROM {table} WHERE code IS NULL) cells
), people AS (
    SELECT key, coalesce(merged_into_id, id) AS person FROM (
        SELECT u.id, u.merged_into_id, {found} AS key FROM users_enduser u
        WHERE u.environment_id = %(environment)s AND u.erased_at IS NULL
    ) known WHERE key IS NOT NULL
), matched AS MATERIALIZED (
    SELECT read.line, count(DISTINCT person) AS many, min(person) AS person
    FROM read LEFT JOIN people USING (key) WHERE read.line = read.first GROUP BY read.line
), named AS (
    SELECT line, many, person, CASE WHEN many = 1 THEN min(line) OVER (PARTITION BY many, person) END AS first
    FROM matched
), written AS (
    INSERT INTO users_segmentimportrow (environment_id, segment_import_id, user_id, removed, source, batch)
    SELECT %(environment)s, %(import)s, named.person, false, '', NULL FROM named
    JOIN users_enduser u ON u.environment_id = %(environment)s AND u.id = named.person AND u.erased_at IS NULL
    WHERE many = 1 AND line = first ORDER BY named.person
    RETURNING user_id
), verdicts AS (
    SELECT line, CASE WHEN many > 1 THEN 'ambiguous' WHEN first < line THEN 'duplicate'
        WHEN many = 1 AND person IN (SELECT user_id FROM written) THEN 'matched' ELSE 'unknown' END AS code,
        CASE WHEN many > 1 THEN many WHEN first < line THEN first END AS other
    FROM named
    UNION ALL SELECT line, 'duplicate', first FROM read WHERE first < line
)
UPDATE {table} staged SET code = verdicts.code, other = verdicts.other FROM verdicts
WHERE staged.line = verdicts.line
"""
_MEMBERS = """
SELECT count(*) FILTER (WHERE member.user_id IS NOT NULL AND row.user_id IS NOT NULL),
    count(*) FILTER (WHERE row.user_id IS NULL)
FROM (SELECT user_id FROM users_segmentimportrow
    WHERE environment_id = %(environment)s AND segment_import_id = %(import)s AND NOT removed) row
FULL JOIN (SELECT user_id FROM users_segmentmember
    WHERE environment_id = %(environment)s AND segment_id = %(segment)s) member USING (user_id)
"""


class Verdict(NamedTuple):
    """What is wrong with a row; `other` is the row that came before, or how many people it names."""

    line: int
    code: str
    other: int | None


class Matching:
    """The rows of one file, on their way to verdicts."""

    def __init__(self, order: SegmentImport, table: str) -> None:
        self._order, self._table = order, table
        self._values = {
            "environment": order.environment_id,
            "import": order.id,
            "segment": order.segment_id,
        }

    def stage(self, cells: Iterable[Cell]) -> Iterator[int]:
        """Take the cells up, some at a time; yields how many so far."""
        done = 0
        statement = f"COPY {self._table} (line, value, code) FROM STDIN"
        for some in batched(cells, STAGED_AT_ONCE):
            with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write("".join(map(_copied, some)))
            done += len(some)
            yield done

    def match(self) -> None:
        """Give every row its verdict, and keep whom they name; an earlier attempt's are forgotten."""
        source, key = fields.split(self._order.field, "field")
        cell, found = _compared(source, key)
        with transaction.atomic(), connection.cursor() as cursor:
            with_room_to_sort(cursor)
            cursor.execute(
                "DELETE FROM users_segmentimportrow"
                " WHERE environment_id = %(environment)s AND segment_import_id = %(import)s",
                self._values,
            )
            cursor.execute(f"ALTER TABLE {self._table} ADD PRIMARY KEY (line)")
            cursor.execute(f"ANALYZE {self._table}")
            sql = _MATCH.format(table=self._table, cell=cell, found=found)
            cursor.execute(sql, self._values | {"key": key})

    def counts(self) -> dict[str, int]:
        """How many rows have each verdict."""
        return dict(self._rows("SELECT code, count(*) FROM {table} GROUP BY code"))

    def members(self) -> tuple[int, int]:
        """How many of the named people are in the list already, and how many others are."""
        (found,) = self._rows(_MEMBERS)
        return found[0], found[1]

    def faults(self) -> Iterator[Verdict]:
        """The rows that name nobody for the list, in order."""
        after, more = -1, True
        while more:
            page = self._rows(
                "SELECT line, code, other FROM {table} WHERE code <> 'matched' AND line > %(after)s"
                f" ORDER BY line LIMIT {STAGED_AT_ONCE}",
                after=after,
            )
            yield from (Verdict(*row) for row in page)
            more = len(page) == STAGED_AT_ONCE
            after = page[-1][0] if page else after

    def _rows(self, sql: str, **more: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql.replace("{table}", self._table), self._values | more)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


def _compared(source: str, key: str) -> tuple[str, str]:
    """The cell and the person's value as they are compared: two SQL expressions."""
    if source == "core":
        column = f"u.{fields.CORE[key].column}"
        if key == "email":
            return "upper(value)", f"upper({column})"
        return ("lower(value)", f"{column}::text") if key == "gluId" else ("value", column)
    found = f"u.{source} -> %(key)s"
    scalar = f"jsonb_typeof({found}) IN ('string', 'number', 'boolean')"
    return "value", f"CASE WHEN {scalar} THEN ({found}) #>> '{{}}' END"


def _copied(cell: Cell) -> str:
    value = r"\N" if cell.fault else cell.value.translate(_ESCAPES)
    return f"{cell.line}\t{value}\t{cell.fault or r'\N'}\n"


@contextmanager
def table_of(key: UUID, now: datetime) -> Iterator[str]:
    """The name of a table of one's own, which is dropped in the end, whatever happens."""
    drop_orphans(key, now)
    # each attempt has a name of its own: one that lost its lease must not drop another's table
    table = f"{PREFIX}{now:%y%m%d%H%M}_{os.urandom(2).hex()}_{key.hex}"
    try:
        yield table
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")


@contextmanager
def matching(order: SegmentImport, now: datetime) -> Iterator[Matching]:
    with table_of(order.id, now) as table:
        with connection.cursor() as cursor:
            cursor.execute(_TABLE.format(table=table))
        yield Matching(order, table)
