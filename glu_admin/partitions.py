"""Tables cut by month: today's partition is there, next month's too, old ones can be dropped.

A default partition takes whatever no month takes, so that a late sweep loses nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

PARTITIONED: dict[str, int] = {}  # table -> months that its rows are kept


@dataclass(frozen=True)
class Month:
    """A calendar month in UTC."""

    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime | date) -> "Month":
        return cls(moment.year, moment.month)

    def plus(self, months: int) -> "Month":
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)

    @property
    def starts(self) -> str:
        return f"{self.year:04}-{self.month:02}-01T00:00:00+00"

    def table(self, parent: str) -> str:
        return f"{parent}_{self.year:04}_{self.month:02}"


def register(table: str, keep_months: int) -> None:
    """Let the daily sweep keep the partitions of `table`."""
    PARTITIONED[table] = keep_months


def ensure(table: str, now: datetime, *, ahead: int = 2) -> list[str]:
    """Make the partitions of this month and the next ones; the names of those that were made."""
    made = []
    for month in (Month.of(now).plus(step) for step in range(ahead + 1)):
        with transaction.atomic(), connection.cursor() as cursor:
            # one sweep at a time: two would both find the month missing
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [table])
            cursor.execute("SELECT to_regclass(%s)", [month.table(table)])
            if cursor.fetchone()[0] is None:
                cursor.execute(
                    f"CREATE TABLE {month.table(table)} PARTITION OF {table}"
                    f" FOR VALUES FROM ('{month.starts}') TO ('{month.plus(1).starts}')"
                )
                made.append(month.table(table))
    return made


def expired(table: str, now: datetime, keep_months: int) -> Iterator[str]:
    """The partitions that lie wholly before the months that are kept."""
    oldest = Month.of(now).plus(-keep_months).table(table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass ORDER BY c.relname",
            [table],
        )
        names = [name for (name,) in cursor.fetchall()]
    return (name for name in names if not name.endswith("_default") and name < oldest)
