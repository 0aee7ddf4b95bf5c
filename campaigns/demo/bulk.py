"""COPY of unsaved model rows: a month of rows in a second or two."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from django.db import connection
from django.db.models import AutoField, BigAutoField, Field, JSONField, Model


def copy_rows(rows: Sequence[Model]) -> None:
    """Write these rows of one model; those without a key are given one. Only the demo may call it."""
    if not rows:
        return
    fields: Sequence[Field[Any, Any]] = rows[0]._meta.concrete_fields
    readers = [_reader(field) for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        _number(cursor, rows)
        with cursor.copy(f'COPY "{rows[0]._meta.db_table}" ({columns}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row([read(row) for read in readers])
        # or the keys of the rows that point here are checked by plans made for an empty table
        cursor.execute(f'ANALYZE "{rows[0]._meta.db_table}"')


def _number(cursor: Any, rows: Sequence[Model]) -> None:
    key = rows[0]._meta.pk
    if not isinstance(key, AutoField | BigAutoField):
        return
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
        [rows[0]._meta.db_table, key.column, len(rows)],
    )
    for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
        row.pk = number


def _reader(field: "Field[Any, Any]") -> Callable[[Model], Any]:
    name = field.attname
    if isinstance(field, JSONField):
        return lambda row: orjson.dumps(getattr(row, name)).decode()
    return lambda row: getattr(row, name)
