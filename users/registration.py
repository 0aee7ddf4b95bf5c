"""The one writer of people: register, block, unblock, revoke tokens, mark test users.

`register` looks first: a call that changes nothing writes nothing, but for `last_seen_at`
at most once an hour. What changes is merged by PostgreSQL, so that of two calls at once
neither loses what the other said, and two first registrations make one person. A call with
both ids makes a user of the visitor, or links the visitor to the user who is there already.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from glu_admin import hot
from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from glu_admin.workspaces import audit
from users import people, statements
from users.differences import changes
from users.events import waiting
from users.history import changes as history
from users.history.models import UserChange
from users.identity import merging, referrals
from users.models import EndUser
from users.records import COLUMNS, Record, record
from users.registration_form import RegistrationForm
from users.segments import checks
from users.statements import Call
from users.tokens import Subject

ATTEMPTS = 5
KINDS = {
    "user.block": UserChange.Kind.BLOCKED,
    "user.unblock": UserChange.Kind.UNBLOCKED,
    "user.revoke_tokens": UserChange.Kind.SIGNED_OUT,
    "user.mark_test": UserChange.Kind.CHANGED,
}

Referred = Callable[[EnvironmentConfig, str, str, datetime], None]
_on_referred: list[Referred] = []


def on_referred(tell: Referred) -> None:
    """Call `tell(config, id, referrer, now)` in each registration that records who invited whom."""
    _on_referred.append(tell)


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


def register(
    config: EnvironmentConfig, form: RegistrationForm, *, now: datetime, source: str = "sdk"
) -> Registered:
    """Make the person known, or say more of one who is; raises ApiError 403 for a blocked one."""
    call = Call(config.id, source, now, checks.watched(config))
    merged = False
    for _ in range(ATTEMPTS):  # a write that finds the world changed looks again
        known, visitor = _find(config, form)
        if known is not None and visitor is not None:
            merged = merging.merge(call, known.id, visitor.id) or merged
            continue
        registered = _said(config, call, form, known)
        if registered is None:
            continue
        person = registered.record
        ids = {person.user_id, person.anonymous_id}
        if merged or known is None or ids != {known.user_id, known.anonymous_id}:
            waiting.release(config, person.id, [each for each in ids if each], now=now)
        return replace(registered, changed=True) if merged else registered
    raise ApiError("busy", "This user is being changed by many calls at once. Try again.", status=503)


def _said(
    config: EnvironmentConfig, call: Call, form: RegistrationForm, known: Record | None
) -> Registered | None:
    """One try; None if another call was in the way."""
    must_settle = referrals.must_settle(form, known)
    with transaction.atomic() if must_settle else nullcontext():
        loses_referrer = False
        if must_settle:
            form, loses_referrer = referrals.settle(config, form, known)
        change = changes(known, form)
        if loses_referrer:
            change.columns["referred_by"] = None
        written, created = known, False
        if known is None:
            written, created = statements.insert(call, form, change)
        elif change or call.is_due(known):
            written = statements.update(call, known, change)
        if written is None:
            return None
        if must_settle and written.referred_by and not (known and known.referred_by):
            for tell in _on_referred:
                tell(config, written.user_id or written.anonymous_id or "", written.referred_by, call.now)
        return Registered(written, created, bool(change), form.warnings + change.warnings)


def _find(config: EnvironmentConfig, form: RegistrationForm) -> tuple[Record | None, Record | None]:
    """The person of the client's id, and the visitor of the anonymous id, who is the same one.

    A visitor alone comes first. Raises ApiError 403 if either is blocked.
    """
    visitor = "user_id IS NULL AND merged_into_id IS NULL AND anonymous_id = %s"
    if form.anonymous_id is None:
        where, ids = "user_id = %s", [form.user_id]
    elif form.user_id is None:
        where, ids = visitor, [form.anonymous_id]
    else:
        where = f"(user_id = %s OR ({visitor})) ORDER BY user_id NULLS LAST LIMIT 2"
        ids = [form.user_id, form.anonymous_id]
    rows = hot.rows(
        f"SELECT {COLUMNS} FROM users_enduser u WHERE environment_id = %s AND {where}", [config.id, *ids]
    )
    found = [record(row) for row in rows]
    if any(each.is_blocked for each in found):
        raise people.blocked()
    known, other, *_ = *found, None, None
    return known, other


def block(user: EndUser, actor: audit.Actor, *, now: datetime | None = None, source: str = "console") -> None:
    """From now on every call of this person answers 403, whatever token it carries."""
    _set_blocked(user, actor, now or timezone.now(), "user.block", source)


def unblock(user: EndUser, actor: audit.Actor, *, source: str = "console") -> None:
    _set_blocked(user, actor, None, "user.unblock", source)


def _set_blocked(user: EndUser, actor: audit.Actor, at: datetime | None, action: str, source: str) -> None:
    with transaction.atomic():
        locked = _locked(user)
        if bool(locked.blocked_at) == bool(at):
            return
        before, locked.blocked_at = locked.blocked_at, at
        locked.save(update_fields=["blocked_at"])
        _note(locked, actor, action, {"blocked_at": [_iso(before), _iso(at)]}, source)
    user.blocked_at = at


def revoke_tokens(user: EndUser, actor: audit.Actor, *, source: str = "console") -> None:
    """All tokens that this person holds, by whatever id, are refused; registering gives a new one."""
    with transaction.atomic():
        locked = _locked(user)
        rows = EndUser.objects.filter(environment=locked.environment_id)
        rows.filter(Q(pk=locked.pk) | Q(merged_into=locked)).update(token_version=F("token_version") + 1)
        versions = [locked.token_version, locked.token_version + 1]
        _note(locked, actor, "user.revoke_tokens", {"token_version": versions}, source)
    user.token_version = locked.token_version + 1


def mark_test(user: EndUser, is_test: bool, actor: audit.Actor, *, source: str = "console") -> None:
    """Whether this person is one of the client's own testers."""
    with transaction.atomic():
        locked = _locked(user)
        before, locked.is_test = locked.is_test, is_test
        if before == is_test:
            return
        locked.save(update_fields=["is_test"])
        _note(locked, actor, "user.mark_test", {"is_test": [before, is_test]}, source)
        checks.mark_about(locked.environment_id, [locked.pk])
    user.is_test = is_test


def _locked(user: EndUser) -> EndUser:
    """The person's own row, for an alias that of the user whom it was merged into."""
    rows = EndUser.objects.select_for_update(no_key=True).filter(environment=user.environment_id)
    found = rows.get(pk=user.merged_into_id or user.pk)
    return rows.get(pk=found.merged_into_id) if found.merged_into_id else found


def _note(user: EndUser, actor: audit.Actor, action: str, changes: dict[str, list[Any]], source: str) -> None:
    """An entry in the audit log, and one in the person's own history."""
    audit.record(user.environment, actor, action, user, changes)
    told: history.Described = {"isTest": changes["is_test"]} if "is_test" in changes else {}
    history.record(
        user.environment_id, user.pk, KINDS[action], source=source, changes=told, at=timezone.now()
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
