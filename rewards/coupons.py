"""Coupon codes: who gets which, and what they read.

A code is given to one reward at most, and "sold out" is said only when it is true: a claim
waits for whoever holds a stretch of numbers, it never skips. Rows of codes never change.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.utils import timezone

from glu_admin import crypto, hot
from glu_admin.config import EnvironmentConfig
from glu_admin.workspaces.audit import Actor, record
from glu_admin.workspaces.models import Environment
from rewards.models import CouponPool

CHANCES = 2**31  # far more than cursors, so that the remainder is as good as even


class PoolEmpty(Exception):
    """Every code of the pool is taken, void or expired."""


@dataclass(frozen=True)
class ClaimedCoupon:
    """A number that is now this transaction's, with what its row says."""

    number: int
    code: str = field(repr=False)
    expires_at: datetime | None
    details: dict[str, Any]


@dataclass(frozen=True)
class Count:
    """How a pool stands."""

    total: int
    left: int
    won: int
    void: int


# A number can still be given out if nobody has it and it has not expired. OFFSET 0 keeps the look
# at the claims a look-up by number: as a join it would read all claims of the pool.
_FREE = """
    FROM rewards_coupon c
    WHERE c.pool_id = k.pool_id AND c.number BETWEEN k.next_number AND k.last_number
      AND (c.expires_at IS NULL OR c.expires_at > %(now)s)
      AND NOT EXISTS (
          SELECT FROM rewards_couponclaim t WHERE t.pool_id = c.pool_id AND t.number = c.number OFFSET 0)
"""
_OPEN = """
    FROM rewards_couponcursor k
    WHERE k.environment_id = %(environment)s AND k.pool_id = %(pool)s AND k.next_number <= k.last_number
      AND (k.last_expiry IS NULL OR k.last_expiry > %(now)s)
"""
# One statement: pick an open cursor, wait for it, step over numbers that can't be given, take
# the first that can. After a wait, the held row is the newest one while the rest of the
# statement still sees the time before it: ON CONFLICT covers a number voided in between.
_CLAIM = """
    WITH held AS MATERIALIZED (
        SELECT id, pool_id, next_number, last_number FROM rewards_couponcursor
        WHERE id = (
            SELECT open.ids[1 + %(chance)s %% cardinality(open.ids)]
            FROM (SELECT array_agg(k.id ORDER BY k.id) AS ids {open}) open
        ) FOR UPDATE
    ), found AS MATERIALIZED (
        SELECT k.*, code.* FROM held k LEFT JOIN LATERAL (
            SELECT c.number, c.expires_at, c.details, c.ciphertext {free} ORDER BY c.number LIMIT 1
        ) code ON true
    ), moved AS (
        UPDATE rewards_couponcursor k SET next_number = coalesce(found.number, found.last_number) + 1
        FROM found WHERE k.id = found.id AND k.next_number <= k.last_number
    ), claimed AS (
        INSERT INTO rewards_couponclaim (environment_id, pool_id, number, kind, at)
        SELECT %(environment)s, pool_id, number, 'won', %(now)s FROM found WHERE number IS NOT NULL
        ON CONFLICT (pool_id, number) DO NOTHING RETURNING number
    )
    SELECT found.id, found.number, claimed.number, found.expires_at, found.details::text,
        found.ciphertext, (SELECT p.wrapped_key FROM rewards_couponpool p WHERE p.id = found.pool_id)
    FROM found LEFT JOIN claimed ON true
"""
# The first claim inside a larger statement, which has to hold as a whole: first what to lock, then
# what to write if it does. It gives up where the one above steps aside: nothing comes of a
# cursor that proves spent, and a number voided meanwhile breaks a key, so that all is undone.
_LOCKS = """
    cursor AS MATERIALIZED (
        SELECT k.id, k.pool_id, k.next_number, k.last_number FROM {after}, rewards_couponcursor k
        WHERE k.id = (
            SELECT open.ids[1 + %(chance)s %% cardinality(open.ids)]
            FROM (SELECT array_agg(k.id ORDER BY k.id) AS ids {open}) open
        ) FOR UPDATE OF k
    ), coupon AS MATERIALIZED (
        SELECT k.id, code.*, (SELECT p.wrapped_key FROM rewards_couponpool p WHERE p.id = k.pool_id)
        FROM cursor k, LATERAL (
            SELECT c.number, c.expires_at, c.details, c.ciphertext {free} ORDER BY c.number LIMIT 1
        ) code
    )"""
