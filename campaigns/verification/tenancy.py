"""No row points into another environment. The questions are made from the models."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.apps import apps
from django.db import connection

from campaigns.verification.invariants import Invariant
from glu_admin.tenancy import TenantForeignKey


class _Link(NamedTuple):
    table: str
    column: str
    target: str
    target_column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


def links() -> Iterator[_Link]:
    """Every key between two tables that belong to an environment."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            if isinstance(field, TenantForeignKey):
                target = field.related_model
                column, target_column = str(field.column), str(field.target_field.column)
                yield _Link(model._meta.db_table, column, target._meta.db_table, target_column)


def _strays() -> tuple[int, Iterable[str]]:
    found = list(links())
    with connection.cursor() as cursor:
        broken = []
        for link in found:
            cursor.execute(
                f"SELECT child.ctid::text FROM {link.table} child LEFT JOIN {link.target} parent"
                f" ON parent.{link.target_column} = child.{link.column}"
                f" AND parent.environment_id = child.environment_id"
                f" WHERE child.{link.column} IS NOT NULL AND parent.{link.target_column} IS NULL"
            )
            broken += [f"{link} {row[0]}" for row in cursor.fetchall()]
    return len(found), broken


def _unguarded() -> tuple[int, Iterable[str]]:
    found = list(links())
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated")
        names = {row[0] for row in cursor.fetchall()}
    return len(found), [str(link) for link in found if f"{link.table}_{link.column}_tenant" not in names]


INVARIANTS = [
    Invariant("tenancy.links", "Every row points at rows of its own environment only.", _strays),
    Invariant(
        "tenancy.constraints", "The database itself refuses a link into another environment.", _unguarded
    ),
]
