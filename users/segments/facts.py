"""What is known of one person, as rules read it; and the one statement that reads it."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from users.segments import fields, moments, query
from users.segments.conditions import Params
from users.segments.kinds import KINDS, LeafKind
from users.segments.parse import digest
from users.segments.rule import Did

_CORE = {name: core.column for name, core in fields.CORE.items() if core.type != "id"}
_MEMBERSHIPS = """ARRAY(SELECT member.segment_id FROM users_segmentmember member
 WHERE member.environment_id = u.environment_id AND member.user_id = u.id
   AND (member.leaves_at IS NULL OR member.leaves_at > %(now)s::timestamptz))"""
_BEHAVIOUR = """ARRAY(SELECT kept.digest FROM users_behaviourstate state
  JOIN users_keptbehaviour kept ON kept.environment_id = state.environment_id AND kept.id = state.behaviour_id
 WHERE state.environment_id = u.environment_id AND state.user_id = u.id AND state.differs)"""
_DIGITS = bytes.maketrans(b"123456789.", b"0000000000")
_MANY_DIGITS = b"0" * 17


@dataclass(frozen=True, slots=True)
class Facts:
    """`core` has the API's names (fields.CORE). `behaviour` holds the digests of the conditions
    whose answer differs from that of somebody who did nothing; `more`, what the kinds of other
    apps read, by kind. What a rule doesn't need may be empty."""

    user_pk: int
    glu_id: UUID
    now: datetime
    zone: ZoneInfo
    core: Mapping[str, Any] = field(default_factory=dict)
    device: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    identities: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    memberships: frozenset[UUID] = frozenset()
    behaviour: frozenset[str] = frozenset()
    more: Mapping[str, Any] = field(default_factory=dict)
    micros: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "micros", moments.of_datetime(self.now))


def load(
    config: EnvironmentConfig,
    user_pks: Collection[int],
    *,
    now: datetime,
    needs: Collection[str],
    counting: Iterable[Did] = (),
) -> dict[int, Facts]:
    """The facts of these people (not aliases), as far as they are needed; one statement.

    Behaviour is what is kept of it; conditions in `counting` are counted exactly from the
    events instead, for rules that nothing live uses.
    """
    params = Params(config.id, now, config.environment.workspace.time_zone, "c", people=sorted(user_pks))
    counted = {digest(did): did for did in counting}
    exact = "".join(f", u.id IN ({query.differing(did, params)})" for did in counted.values())
    rows = hot.rows(
        f"SELECT {columns(needs)}{exact} FROM users_enduser u"
        " WHERE u.environment_id = %(environment)s::uuid AND u.id = ANY(%(people)s::bigint[])",
        params.values | {"environment": config.id, "people": sorted(user_pks), "now": now},
    )
    zone = config.zone
    width = len(rows[0]) - len(counted) if rows else 0
    return {
        row[0]: of_row(row[:width], needs, now=now, zone=zone, counted=_differ(counted, row[width:]))
        for row in rows
    }


def _differ(counted: Mapping[str, Did], row: Sequence[bool]) -> dict[str, bool]:
    return dict(zip(counted, row, strict=True))


def measured(
    config: EnvironmentConfig, user_pk: int, dids: Iterable[Did], *, now: datetime
) -> dict[str, Decimal]:
    """How many, or how much, this person did, by the digest of the condition: what explain.py shows."""
    params = Params(config.id, now, config.environment.workspace.time_zone, "c", people=[user_pk])
    counted = {digest(did): did for did in dids}
    if not counted:
        return {}
    sums = ", ".join(f"({query.measuring(did, params)})" for did in counted.values())
    row = hot.row(f"SELECT {sums}", params.values) or ()
    return dict(zip(counted, map(Decimal, row), strict=True))


def columns(needs: Collection[str]) -> str:
    """What to select of `users_enduser u` for `of_row`; binds %(environment)s and %(now)s."""
    parts = ["u.id", "u.glu_id"]
    if "core" in needs:
        parts += [f"u.{column}" for column in _CORE.values()]
    parts += [f"u.{part}::text" for part in fields.PARTS if part in needs]
    parts += [_MEMBERSHIPS] if "memberships" in needs else []
    parts += [_BEHAVIOUR] if "behaviour" in needs else []
    return ", ".join([*parts, *(kind.column for kind in KINDS.values() if kind.name in needs)])


def of_row(
    row: Sequence[Any],
    needs: Collection[str],
    *,
    now: datetime,
    zone: ZoneInfo,
    counted: Mapping[str, bool] | None = None,
) -> Facts:
    """The facts in a row of `columns(needs)`; `counted` says of more conditions who differs."""
    rest = iter(row)
    pk, glu_id = next(rest), next(rest)
    parts, kinds = _parts(frozenset(needs))
    known: dict[str, Any] = {}
    if "core" in needs:
        known["core"] = {name: next(rest) for name in _CORE}
    for part in parts:
        known[part] = read_json(next(rest))
    if "memberships" in needs:
        known["memberships"] = frozenset(next(rest))
    kept = frozenset(next(rest)) if "behaviour" in needs else frozenset()
    if counted:
        kept = kept - counted.keys() | {key for key, differs in counted.items() if differs}
    more = {kind.name: kind.read(next(rest)) for kind in kinds} if kinds else {}
    return Facts(pk, glu_id, now, zone, behaviour=kept, more=more, **known)


@lru_cache(maxsize=64)
def _parts(needs: frozenset[str]) -> tuple[list[str], list[LeafKind]]:
    """The columns of JSON, and the kinds of other apps, that are read for this."""
    kinds = [kind for kind in KINDS.values() if kind.name in needs]
    return [part for part in fields.PARTS if part in needs], kinds


def has_many_digits(text: str) -> bool:
    """Whether there may be a number with more digits than a float surely keeps. It is asked at
    every look at somebody, and so it is no regular expression."""
    return _MANY_DIGITS in text.encode().translate(_DIGITS)


def read_json(text: str) -> Any:
    """JSON as PostgreSQL wrote it, with numbers exactly as it has them: a float only where its
    shortest digits are those of the number."""
    if has_many_digits(text):
        return json.loads(text, parse_float=_exact, parse_int=_exact)
    return orjson.loads(text)


def _exact(digits: str) -> int | float | Decimal:
    exact = Decimal(digits)
    if exact == exact.to_integral_value():
        # Python reads no endless integers
        return int(exact) if len(digits) < 4_000 else exact
    nearest = float(digits)
    return nearest if Decimal(repr(nearest)) == exact else exact
