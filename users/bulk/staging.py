"""The people of a file on their way in: a table of the import's own, without a log, gone after it.

Whoever was read stands there as a new row would be, so that a whole file can be judged before
anything is written, and be written by statements over sets.
"""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from users.bulk.rows import Fault, Row
from users.registration_form import RegistrationForm
from users.statements import CODE_ALPHABET

PREFIX = "users_import_"
ORPHANED = timedelta(days=1)
CODE_BYTES = 8
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
_letters = bytes(ord(CODE_ALPHABET[n % len(CODE_ALPHABET)]) for n in range(256))
_COLUMNS = (
    "line, user_id, anonymous_id, user_name, email, phone, referred_by, profile, identities, attributes,"
    " is_test, registered_at, sent, code, glu_id"
)
_TABLE = """
CREATE UNLOGGED TABLE {table} (
    line int NOT NULL, user_id text NOT NULL, anonymous_id text, user_name text, email text, phone text,
    referred_by text, profile jsonb NOT NULL, identities jsonb NOT NULL, attributes jsonb NOT NULL,
    is_test bool, registered_at timestamptz, sent jsonb, code text NOT NULL, glu_id uuid NOT NULL
) WITH (autovacuum_enabled = off)
"""
_ANY_DUPLICATE = "SELECT EXISTS (SELECT FROM {table} GROUP BY user_id HAVING count(*) > 1)"
# of lines with the same id, the last one counts
_DUPLICATES = """
WITH gone AS (
    DELETE FROM {table} row USING (
        SELECT line, max(line) OVER (PARTITION BY user_id) AS last FROM {table}
    ) found
    WHERE row.line = found.line AND found.line < found.last
    RETURNING found.line, found.last
)
SELECT line, last, count(*) OVER () FROM gone ORDER BY line LIMIT %s
"""


class Staging:
    """The table of one import."""

    def __init__(self, key: UUID, now: datetime) -> None:
        # each attempt has a name of its own: one that lost its lease must not drop another's table
        self.table = f"{PREFIX}{now:%y%m%d%H%M}_{os.urandom(2).hex()}_{key.hex}"
        self._key, self._now = key, now
        self._waiting: list[str] = []  # lines of COPY, which say nothing yet of code and glu_id
        self.rows = 0
        self.last_line = 0
        self.has_visitors = False
        self.has_referrers = False
        self.has_known = True  # whether somebody in it is a user already
        self.has_erased = False  # whether somebody in it may have been erased

    def make(self) -> None:
        drop_orphans(self._key, self._now)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {self.table}")
            cursor.execute(_TABLE.format(table=self.table))

    def drop(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {self.table}")

    def add(self, row: Row) -> None:
        """Take a person up; `flush` stores them."""
        self._waiting.append(_line(row))
        self.has_visitors = self.has_visitors or row.form.anonymous_id is not None
        self.has_referrers = self.has_referrers or row.form.referred_by is not None
        self.last_line = row.line

    def flush(self) -> None:
        rows, self._waiting = self._waiting, []
        statement = f"COPY {self.table} ({_COLUMNS}) FROM STDIN"
        made = zip(rows, _codes(len(rows)), _glu_ids(len(rows)), strict=True)
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write("".join([f"{row}\t{code}\t{glu_id}\n" for row, code, glu_id in made]))
        self.rows += len(rows)

    def close(self, first: int) -> tuple[int, list[Fault]]:
        """Nothing more comes: leave one line a person. How many others there were, and the first."""
        found = []
        with transaction.atomic(), connection.cursor() as cursor:
            with_room_to_sort(cursor)
            cursor.execute(f"ALTER TABLE {self.table} ADD PRIMARY KEY (line)")
            cursor.execute(_ANY_DUPLICATE.format(table=self.table))
            if cursor.fetchone()[0]:
                cursor.execute(_DUPLICATES.format(table=self.table), [first])
                found = cursor.fetchall()
            cursor.execute(f"ANALYZE {self.table}")
        gone = found[0][2] if found else 0
        self.rows -= gone
        told = "The same userId comes again on line {}, which counts."
        return gone, [Fault(line, "userId", "duplicate", told.format(last)) for line, last, _ in found]

    def known(self, environment_id: UUID) -> int:
        """How many of these people are users already."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {self.table} s JOIN users_enduser u ON u.user_id = s.user_id"
                " WHERE u.environment_id = %s",
                [environment_id],
            )
            return int(cursor.fetchone()[0])


def with_room_to_sort(cursor: Any) -> None:
    """In memory, for the length of this transaction: else what is sorted goes over the disk twice."""
    cursor.execute("SET LOCAL work_mem = '32MB'")


def count_people() -> None:
    """Tell the planner how many users there are now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE users_enduser")


def drop_orphans(key: UUID, now: datetime) -> int:
    """Drop what earlier attempts at this import left, and others that broke off a day ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'u'"
            " AND relnamespace = current_schema()::regnamespace AND starts_with(relname, %s)"
            " AND (relname < %s OR right(relname, 32) = %s)",
            [PREFIX, f"{PREFIX}{now - ORPHANED:%y%m%d%H%M}", key.hex],
        )
        names = [name for (name,) in cursor.fetchall()]
        for name in names:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
    return len(names)


def form_of(row: Any) -> RegistrationForm:
    """The form that a staged row was made of; `row` has the columns of _COLUMNS by name."""
    core = {
        name: value for name in ("user_name", "email", "phone") if (value := getattr(row, name)) is not None
    }
    parts = {part: orjson.loads(getattr(row, part)) for part in ("profile", "identities", "attributes")}
    if row.sent is not None:
        parts = orjson.loads(row.sent)
        core = parts.pop("core")
    return RegistrationForm(
        user_id=row.user_id,
        anonymous_id=row.anonymous_id,
        core=core,
        device={},
        **parts,
        referred_by=row.referred_by,
    )


def _line(row: Row) -> str:
    """The row as COPY reads it. Nearly none holds anything that must be escaped."""
    form, core = row.form, row.core
    values = (
        str(row.line),
        form.user_id,
        form.anonymous_id,
        core.get("user_name"),
        core.get("email"),
        core.get("phone"),
        form.referred_by,
        row.profile,
        row.identities,
        row.attributes,
        None if row.is_test is None else str(row.is_test),
        None if row.registered_at is None else row.registered_at.isoformat(),
        row.sent,
    )
    line = "\t".join(["\\N" if value is None else value for value in values])
    is_plain = line.count("\\") == values.count(None) and line.count("\t") == len(values) - 1
    if not is_plain or "\n" in line or "\r" in line:
        return "\t".join(["\\N" if value is None else value.translate(_ESCAPES) for value in values])
    return line


def _codes(many: int) -> Iterator[str]:
    """So many referral codes; one that is taken already is found out when it is written."""
    letters = os.urandom(many * CODE_BYTES).translate(_letters).decode()
    return (f"GLU-{letters[at : at + CODE_BYTES]}" for at in range(0, len(letters), CODE_BYTES))


def _glu_ids(many: int) -> Iterator[str]:
    """So many random UUIDs of version 4; one by one, here or in the database, they cost ten times as much."""
    digits = os.urandom(many * 16).hex()
    for at in range(0, len(digits), 32):
        each = digits[at : at + 32]
        yield f"{each[:12]}4{each[13:16]}{_VARIANT[each[16]]}{each[17:]}"
