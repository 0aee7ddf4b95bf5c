"""Codes from a file into a pool, in two steps: a report first, and the codes when somebody says so.

`examine` writes nothing. `add` judges the file again and stores what is good, encrypted, in
one transaction: all of it or nothing. Both read the file as a stream and keep 16 bytes a row
in a temporary table, so a million codes take no more memory than a thousand.
"""

from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from glu_admin import crypto
from glu_admin.workspaces.audit import Actor, record
from rewards import coupons
from rewards.coupon_files import CouponFile, Reason, Rejected, Row
from rewards.models import CouponCursor, CouponPool

FIRST_OF_EACH = 20
CURSORS = 64  # a new import is spread over so many, unless the pool has plenty open
MOST_OPEN_CURSORS = 256
STEP = 1_000  # rows between two reports of progress

Progress = Callable[[str, int], None]


@dataclass
class Problems:
    """The rows left out for one reason: how many, and the first of them as (line, first line)."""

    count: int = 0
    first: list[tuple[int, int | None]] = field(default_factory=list)

    def add(self, rejected: Rejected) -> None:
        self.count += 1
        if len(self.first) < FIRST_OF_EACH:
            self.first.append((rejected.line, rejected.first))


@dataclass
class ImportReport:
    """What a file holds. Lines and counts only: a report never holds a code."""

    encoding: str
    columns: tuple[str, ...]
    rows: int = 0
    accepted: int = 0
    problems: dict[Reason, Problems] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        return self.rows - self.accepted

    def count(self, rejected: Rejected) -> None:
        self.problems.setdefault(rejected.reason, Problems()).add(rejected)


def read(file: Any, pool: CouponPool, *, now: datetime) -> CouponFile:
    """A file as codes for this pool: bare dates end with the day of the pool's workspace."""
    return CouponFile(file, now=now, zone=ZoneInfo(pool.environment.workspace.time_zone))


def examine(pool: CouponPool, file: CouponFile, progress: Progress | None = None) -> ImportReport:
    """Judge every row against the file, this pool and the others. Nothing is stored."""
    with _staged(pool, file, progress) as known:
        return known.report


def rejected_rows(pool: CouponPool, file: CouponFile) -> Iterator[Rejected]:
    """Every row that is left out, in order, for the person who mends the file."""
    with _staged(pool, file, None) as known:
        for row in known.judge(file):
            if isinstance(row, Rejected):
                yield row


def add(pool: CouponPool, file: CouponFile, actor: Actor, progress: Progress | None = None) -> int:
    """Store the good rows of the file; how many they are."""
    with transaction.atomic():
        _one_import_at_a_time(pool)
        # claims refer to the pool's row, so it must not be locked against references meanwhile
        locked = CouponPool.objects.select_for_update(no_key=True).get(
            id=pool.id, environment_id=pool.environment_id
        )
        with _staged(pool, file, progress) as known:
            count = known.report.accepted
            stretches = _stretches(locked, count)
            _store(locked, known.judge(file), stretches, progress)
        CouponCursor.objects.bulk_create(each.cursor(locked) for each in stretches)
        before, pool.total = locked.total, locked.total + count
        pool.save(update_fields=["total"])
        changes = {"total": [before, pool.total]}
        record(pool.environment, actor, "coupon_pool.add_codes", pool, changes)
    return count


@dataclass
class _Stretch:
    """Numbers that one cursor will give out, and when the codes under them expire."""

    first: int
    last: int
    earliest: datetime | None = None
    latest: datetime | None = None
    endless: bool = False

    @property
    def width(self) -> int:
        return self.last - self.first + 1

    def take(self, expires_at: datetime | None) -> None:
        if expires_at is None:
            self.endless = True
        else:
            self.earliest = min(self.earliest or expires_at, expires_at)
            self.latest = max(self.latest or expires_at, expires_at)

    def cursor(self, pool: CouponPool) -> CouponCursor:
        return CouponCursor(
            environment_id=pool.environment_id,
            pool=pool,
            next_number=self.first,
            last_number=self.last,
            first_expiry=self.earliest,
            last_expiry=None if self.endless else self.latest,
        )


class _Known:
    """What the first pass found: the report, and which lines the database speaks against."""

    def __init__(self, file: CouponFile) -> None:
        self.report = ImportReport(file.encoding, file.layout.names)
        self.lines, self.firsts = array("L"), array("L")
        self.reasons = array("B")

    def reject(self, line: int, reason: Reason, first: int) -> None:
        self.lines.append(line)
        self.firsts.append(first)
        self.reasons.append(_REASONS.index(reason))
        self.report.count(Rejected(line, "", reason, first or None))

    def judge(self, file: CouponFile) -> Iterator[Row | Rejected]:
        """The rows again, with the database's verdicts merged in; both are in order of lines."""
        at = 0
        for row in file.rows():
            if at < len(self.lines) and self.lines[at] == row.line:
                reason, first = _REASONS[self.reasons[at]], self.firsts[at] or None
                at += 1
                yield Rejected(row.line, row.text, reason, first)
            else:
                yield row


