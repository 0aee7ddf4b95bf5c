"""The coupon codes of Brewline: made up, sealed like real ones, handed out from cursors."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from campaigns.demo import brand
from campaigns.demo.bulk import copy_rows
from glu_admin import crypto
from glu_admin.config import EnvironmentConfig
from glu_admin.workspaces.models import Environment
from rewards import coupons
from rewards.models import Coupon, CouponCursor, CouponPool

ALPHABET = "23456789ACDEFGHJKMNPQRTUVWXYZ"
CURSORS = 8


def stock_pool(
    environment: Environment, config: EnvironmentConfig, name: str, count: int, rng: Random
) -> CouponPool:
    """A pool with this many codes; the only bulk writer of demo codes."""
    pool = coupons.create_pool(environment, name, is_demo=True)
    key = coupons.pool_key(config.key, pool.id, bytes(pool.wrapped_key))
    copy_rows(
        [
            Coupon(
                environment=environment,
                pool=pool,
                number=number,
                ciphertext=crypto.seal(key, code.encode(), coupons.code_place(pool.id, number)),
                blind_index=crypto.blind_index(config.key, code),
            )
            for number, code in enumerate(_codes(brand.CODE_PREFIX[name], count, rng), start=1)
        ]
    )
    copy_rows(
        [
            CouponCursor(environment=environment, pool=pool, next_number=first, last_number=last)
            for first, last in _stretches(count)
        ]
    )
    pool.total = count
    pool.save(update_fields=["total"])
    return pool


def _codes(prefix: str, count: int, rng: Random) -> list[str]:
    made: dict[str, None] = {}  # keeps the order, and each code once
    while len(made) < count:
        made["-".join((prefix, "".join(rng.choices(ALPHABET, k=4)), "".join(rng.choices(ALPHABET, k=2))))] = (
            None
        )
    return list(made)


def _stretches(count: int) -> Iterator[tuple[int, int]]:
    ends = [count * number // CURSORS for number in range(CURSORS + 1)]
    return ((before + 1, end) for before, end in pairwise(ends))
