"""Erasing a person: all that says who it is goes, the sums stay, and a receipt says what was done.

One transaction under the person's lock: a win, a merge or an event that is under way ends
before it, or finds nobody. Webhooks that wait are cancelled and listed. Whoever registers the
same id again is somebody new.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched, groupby
from operator import itemgetter
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from glu_admin import config as configs
from glu_admin import crypto
from glu_admin.api.errors import ApiError
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users import people
from users.history import catalogue
from users.identity import referrals
from users.models import EndUser, Erasure
from users.privacy import parts
from users.privacy.own import sent_ids

TRIES = 5
LATE = timedelta(days=2)  # what was under way at an erasure has long been written by then
AT_ONCE = 10  # people a sweep takes in one transaction: the drains of their events wait so long

# The referral code is one that nobody was ever given. The glu id stays: it names nobody, and
# the proofs of draws need it.
_EMPTY_PEOPLE = """
UPDATE users_enduser SET user_id = NULL, anonymous_id = NULL, user_name = NULL, email = NULL,
    phone = NULL, referred_by = NULL, referral_code = 'GONE-' || left(md5(random()::text || id), 11),
    device = '{}', profile = '{}', identities = '{}', attributes = '{}',
    token_version = token_version + 1, blocked_at = NULL, erased_at = %(now)s, updated_at = %(now)s
WHERE environment_id = %(environment)s AND id = ANY(%(pks)s)
"""
# "recorded once" stays true of those whom the person brought
_FORGET_REFERRER = """
UPDATE users_enduser SET referred_by = %(pseudonym)s
WHERE environment_id = %(environment)s AND referred_by = ANY(%(sent)s)
    AND referred_by IS NOT NULL AND id <> ALL(%(pks)s)
"""


class _Moved(Exception):
    """The person became another one's alias, or got one, before the lock was ours."""


@dataclass(frozen=True)
class _Subject:
    """Whom to erase: the person's own row first, then those of visitors who it was."""

    environment: Environment
    rows: tuple[EndUser, ...]

    @property
    def pks(self) -> list[int]:
        return [row.pk for row in self.rows]


def preview(user: EndUser) -> dict[str, Any]:
    """What an erasure would remove, what it would keep and why, and what it would not send any more."""
    environment = user.environment
    pks = _pks(user)
    counts = {part: part.count(environment, pks) for part in parts.all_parts()}
    return {
        "removed": {part.name: count for part, count in counts.items() if not part.keeps},
        "kept": {part.name: count for part, count in counts.items() if part.keeps},
        "reasons": {part.name: part.keeps for part in counts if part.keeps},
    }


def erase(user: EndUser, actor: Actor, *, now: datetime) -> Erasure:
    """Erase the person, with all aliases; raises ApiError 409 for one who is erased already."""
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _erase(_locked(user), actor, now)
        except _Moved:
            continue
        except OperationalError as error:
            if not isinstance(error.__cause__, psycopg.errors.DeadlockDetected):
                raise
    raise ApiError("busy", "This user is being changed by many calls at once. Try again.", status=503)


def subject_of(environment: Environment, client_id: str) -> str:
    """How receipts name the person of a client's id: a keyed hash, which tells it to nobody else."""
    key = crypto.environment_key(environment.id, bytes(environment.wrapped_key))
    return hmac.new(key, b"erasure:" + client_id.encode(), hashlib.sha256).hexdigest()


def receipts(environment: Environment, client_id: str) -> QuerySet[Erasure]:
    """The erasures of whoever had this id."""
    return Erasure.objects.filter(environment=environment, subject=subject_of(environment, client_id))


def sweep(*, now: datetime) -> int:
    """Remove what was written of erased people by calls that were under way; how many rows."""
    removed = 0
    for environment, pks in _lately_erased(now - LATE):
        with transaction.atomic():
            removed += _sweep(environment, pks)
    return removed


def _lately_erased(since: datetime) -> Iterator[tuple[Environment, Sequence[int]]]:
    late = EndUser.objects.filter(erased_at__gte=since).order_by("environment_id", "pk")
    keys = list(late.values_list("environment_id", "pk"))
    for environment_id, rows in groupby(keys, key=itemgetter(0)):
        config = configs.get(environment_id)
        if config is not None:
            for some in batched((pk for _, pk in rows), AT_ONCE):
                yield config.environment, some


def _sweep(environment: Environment, pks: Sequence[int]) -> int:
    _hold(environment, pks)
    for part in parts.all_parts():
        if part.cancel:
            part.cancel(environment, pks)
    return sum(part.erase(environment, pks) for part in parts.all_parts() if part.erase and not part.keeps)


def _pks(user: EndUser) -> list[int]:
    return people.ids_of(user.environment_id, user.merged_into_id or user.pk)


def _locked(user: EndUser) -> _Subject:
    """Nobody else writes of this person until we are done; raises _Moved, ApiError 409."""
    pks = _pks(EndUser.objects.get(environment_id=user.environment_id, pk=user.pk))
    referrals.lock(user.environment_id)
    _hold(user.environment, pks)
    rows = EndUser.objects.select_for_update().filter(environment_id=user.environment_id, pk__in=pks)
    found = {row.pk: row for row in rows.order_by("pk")}
    if found.keys() != set(pks) or _pks(found[pks[0]]) != pks:
        raise _Moved
    if found[pks[0]].erased_at:
        raise ApiError("user_erased", "This user is erased already.", status=409)
    return _Subject(user.environment, tuple(found[pk] for pk in pks))


def _hold(environment: Environment, pks: Sequence[int]) -> None:
    for part in parts.all_parts():
        if part.hold:
            part.hold(environment, pks)


def _erase(subject: _Subject, actor: Actor, now: datetime) -> Erasure:
    environment, pks, root = subject.environment, subject.pks, subject.rows[0]
    sent = sent_ids(environment, pks)
    receipt = Erasure(
        environment=environment,
        subject=subject_of(environment, root.user_id or root.anonymous_id or ""),
        actor=actor.name,
        at=now,
    )
    for part in parts.all_parts():
        if part.cancel:
            receipt.cancelled += part.cancel(environment, pks)
        if part.erase:
            receipt.counts[part.name] = part.erase(environment, pks)
    catalogue.forget(environment, [row.attributes for row in subject.rows])
    values: dict[str, Any] = {"environment": environment.id, "pks": pks, "now": now, "sent": sent}
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_REFERRER, values | {"pseudonym": f"erased-{root.glu_id}"})
        receipt.counts["referrals"] = cursor.rowcount
        cursor.execute(_EMPTY_PEOPLE, values)
        receipt.counts["people"] = cursor.rowcount
    receipt.save(force_insert=True)
    audit.record(environment, actor, "user.erase", root, {"erasure": [None, str(receipt.id)]}, at=now)
    return receipt
