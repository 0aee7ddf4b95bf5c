"""Runs one statement and returns its rows; values are always parameters."""

from typing import Any

from django.db import connection

Row = tuple[Any, ...]


def rows(statement: str, **values: Any) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[Row] = cursor.fetchall()
    return found
