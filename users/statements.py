"""The statements of registration: one each, which writes the person, the device and the history.

What changes is merged by PostgreSQL, so that of two calls at once neither loses what the other
said. They serve registration.py and identity/merging.py alone.
"""

import contextlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.db import DatabaseError, connection, transaction

from glu_admin import hot
from users.differences import Changes
from users.history import changes as history
from users.identity import devices
from users.records import COLUMNS, Record, dumps, record
from users.registration_form import RegistrationForm
from users.segments import checks
from users.segments.checks import NOTHING, Watched

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without 0, O, 1 and I
USER_TAKEN = "(environment_id, user_id)"
VISITOR_TAKEN = "(environment_id, anonymous_id) WHERE user_id IS NULL AND merged_into_id IS NULL"
AS_FOUND = "user_id IS NOT DISTINCT FROM %s AND merged_into_id IS NULL AND erased_at IS NULL"
SEEN_AGAIN_AFTER = timedelta(hours=1)
PASSING = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.ForeignKeyViolation,
    psycopg.errors.DeadlockDetected,  # two people who swap their devices
)


@dataclass(frozen=True)
class Call:
    """Where and when a registration happens, and who says so ("sdk", "api", "import").

    `watched` is what the environment's kept segments read: nothing, mostly.
    """

    environment_id: UUID
    source: str
    now: datetime
    watched: Watched = NOTHING

    def is_due(self, known: Record | None) -> bool:
        """Whether it is to be written down that the person was seen: at most once an hour."""
        return known is None or self.now - known.last_seen_at >= SEEN_AGAIN_AFTER


def insert(call: Call, form: RegistrationForm, change: Changes) -> tuple[Record | None, bool]:
    """The new row; or, if another call was first, that call's row with this one's merged into it.

    None if that row's person is blocked, or if a unique key was taken in the same moment.
    """
    glu_id = uuid.uuid4()
    values = change.columns | {
        "environment_id": call.environment_id,
        "glu_id": glu_id,
        "user_id": form.user_id,
        "anonymous_id": form.anonymous_id,
        "referral_code": f"GLU-{''.join(secrets.choice(CODE_ALPHABET) for _ in range(8))}",
        "token_version": 1,
        "is_test": False,
        "is_demo": False,
        "registered_at": call.now,
        "updated_at": call.now,
        "last_seen_at": call.now,
    }
    for part in ("device", "profile", "identities", "attributes"):
        values[part] = dumps(change.merges.get(part, {}))
    conflict = USER_TAKEN if form.user_id else VISITOR_TAKEN
    sets, merged = _sets(call, None, change)
    sql = (
        f"INSERT INTO users_enduser AS u ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})"
        f" ON CONFLICT {conflict} DO UPDATE SET {sets} WHERE u.blocked_at IS NULL"
    )
    ctes, more = _consequences(call, None, change, glu_id)
    written = _write(sql, ctes, [*values.values(), *merged, *more])
    return written, written is not None and written.glu_id == glu_id


def update(call: Call, known: Record, change: Changes) -> Record | None:
    """The changed row; None if it was adopted, merged, blocked or erased in the meantime."""
    sets, values = _sets(call, known, change)
    sql = (
        f"UPDATE users_enduser u SET {sets} WHERE environment_id = %s AND id = %s"
        f" AND {AS_FOUND} AND blocked_at IS NULL"
    )
    ctes, more = _consequences(call, known, change, None)
    return _write(sql, ctes, [*values, call.environment_id, known.id, known.user_id, *more])


def fill(call: Call, known: Record, change: Changes) -> None:
    """Write a change of a row that the caller has locked, and whose history the caller tells."""
    sets, values = _sets(call, known, change)
    hot.rows(
        f"UPDATE users_enduser u SET {sets} WHERE environment_id = %s AND id = %s",
        [*values, call.environment_id, known.id],
    )


def _sets(call: Call, known: Record | None, change: Changes) -> tuple[str, list[Any]]:
    """The SET list of a change: columns by value, JSON by what to add and what to take away."""
    moments = {"last_seen_at": call.is_due(known), "updated_at": bool(change)}
    sets = [f"{column} = %s" for column, is_set in moments.items() if is_set]
    values: list[Any] = [call.now] * len(sets)
    for column, value in change.columns.items():
        # the first referrer stays, whoever of two calls at once wrote it
        is_first = column == "referred_by" and value is not None
        sets.append("referred_by = coalesce(u.referred_by, %s)" if is_first else f"{column} = %s")
        values.append(value)
    for part in change.parts:
        merged = f"u.{part} || %s::jsonb"
        values.append(dumps(change.merges.get(part, {})))
        if removal := change.removals.get(part):
            merged = f"({merged}) - %s::text[]"
            values.append(removal)
        sets.append(f"{part} = {merged}")
    return ", ".join(sets), values


def _consequences(
    call: Call, known: Record | None, change: Changes, made: UUID | None
) -> tuple[list[str], list[Any]]:
    """The CTEs, and their values, that follow the row `written`: its device, its history, a check."""
    ctes: list[str] = []
    values: list[Any] = []
    if "device" in change.parts or (known and known.device and call.is_due(known)):
        brought: Mapping[str, Any] = change.merges.get("device", {})
        ctes, values = devices.parts(brought, now=call.now)
    described = history.described(known, change)
    if described or made:
        ctes.append(f"noted AS ({history.INSERT})")
        values += history.values(
            call.environment_id, made, source=call.source, changes=described, at=call.now
        )
    if call.watched and call.watched.reads(change, is_new=bool(made), is_seen=call.is_due(known)):
        ctes.append(f"checked AS ({checks.INSERT})")
    return ctes, values


def _write(sql: str, ctes: list[str], values: list[Any]) -> Record | None:
    """The row written; None if another call was in the way in the same moment."""
    head = f"WITH written AS ({sql} RETURNING u.environment_id, {COLUMNS})"
    statement = f"{', '.join([head, *ctes])} SELECT * FROM written"
    # a failed statement would end a caller's transaction; alone it needs no savepoint
    guard = transaction.atomic() if connection.in_atomic_block else contextlib.nullcontext()
    try:
        with guard:
            row = hot.row(statement, values)
    except DatabaseError as error:
        if isinstance(error.__cause__, PASSING):
            return None
        raise
    return None if row is None else record(row[1:])