_WRITES = """
    moved AS (
        UPDATE rewards_couponcursor k SET next_number = coupon.number + 1
        FROM coupon, {source} WHERE k.id = coupon.id
    ), claimed AS (
        INSERT INTO rewards_couponclaim (environment_id, pool_id, number, kind, at)
        SELECT %(environment)s, %(pool)s, coupon.number, 'won', %(now)s FROM coupon, {source}
    )"""
COLUMNS = "coupon.number, coupon.expires_at, coupon.details::text, coupon.ciphertext, coupon.wrapped_key"
_CLAIM_ANY = _CLAIM.format(open=_OPEN, free=_FREE)
_CLAIM_SURE = _CLAIM.format(open=f"{_OPEN} AND EXISTS (SELECT {_FREE})", free=_FREE)
_CLAIM_SAME = _CLAIM.format(open=f"{_OPEN} AND k.id = %(cursor)s", free=_FREE)


def create_pool(environment: Environment, name: str, *, is_demo: bool = False) -> CouponPool:
    """An empty pool with a data key of its own, wrapped by the environment's."""
    pool = CouponPool(environment=environment, name=name, is_demo=is_demo)
    key = crypto.environment_key(environment.id, bytes(environment.wrapped_key))
    pool.wrapped_key = crypto.seal(key, crypto.new_key(), _key_place(pool.id))
    pool.save(force_insert=True)
    return pool


def claim(
    config: EnvironmentConfig,
    pool_id: UUID,
    *,
    now: datetime,
    choose: Callable[[int], int] = secrets.randbelow,
) -> ClaimedCoupon:
    """Take one free code for the caller's transaction; raises PoolEmpty when none is left.

    Claims never wait for each other in a circle. The first try takes any open cursor and
    waits with empty hands. One that then proves spent stays locked, so the next tries take
    only cursors in which everyone can see a free code: nobody waits for a spent one any more.
    That holds for one claim a pool and transaction; after two, expect deadlocks and retry.
    """
    statement = _CLAIM_ANY
    values: dict[str, Any] = {"environment": config.id, "pool": pool_id, "now": now}
    with hot.cursor() as cursor:
        while True:
            cursor.execute(statement, values | {"chance": choose(CHANCES)})
            row = cursor.fetchone()
            if row is None:
                raise PoolEmpty(f"Coupon pool {pool_id} has no code left.")
            values["cursor"], found, number, expires_at, details, ciphertext, wrapped_key = row
            if number is not None:
                return claimed(config, pool_id, (number, expires_at, details, ciphertext, wrapped_key))
            # a number that was voided meanwhile says nothing of its neighbours
            statement = _CLAIM_SURE if found is None else _CLAIM_SAME


def locks(after: str) -> str:
    """A claim's locks as parts of a larger statement: `coupon` has a row if there is a code to give.

    `after` names the part whose locks come first, and without whose row there is nothing to do.
    """
    return _LOCKS.format(after=after, open=_OPEN, free=_FREE)


def writes(source: str) -> str:
    """What makes the coupon theirs, for the one row of `source`."""
    return _WRITES.format(source=source)


def chance() -> int:
    """The value that picks a cursor."""
    return secrets.randbelow(CHANCES)


def claimed(config: EnvironmentConfig, pool_id: UUID, row: Sequence[Any]) -> ClaimedCoupon:
    """What a row of COLUMNS says."""
    number, expires_at, details, ciphertext, wrapped_key = row
    code = open_code(config.key, pool_id, number, ciphertext, wrapped_key)
    return ClaimedCoupon(number, code, expires_at, orjson.loads(details))


