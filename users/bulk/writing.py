"""Staged people become users, a stretch of lines in one short transaction.

New ones are written by one statement; those who are known are locked in the order of their
ids, compared by the rules of registration and written by one more. Whoever takes more than
that (a visitor to be merged, a referrer to be checked) goes through registration itself.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg
from django.db import IntegrityError, connection, transaction

from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from users.bulk import erased
from users.bulk.rows import Fault, told
from users.bulk.staging import Staging, form_of, with_room_to_sort
from users.differences import Changes, changes
from users.events import waiting
from users.history.changes import described
from users.records import COLUMNS, Record, record
from users.registration import register
from users.segments import checks

SOURCE = "import"
_STAGED = (
    "s.line, s.user_id, s.anonymous_id, s.user_name, s.email, s.phone, s.referred_by, s.profile::text,"
    " s.identities::text, s.attributes::text, s.is_test, s.registered_at, s.sent::text"
)
_LINES = "s.line > %(after)s AND s.line <= %(until)s"
# a visitor who is (or becomes) this user, or a referrer whom only registration may settle
_ODD = f"""
SELECT {_STAGED} FROM {{table}} s
LEFT JOIN users_enduser u ON u.environment_id = %(environment)s AND u.user_id = s.user_id
WHERE {_LINES} AND s.line <> ALL(%(done)s::int[]) AND (
    (s.referred_by IS NOT NULL AND u.referred_by IS NULL)
    OR (s.anonymous_id IS NOT NULL AND EXISTS (
        SELECT FROM users_enduser v WHERE v.environment_id = %(environment)s
            AND v.anonymous_id = s.anonymous_id AND v.user_id IS NULL AND v.merged_into_id IS NULL))
)
ORDER BY s.line
"""
_KNOWN = f"""
SELECT {_STAGED}, u.is_test, {COLUMNS} FROM {{table}} s
JOIN users_enduser u ON u.environment_id = %(environment)s AND u.user_id = s.user_id
WHERE {_LINES} AND s.line <> ALL(%(done)s::int[])
ORDER BY u.id FOR NO KEY UPDATE OF u
"""
# Whoever is new has a history that begins with a bare "registered": what the person began with
# stands in the row. In the order of user ids, so that two imports never wait for each other crosswise.
_INSERT = """
    INSERT INTO users_enduser (environment_id, glu_id, user_id, anonymous_id, user_name, email, phone,
        referral_code, device, profile, identities, attributes, token_version, is_test, is_demo,
        registered_at, updated_at, last_seen_at)
    SELECT %(environment)s, glu_id, user_id, anonymous_id, user_name, email, phone, code,
        '{{}}', profile, identities, attributes, 1, coalesce(is_test, false), false,
        coalesce(registered_at, %(now)s), %(now)s, coalesce(registered_at, %(now)s)
"""
_TELL_NEW = f"""
    INSERT INTO users_userchange (environment_id, user_id, kind, source, changes, request_id, at)
    SELECT %(environment)s, id, 'registered', '{SOURCE}', '{{{{}}}}', '', %(now)s FROM fresh
"""
_THESE = f"FROM {{table}} s WHERE {_LINES} AND s.line <> ALL(%(done)s::int[])"
# Looking for conflicts before each row costs a fifth of all, and there hardly ever is one.
_NEW = f"""
WITH fresh AS ({_INSERT} {_THESE} ORDER BY user_id RETURNING id), told AS ({_TELL_NEW})
SELECT count(*) FROM fresh
"""
# Whom another call was faster to make, or whose code is taken, comes back by line.
_NEW_AMONG_OTHERS = f"""
WITH chunk AS (SELECT * {_THESE}),
fresh AS ({_INSERT} FROM chunk ORDER BY user_id ON CONFLICT DO NOTHING RETURNING id, user_id),
told AS ({_TELL_NEW})
SELECT {_STAGED} FROM chunk s LEFT JOIN fresh USING (user_id) WHERE fresh.id IS NULL ORDER BY s.line
"""
_CHANGE = """
UPDATE users_enduser u SET anonymous_id = n.anonymous_id, user_name = n.user_name, email = n.email,
    phone = n.phone, profile = n.profile, identities = n.identities, attributes = n.attributes,
    is_test = n.is_test, updated_at = %(now)s