_REASONS = tuple(Reason)


@contextmanager
def _staged(pool: CouponPool, file: CouponFile, progress: Progress | None) -> Iterator[_Known]:
    """The first pass, within a transaction whose temporary table goes with it."""
    known = _Known(file)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE coupon_rows (line int, blind bytea) ON COMMIT DROP")
        _stage(cursor, pool, file, known.report, progress)
        cursor.execute("ANALYZE coupon_rows")
        for line, reason, first in _spoken_against(cursor, pool):
            known.reject(line, reason, first)
        known.report.accepted -= len(known.lines)
        cursor.execute("DROP TABLE coupon_rows")
        yield known


def _stage(
    cursor: Any, pool: CouponPool, file: CouponFile, report: ImportReport, progress: Progress | None
) -> None:
    key = _environment_key(pool)
    with cursor.copy("COPY coupon_rows (line, blind) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int4", "bytea"])
        for row in file.rows():
            report.rows += 1
            if isinstance(row, Rejected):
                report.count(row)
            else:
                report.accepted += 1
                copy.write_row((row.line, crypto.blind_index(key, row.code)))
            if progress and not report.rows % STEP:
                progress("read", report.rows)


def _spoken_against(cursor: Any, pool: CouponPool) -> Iterator[tuple[int, Reason, int]]:
    """(line, reason, first line or 0) of rows that stand in the file before, or in a pool."""
    statement = """
        COPY (
            SELECT row.line, row.first, c.pool_id IS NOT NULL, c.pool_id = %s
            FROM (
                SELECT line, blind, min(line) OVER (PARTITION BY blind) AS first FROM coupon_rows
            ) row
            LEFT JOIN rewards_coupon c ON c.environment_id = %s AND c.blind_index = row.blind
            WHERE c.pool_id IS NOT NULL OR row.line > row.first
            ORDER BY row.line
        ) TO STDOUT (FORMAT BINARY)
    """
    with cursor.copy(statement, [pool.id, pool.environment_id]) as copy:
        copy.set_types(["int4", "int4", "bool", "bool"])
        for line, first, stored, here in copy.rows():
            if stored:
                yield line, Reason.IN_THIS_POOL if here else Reason.IN_ANOTHER_POOL, 0
            else:
                yield line, Reason.DUPLICATE, first


def _store(
    pool: CouponPool, rows: Iterator[Row | Rejected], stretches: list[_Stretch], progress: Progress | None
) -> None:
    """Encrypt and COPY the good rows, numbered on from the pool's last."""
    environment_key = _environment_key(pool)
    key = coupons.pool_key(environment_key, pool.id, bytes(pool.wrapped_key))
    number, nothing = pool.total, Jsonb({})
    columns = "environment_id, pool_id, number, ciphertext, blind_index, details, expires_at"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY rewards_coupon ({columns}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(["uuid", "uuid", "int4", "bytea", "bytea", "jsonb", "timestamptz"])
        for row in rows:
            if isinstance(row, Rejected):
                continue
            number += 1
            stretches[(number - pool.total - 1) // stretches[0].width].take(row.expires_at)
            sealed = crypto.seal(key, row.code.encode(), coupons.code_place(pool.id, number))
            blind = crypto.blind_index(environment_key, row.code)
            details = Jsonb(row.details, dumps=orjson.dumps) if row.details else nothing
            copy.write_row((pool.environment_id, pool.id, number, sealed, blind, details, row.expires_at))
            if progress and not number % STEP:
                progress("added", number - pool.total)


def _stretches(pool: CouponPool, count: int) -> list[_Stretch]:
    """The next `count` numbers in even stretches; cursors that are spent make room for theirs."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM rewards_couponcursor WHERE id IN (
                SELECT id FROM rewards_couponcursor
                WHERE pool_id = %s AND next_number > last_number FOR UPDATE SKIP LOCKED)
            """,
            [pool.id],
        )
    still_open = CouponCursor.objects.filter(pool=pool).count()
    many = max(1, min(CURSORS, count, MOST_OPEN_CURSORS - still_open))
    width = max(1, -(-count // many))
    starts = range(pool.total + 1, pool.total + count + 1, width)
    return [_Stretch(start, min(start + width - 1, pool.total + count)) for start in starts]


def _one_import_at_a_time(pool: CouponPool) -> None:
    """Per environment, in which a code is unique; released with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"coupons:{pool.environment_id}"]
        )


def _environment_key(pool: CouponPool) -> bytes:
    return crypto.environment_key(pool.environment_id, bytes(pool.environment.wrapped_key))
