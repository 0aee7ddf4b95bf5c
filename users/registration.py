"""The one writer of people: register, block, unblock, revoke tokens.

`register` looks first: a call that changes nothing writes nothing, but for `last_seen_at`
at most once an hour. What changes is merged by PostgreSQL, so that of two calls at once
neither loses what the other said, and two first registrations make one person.
"""

import contextlib
import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from glu_admin import hot
from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from glu_admin.workspaces import audit
from users import people
from users.differences import Changes, changes
from users.models import EndUser
from users.records import COLUMNS, Record, dumps, record
from users.registration_form import RegistrationForm, warning
from users.tokens import Subject

ATTEMPTS = 4
SEEN_AGAIN_AFTER = timedelta(hours=1)
CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without 0, O, 1 and I

USER_TAKEN = "(environment_id, user_id)"
VISITOR_TAKEN = "(environment_id, anonymous_id) WHERE user_id IS NULL AND merged_into_id IS NULL"


@dataclass(frozen=True)
class Registered:
    """The person as stored now."""

    record: Record
    created: bool
    changed: bool
    warnings: tuple[dict[str, str], ...]

    @property
    def subject(self) -> Subject:
        """Whom a token for this person names."""
        return Subject(
            self.record.glu_id,
            self.record.user_id,
            self.record.anonymous_id,
            self.record.token_version,
            self.record.device.get("deviceId"),
            self.record.device.get("deviceType"),
        )


def register(config: EnvironmentConfig, form: RegistrationForm, *, now: datetime) -> Registered:
    """Make the person known, or say more of one who is; raises ApiError 403 for a blocked one."""
    for _ in range(ATTEMPTS):  # a write that finds the world changed looks again
        known = _find(config, form)
        if known is not None and known.is_blocked:
            raise people.blocked()
        form_now = _with_referrer(config, form, known)
        change = changes(known, form_now)
        seen_again = known is not None and now - known.last_seen_at >= SEEN_AGAIN_AFTER
        warnings = form_now.warnings + change.warnings
        if known is None:
            written, created = _insert(config, form_now, change, now)
        elif change or seen_again:
            written, created = _update(config, known, change, now), False
        else:
            return Registered(known, created=False, changed=False, warnings=warnings)
        if written is not None:
            return Registered(written, created=created, changed=bool(change), warnings=warnings)
    raise ApiError("busy", "This user is being changed by many calls at once. Try again.", status=503)


def _find(config: EnvironmentConfig, form: RegistrationForm) -> Record | None:
    """The person of the client's id, else the visitor of the anonymous id, who will become one."""
    visitor = "user_id IS NULL AND merged_into_id IS NULL AND anonymous_id = %s"
    if form.anonymous_id is None:
        where, ids = "user_id = %s", [form.user_id]
    elif form.user_id is None:
        where, ids = visitor, [form.anonymous_id]
    else:
        where = f"(user_id = %s OR ({visitor})) ORDER BY user_id NULLS LAST LIMIT 1"
        ids = [form.user_id, form.anonymous_id]
    return _first(
        f"SELECT {COLUMNS} FROM users_enduser u WHERE environment_id = %s AND {where}",
        [config.id, *ids],
    )


def _first(sql: str, values: list[Any]) -> Record | None:
    row = hot.row(sql, values)
    return None if row is None else record(row)


def _with_referrer(
    config: EnvironmentConfig, form: RegistrationForm, known: Record | None
) -> RegistrationForm:
    """The form with `referred_by` final: looked up by code, never oneself, and only the first time."""
    if form.referred_by is None and form.referral_code is None:
        return form
    if known is not None and known.referred_by:
        return replace(form, referred_by=None)
    referrer, told = form.referred_by, "referredBy"
    if referrer is None and form.referral_code is not None:
        referrer, told = _by_code(config, form.referral_code), "referralCode"
        if referrer is None:
            unknown = warning(told, "referral_code_unknown", "Nobody has this referral code; it was ignored.")
            return replace(form, warnings=(*form.warnings, unknown))
    own = {form.user_id, form.anonymous_id, known.user_id if known else None}
    if referrer is not None and referrer in own:
        myself = warning(told, "self_referral", "Nobody can refer themselves; it was ignored.")
        return replace(form, referred_by=None, warnings=(*form.warnings, myself))
    return replace(form, referred_by=referrer)


def _by_code(config: EnvironmentConfig, code: str) -> str | None:
    row = hot.row(
        "SELECT coalesce(user_id, anonymous_id) FROM users_enduser"
        " WHERE environment_id = %s AND referral_code = %s",
        [config.id, code],
    )
    return None if row is None else row[0]


