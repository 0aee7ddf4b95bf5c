"""Tables cut by month: today's partition is there, next month's too, old ones can be dropped.

A default partition takes whatever no month takes, so that a late sweep loses nothing: it moves
what it finds there into the month that it makes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper

PARTITIONED: dict[str, int] = {}  # table -> months that its rows are kept
log = structlog.get_logger("glu.partitions")


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
                _make(cursor, table, month)
                made.append(month.table(table))
    return made


def _make(cursor: CursorWrapper, table: str, month: Month) -> None:
    """The month's partition, with whatever the default one took in the meantime."""
    column = _column(cursor, table)
    name, default = month.table(table), f"{table}_default"
    within = f"{column} >= '{month.starts}' AND {column} < '{month.plus(1).starts}'"
    # those who write now wait for a moment, and never behind a long query
    cursor.execute("SET LOCAL lock_timeout = '3s'")
    cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS)")
    cursor.execute(f"LOCK TABLE {default} IN ACCESS EXCLUSIVE MODE")
    cursor.execute("SET LOCAL glu.maintenance = 'on'")  # rows of append-only tables move, too
    cursor.execute(
        f"WITH moved AS (DELETE FROM {default} WHERE {within} RETURNING *)"
        f" INSERT INTO {name} SELECT * FROM moved"
    )
    cursor.execute("SET LOCAL glu.maintenance = 'off'")
    cursor.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {name}"
        f" FOR VALUES FROM ('{month.starts}') TO ('{month.plus(1).starts}')"
    )


def _column(cursor: CursorWrapper, table: str) -> str:
    """The column by which the table is cut."""
    cursor.execute(
        "SELECT a.attname FROM pg_partitioned_table p JOIN pg_attribute a"
        " ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0] WHERE p.partrelid = %s::regclass",
        [table],
    )
    return str(cursor.fetchone()[0])


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


def drop_expired(table: str, now: datetime, keep_months: int) -> list[str]:
    """Drop them; the names of those that are gone. Raises OperationalError if a long query reads them."""
    dropped = []
    for name in expired(table, now, keep_months):
        with transaction.atomic(), connection.cursor() as cursor:
            # whoever comes behind this lock would wait as well: better to try again in an hour
            cursor.execute("SET LOCAL lock_timeout = '3s'")
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
        dropped.append(name)
    return dropped


def sweep(now: datetime) -> None:
    """What is to be done each day; more often or late does no harm."""
    for table, keep_months in PARTITIONED.items():
        try:
            made = ensure(table, now)
            dropped = drop_expired(table, now, keep_months)
        except OperationalError as busy:
            log.warning("partitions.busy", table=table, error=str(busy).partition("\n")[0])
            continue
        if made or dropped:
            log.info("partitions.swept", table=table, made=made, dropped=dropped)