FROM unnest(%(ids)s::bigint[], %(anonymous_id)s::text[], %(user_name)s::text[], %(email)s::text[],
    %(phone)s::text[], %(profile)s::jsonb[], %(identities)s::jsonb[], %(attributes)s::jsonb[],
    %(is_test)s::bool[])
    AS n (id, anonymous_id, user_name, email, phone, profile, identities, attributes, is_test)
WHERE u.environment_id = %(environment)s AND u.id = n.id
"""
_TELL = f"""
INSERT INTO users_userchange (environment_id, user_id, kind, source, changes, request_id, at)
SELECT %(environment)s, n.id, 'changed', '{SOURCE}', n.changes, '', %(now)s
FROM unnest(%(ids)s::bigint[], %(changes)s::jsonb[]) AS n (id, changes)
WHERE n.changes <> '{{}}'
"""
_UNKNOWN = f"""
SELECT line, user_id FROM {{table}} s WHERE {_LINES} AND NOT EXISTS (
    SELECT FROM users_enduser u WHERE u.environment_id = %(environment)s AND u.user_id = s.user_id)
"""
_ANY_WAITS = """
SELECT EXISTS (SELECT FROM users_event WHERE environment_id = %(environment)s AND verdict = 'waiting')
"""
# for segments that are kept; in one order, as all who write them
_CHECK = f"""
INSERT INTO users_segmentcheck (environment_id, user_id, due_at)
SELECT u.environment_id, u.id, {checks.AT_ONCE} FROM {{table}} s
JOIN users_enduser u ON u.environment_id = %(environment)s AND u.user_id = s.user_id
WHERE {_LINES} ORDER BY u.id {checks.UPSERT} RETURNING 1
"""
_WAITING = f"""
SELECT DISTINCT u.id, u.user_id FROM users_event e
JOIN {{table}} s ON s.user_id = e.client_id AND {_LINES}
JOIN users_enduser u ON u.environment_id = e.environment_id AND u.user_id = s.user_id
WHERE e.environment_id = %(environment)s AND e.verdict = 'waiting'
"""


class _Staged(NamedTuple):
    line: int
    user_id: str
    anonymous_id: str | None
    user_name: str | None
    email: str | None
    phone: str | None
    referred_by: str | None
    profile: str
    identities: str
    attributes: str
    is_test: bool | None
    registered_at: datetime | None
    sent: str | None


class _Known(NamedTuple):
    """Somebody who is a user already, and what the file says of them."""

    said: _Staged
    is_test: bool
    record: Record


class _Changed(NamedTuple):
    known: _Known
    change: Changes
    is_test: bool


class Written:
    """What became of a stretch of lines."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.left_out: list[Fault] = []
        self.warnings: list[Fault] = []


def write(config: EnvironmentConfig, staging: Staging, after: int, until: int, *, now: datetime) -> Written:
    """Write the people of the lines beyond `after` up to `until`, in the caller's transaction."""
    written = Written()
    with connection.cursor() as cursor:
        with_room_to_sort(cursor)
    stretch = {"environment": config.id, "after": after, "until": until, "now": now}
    done: list[int] = []
    if staging.has_erased:
        written.left_out += erased.among(config.environment, _rows(_UNKNOWN, staging, stretch))
        done += [each.line for each in written.left_out]
    odd = []
    if staging.has_visitors or staging.has_referrers:
        odd = [_Staged(*row) for row in _rows(_ODD, staging, stretch | {"done": done})]
    done += [each.line for each in odd]
    known = []
    if staging.has_known:
        known = [_known(row) for row in _rows(_KNOWN, staging, stretch | {"done": done})]
    done += [each.said.line for each in known]
    _write_known(config.id, known, written, now)
    written.counts["created"], missed = _write_new(staging, stretch | {"done": done})
    for each in (*odd, *missed):
        _register(config, each, written, now)
    if written.counts["created"]:
        _release(config, staging, stretch, now)
    if checks.watched(config):
        _rows(_CHECK, staging, stretch)
    return written