def has_left(environment_id: UUID, pool_id: UUID, *, now: datetime) -> bool:
    """Whether a claim would find a code, as everyone sees it now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT {_OPEN} AND EXISTS (SELECT {_FREE}))",
            {"environment": environment_id, "pool": pool_id, "now": now},
        )
        return bool(cursor.fetchone()[0])


def left(pool_id: UUID, *, now: datetime | None = None) -> int:
    """How many codes can still be given out."""
    pool = CouponPool.objects.get(id=pool_id)
    return counts(pool.environment_id, now=now or timezone.now())[pool_id].left


def counts(environment_id: UUID, *, now: datetime) -> dict[UUID, Count]:
    """How every pool of an environment stands, in one statement.

    Only a stretch in which some codes have expired and others have not is looked at code by code.
    """
    statement = """
        SELECT p.id, p.total, coalesce(stock.free, 0), coalesce(taken.won, 0), coalesce(taken.void, 0)
        FROM rewards_couponpool p
        LEFT JOIN LATERAL (
            SELECT sum(k.last_number - k.next_number + 1 - gone.claimed - gone.expired) AS free
            FROM rewards_couponcursor k, LATERAL (
                SELECT (SELECT count(*) FROM rewards_couponclaim t WHERE t.pool_id = k.pool_id
                            AND t.number BETWEEN k.next_number AND k.last_number) AS claimed,
                    CASE WHEN k.first_expiry > %(now)s OR k.first_expiry IS NULL THEN 0 ELSE (
                        SELECT count(*) FROM rewards_coupon c WHERE c.pool_id = k.pool_id
                            AND c.number BETWEEN k.next_number AND k.last_number
                            AND c.expires_at <= %(now)s AND NOT EXISTS (
                                SELECT FROM rewards_couponclaim t
                                WHERE t.pool_id = c.pool_id AND t.number = c.number)) END AS expired
            ) gone
            WHERE k.pool_id = p.id AND k.next_number <= k.last_number
              AND (k.last_expiry IS NULL OR k.last_expiry > %(now)s)
        ) stock ON true
        LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE t.kind = 'won') AS won,
                count(*) FILTER (WHERE t.kind = 'void') AS void
            FROM rewards_couponclaim t WHERE t.pool_id = p.id
        ) taken ON true
        WHERE p.environment_id = %(environment)s
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, {"environment": environment_id, "now": now})
        return {row[0]: Count(*map(int, row[1:])) for row in cursor.fetchall()}


def void(pool: CouponPool, numbers: Iterable[int], actor: Actor, *, now: datetime) -> int:
    """Take these numbers out of the pool for good; how many of them were still free."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO rewards_couponclaim (environment_id, pool_id, number, kind, at)
            SELECT c.environment_id, c.pool_id, c.number, 'void', %s FROM rewards_coupon c
            WHERE c.environment_id = %s AND c.pool_id = %s AND c.number = ANY(%s)
            ON CONFLICT (pool_id, number) DO NOTHING
            """,
            [now, pool.environment_id, pool.id, list(numbers)],
        )
        count = int(cursor.rowcount)
        record(pool.environment, actor, "coupon_pool.void", pool, {"codes": [None, count]})
    return count


def reveal(config: EnvironmentConfig, pool_id: UUID, numbers: Iterable[int]) -> dict[int, str]:
    """The codes by number; raises crypto.SealBroken for one that was changed or moved."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.number, c.ciphertext, p.wrapped_key
            FROM rewards_coupon c JOIN rewards_couponpool p ON p.id = c.pool_id
            WHERE c.environment_id = %s AND c.pool_id = %s AND c.number = ANY(%s)
            """,
            [config.id, pool_id, list(numbers)],
        )
        return {number: open_code(config.key, pool_id, number, *sealed) for number, *sealed in cursor}


def open_code(key: bytes, pool_id: UUID, number: int, ciphertext: bytes, wrapped_key: bytes) -> str:
    """One code in clear, for the edge where it is shown; raises crypto.SealBroken."""
    data_key = pool_key(key, pool_id, wrapped_key)
    return crypto.unseal(data_key, ciphertext, code_place(pool_id, number)).decode()


def pool_key(key: bytes, pool_id: UUID, wrapped: bytes) -> bytes:
    """The pool's data key, opened with the environment's key."""
    return _pool_key(key, pool_id, bytes(wrapped))


@lru_cache(maxsize=1024)
def _pool_key(key: bytes, pool_id: UUID, wrapped: bytes) -> bytes:
    return crypto.unseal(key, wrapped, _key_place(pool_id))


def _key_place(pool_id: UUID) -> str:
    return f"coupon-pool:{pool_id}"


def code_place(pool_id: UUID, number: int) -> str:
    return f"coupon:{pool_id}:{number}"