def _insert(
    config: EnvironmentConfig, form: RegistrationForm, change: Changes, now: datetime
) -> tuple[Record | None, bool]:
    """The new row; or, if another call was first, that call's row with this one's merged into it."""
    values = change.columns | {
        "environment_id": config.id,
        "glu_id": uuid.uuid4(),
        "user_id": form.user_id,
        "anonymous_id": form.anonymous_id,
        "referral_code": f"GLU-{''.join(secrets.choice(CODE_ALPHABET) for _ in range(8))}",
        "token_version": 1,
        "is_test": False,
        "is_demo": False,
        "registered_at": now,
        "updated_at": now,
        "last_seen_at": now,
    }
    for part in ("device", "profile", "identities", "attributes"):
        values[part] = dumps(change.merges.get(part, {}))
    conflict = USER_TAKEN if form.user_id else VISITOR_TAKEN
    sets, merged = _sets(change, now)
    sql = (
        f"INSERT INTO users_enduser AS u ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})"
        f" ON CONFLICT {conflict} DO UPDATE SET {sets} WHERE u.blocked_at IS NULL"
        f" RETURNING {COLUMNS}"
    )
    written = _write(sql, [*values.values(), *merged])
    return written, written is not None and written.glu_id == values["glu_id"]


def _update(config: EnvironmentConfig, known: Record, change: Changes, now: datetime) -> Record | None:
    """The changed row; None if it was adopted, blocked or erased in the meantime."""
    sets, values = _sets(change, now)
    sql = (
        f"UPDATE users_enduser u SET {sets} WHERE environment_id = %s AND id = %s"
        f" AND user_id IS NOT DISTINCT FROM %s AND blocked_at IS NULL RETURNING {COLUMNS}"
    )
    return _write(sql, [*values, config.id, known.id, known.user_id])


def _sets(change: Changes, now: datetime) -> tuple[str, list[Any]]:
    """The SET list of a change: columns by value, JSON by what to add and what to take away."""
    sets = ["last_seen_at = %s"]
    values: list[Any] = [now]
    if change:
        sets.append("updated_at = %s")
        values.append(now)
    for column, value in change.columns.items():
        sets.append(
            "referred_by = coalesce(u.referred_by, %s)" if column == "referred_by" else f"{column} = %s"
        )
        values.append(value)
    for part in change.parts:
        sets.append(f"{part} = (u.{part} || %s::jsonb) - %s::text[]")
        values += [dumps(change.merges.get(part, {})), change.removals.get(part, [])]
    return ", ".join(sets), values


def _write(sql: str, values: list[Any]) -> Record | None:
    """The row written; None if a unique key was taken in the same moment."""
    # a failed statement would end a caller's transaction; alone it needs no savepoint
    guard = transaction.atomic() if connection.in_atomic_block else contextlib.nullcontext()
    try:
        with guard:
            return _first(sql, values)
    except IntegrityError:
        return None


def block(user: EndUser, actor: audit.Actor, *, now: datetime | None = None) -> None:
    """From now on every call of this person answers 403, whatever token it carries."""
    _set_blocked(user, actor, now or timezone.now(), "user.block")


def unblock(user: EndUser, actor: audit.Actor) -> None:
    _set_blocked(user, actor, None, "user.unblock")


def _set_blocked(user: EndUser, actor: audit.Actor, at: datetime | None, action: str) -> None:
    with transaction.atomic():
        locked = EndUser.objects.select_for_update().get(pk=user.pk, environment_id=user.environment_id)
        if bool(locked.blocked_at) == bool(at):
            return
        before, locked.blocked_at = locked.blocked_at, at
        locked.save(update_fields=["blocked_at"])
        audit.record(locked.environment, actor, action, locked, {"blocked_at": [_iso(before), _iso(at)]})
    user.blocked_at = at


def revoke_tokens(user: EndUser, actor: audit.Actor) -> None:
    """All tokens that this person holds are refused from now on; registering gives a new one."""
    with transaction.atomic():
        locked = EndUser.objects.select_for_update().get(pk=user.pk, environment_id=user.environment_id)
        locked.token_version += 1
        locked.save(update_fields=["token_version"])
        versions = [locked.token_version - 1, locked.token_version]
        audit.record(locked.environment, actor, "user.revoke_tokens", locked, {"token_version": versions})
    user.token_version = locked.token_version


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