def _rows(sql: str, staging: Staging, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{table}", staging.table).replace("{{}}", "{}"), values)
        found: list[Any] = cursor.fetchall()
        return found


def _write_new(staging: Staging, stretch: dict[str, Any]) -> tuple[int, list[_Staged]]:
    """How many were created, and who could not be by this way."""
    try:
        with transaction.atomic():
            return int(_rows(_NEW, staging, stretch)[0][0]), []
    except IntegrityError as error:
        if not isinstance(error.__cause__, psycopg.errors.UniqueViolation):
            raise
    missed = [_Staged(*row) for row in _rows(_NEW_AMONG_OTHERS, staging, stretch)]
    many = _rows(f"SELECT count(*) {_THESE}", staging, stretch)[0][0]
    return int(many) - len(missed), missed


def _known(row: tuple[Any, ...]) -> _Known:
    width = len(_Staged._fields)
    return _Known(_Staged(*row[:width]), row[width], record(row[width + 1 :]))


def _write_known(environment_id: UUID, known: Sequence[_Known], written: Written, now: datetime) -> None:
    changed = []
    for each in known:
        if each.record.is_blocked:
            written.left_out.append(_blocked(each.said.line))
            continue
        change = changes(each.record, form_of(each.said))
        written.warnings += told(each.said.line, change.warnings)
        is_test = each.is_test if each.said.is_test is None else each.said.is_test
        change.columns.pop("referred_by", None)  # it has one already
        if change or is_test != each.is_test:
            changed.append(_Changed(each, change, is_test))
        else:
            written.counts["unchanged"] += 1
    if changed:
        _change(environment_id, changed, now)
    written.counts["changed"] += len(changed)


def _change(environment_id: UUID, changed: Sequence[_Changed], now: datetime) -> None:
    values: dict[str, Any] = {"environment": environment_id, "now": now}
    values["ids"] = [each.known.record.id for each in changed]
    values["is_test"] = [each.is_test for each in changed]
    for column in ("anonymous_id", "user_name", "email", "phone"):
        values[column] = [
            each.change.columns.get(column, getattr(each.known.record, column)) for each in changed
        ]
    for part in ("profile", "identities", "attributes"):
        values[part] = [_merged(each, part) for each in changed]
    described_ = [described(each.known.record, each.change) for each in changed]
    values["changes"] = [orjson.dumps(each).decode() for each in described_]
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, values)
        cursor.execute(_TELL, values)


def _merged(changed: _Changed, part: str) -> str:
    """A part as it will be stored. The row is locked, so nothing comes in between."""
    gone = changed.change.removals.get(part, ())
    whole = getattr(changed.known.record, part) | changed.change.merges.get(part, {})
    return orjson.dumps({name: value for name, value in whole.items() if name not in gone}).decode()


def _register(config: EnvironmentConfig, said: _Staged, written: Written, now: datetime) -> None:
    """By registration itself, as if an app had said it."""
    try:
        with transaction.atomic():
            done = register(config, form_of(said), now=now, source=SOURCE)
            _add_to(done.record.id, config.id, said, is_new=done.created)
    except ApiError as refusal:
        if refusal.code != "user_blocked":
            raise
        written.left_out.append(_blocked(said.line))
        return
    written.warnings += told(said.line, done.warnings)
    written.counts["created" if done.created else "changed" if done.changed else "unchanged"] += 1


def _add_to(pk: int, environment_id: UUID, said: _Staged, *, is_new: bool) -> None:
    """What an app can't say of a person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE users_enduser SET is_test = coalesce(%s, is_test),"
            " registered_at = CASE WHEN %s THEN coalesce(%s, registered_at) ELSE registered_at END"
            " WHERE environment_id = %s AND id = %s",
            [said.is_test, is_new, said.registered_at, environment_id, pk],
        )


def _release(config: EnvironmentConfig, staging: Staging, stretch: dict[str, Any], now: datetime) -> None:
    """Apply the events that waited for people of this stretch; there are few, or none."""
    if _rows(_ANY_WAITS, staging, stretch)[0][0]:
        for pk, user_id in _rows(_WAITING, staging, stretch):
            waiting.release(config, pk, [user_id], now=now)


def _blocked(line: int) -> Fault:
    return Fault(line, "userId", "user_blocked", "This user is blocked, and was left as it is.")
