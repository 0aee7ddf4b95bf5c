"""A visitor who turns out to be a user we know: the visitor's row becomes an alias of the user's.

Rows are never re-owned: plays, rewards and devices stay where they are, and reads follow
`merged_into`. The user's own word counts: name, e-mail, phone, the referrer and each attribute,
profile field and identity of the visitor is taken only where the user has none, as far as there
is room. A blocked visitor is not merged, nor into a blocked user. What stands above people folds
its own parts in the same transaction (`on_merge`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db import DatabaseError, connection, transaction

from glu_admin import hot
from users.differences import Changes, changes
from users.history import changes as history
from users.history.models import UserChange
from users.identity import referrals
from users.records import COLUMNS, Record, record
from users.registration_form import CORE, RegistrationForm
from users.statements import Call, fill

Fold = Callable[[UUID, int, int, datetime], None]

_PASSING = (psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable)
# In order of the keys, so that merges at once don't wait for each other in a circle. Weaker than
# FOR UPDATE: plays of both go on until their own row is folded.
_LOCK = f"""
    SELECT {COLUMNS} FROM users_enduser u
     WHERE u.environment_id = %s AND u.id = ANY(%s::bigint[]) AND u.merged_into_id IS NULL
       AND u.erased_at IS NULL AND u.blocked_at IS NULL
     ORDER BY u.id FOR NO KEY UPDATE
"""
_ALIAS = """
    UPDATE users_enduser SET merged_into_id = %s, merged_at = %s WHERE environment_id = %s AND id = %s
"""
_folds: list[Fold] = []


def on_merge(fold: Fold) -> None:
    """Call `fold(environment_id, alias_pk, user_pk, now)` inside each merge's transaction."""
    _folds.append(fold)


def merge(call: Call, user_pk: int, visitor_pk: int) -> bool:
    """Link the visitor to the user; False if the world has changed, so that the caller looks again."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '5s'")
            # before the rows, as a registration that names a referrer does it
            referrals.lock(call.environment_id)
            pair = _pair(call.environment_id, user_pk, visitor_pk)
            if pair is None:
                return False
            _link(call, pair)
    except DatabaseError as error:
        if isinstance(error.__cause__, _PASSING):
            return False
        raise
    return True


@dataclass(frozen=True)
class _Pair:
    """Both rows, locked."""

    user: Record
    visitor: Record


def _pair(environment_id: UUID, user_pk: int, visitor_pk: int) -> _Pair | None:
    rows = hot.rows(_LOCK, [environment_id, [user_pk, visitor_pk]])
    found = {each.id: each for each in map(record, rows)}
    if len(found) < 2 or found[visitor_pk].user_id is not None or found[user_pk].user_id is None:
        return None
    return _Pair(found[user_pk], found[visitor_pk])


def _link(call: Call, pair: _Pair) -> None:
    user, visitor = pair.user, pair.visitor
    hot.rows(_ALIAS, [user.id, call.now, call.environment_id, visitor.id])
    change = _lacked(pair)
    referrer = _referrer(call.environment_id, pair)
    if referrer != user.referred_by:
        change.columns["referred_by"] = referrer
    if change:
        fill(call, user, change)
    told: history.Described = {"anonymousId": None, **history.described(user, change)}
    kind = UserChange.Kind.MERGED
    history.record(call.environment_id, user.id, kind, source=call.source, changes=told, at=call.now)
    for fold in _folds:
        fold(call.environment_id, visitor.id, user.id, call.now)


def _lacked(pair: _Pair) -> Changes:
    """What the visitor knows and the user does not, as if the user said it now."""
    user, visitor = pair.user, pair.visitor

    def more(part: str) -> dict[str, Any]:
        has = getattr(user, part)
        return {name: value for name, value in getattr(visitor, part).items() if name not in has}

    said = RegistrationForm(
        user_id=None,
        anonymous_id=None,
        core={column: getattr(visitor, column) for column, _ in CORE.values() if not getattr(user, column)},
        device={} if user.device else visitor.device,
        profile=more("profile"),
        identities=more("identities"),
        attributes=more("attributes"),
    )
    return changes(user, said)


def _referrer(environment_id: UUID, pair: _Pair) -> str | None:
    """The user's, else the visitor's; none if both together close a circle that neither was in."""
    referrer = pair.user.referred_by or pair.visitor.referred_by
    if referrer is None:
        return None
    ids = (pair.user.user_id, pair.user.anonymous_id, pair.visitor.anonymous_id)
    names = [each for each in ids if each]
    people = [pair.user.id, pair.visitor.id]
    circle = referrals.leads_to(environment_id, referrer, people=people, names=names)
    return referrer if circle is None else None
