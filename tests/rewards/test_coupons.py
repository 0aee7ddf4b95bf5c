"""A code is given once, and "sold out" is said only when it is true."""

import json
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction

from glu_admin import config as configs
from glu_admin import crypto
from rewards import coupons
from rewards.coupons import PoolEmpty
from rewards.models import Coupon, CouponClaim, CouponCursor
from tests.rewards.conftest import ACTOR, NOW, codes, fill

pytestmark = pytest.mark.django_db


def claim(config, pool, **options):
    return coupons.claim(config, pool.id, now=NOW, **options).number


def everything(config, pool):
    """Claim until the pool says that it is empty."""
    numbers = []
    while True:
        try:
            numbers.append(claim(config, pool))
        except PoolEmpty:
            return numbers


def test_every_code_of_a_pool_is_given_exactly_once(config, pool):
    fill(pool, codes(300))

    numbers = everything(config, pool)

    assert sorted(numbers) == list(range(1, 301))
    assert CouponClaim.objects.filter(pool=pool, kind="won").count() == 300


def test_a_pool_without_codes_is_empty(config, pool):
    with pytest.raises(PoolEmpty):
        claim(config, pool)


def test_another_environment_claims_nothing(live_env, pool):
    fill(pool, codes(3))

    with pytest.raises(PoolEmpty):
        claim(configs.get(live_env.id), pool)


def test_a_claim_is_one_statement(config, pool, django_assert_num_queries):
    fill(pool, codes(100))

    with django_assert_num_queries(1):
        claim(config, pool)


def rows_read(plan):
    """The most rows that one step of a plan went through; an index alone counts dead ones too."""
    here = plan.get("Actual Rows", 0) * plan.get("Actual Loops", 1) + plan.get("Rows Removed by Filter", 0)
    if plan["Node Type"] == "Bitmap Index Scan":
        here = 0
    return max([here, *map(rows_read, plan.get("Plans", []))])


def test_a_claim_never_reads_the_claims_before_it(config, pool):
    fill(pool, codes(2_000))
    for _ in range(500):
        claim(config, pool)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # what statistics may tempt the planner to
        cursor.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {coupons._CLAIM_ANY}",
            {"environment": config.id, "pool": pool.id, "now": NOW, "chance": 5},
        )
        plan = cursor.fetchone()[0]

    assert rows_read((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]) <= 64


def test_the_cursor_is_chosen_by_chance(config, pool):
    fill(pool, codes(64))

    chances = iter([0, 62, 61])

    assert [claim(config, pool, choose=lambda _: next(chances)) for _ in range(3)] == [1, 64, 63]


def test_claims_spread_over_the_cursors(config, pool):
    fill(pool, codes(64 * 100))

    stretches = Counter((claim(config, pool) - 1) // 100 for _ in range(200))

    assert len(stretches) > 50


@pytest.mark.parametrize(("many", "cursors"), [(1, 1), (5, 5), (64, 64), (65, 33), (1_000, 63)])
def test_numbers_are_split_over_up_to_64_cursors(pool, many, cursors):
    fill(pool, codes(many))

    rows = CouponCursor.objects.filter(pool=pool).order_by("next_number")
    assert len(rows) == cursors
    assert [n for row in rows for n in range(row.next_number, row.last_number + 1)] == list(
        range(1, many + 1)
    )


def test_more_codes_open_an_empty_pool_again(config, pool):
    fill(pool, codes(3))
    everything(config, pool)

    fill(pool, codes(3, "MORE"))

    assert sorted(everything(config, pool)) == [4, 5, 6]
    pool.refresh_from_db()
    assert pool.total == 6


def test_void_codes_are_stepped_over_and_never_given(config, pool):
    fill(pool, codes(50))

    assert coupons.void(pool, [1, 2, 3, 40, 50, 999], ACTOR, now=NOW) == 5
    assert coupons.void(pool, [1, 2], ACTOR, now=NOW) == 0

    assert sorted(everything(config, pool)) == [n for n in range(1, 51) if n not in {1, 2, 3, 40, 50}]


def test_expired_codes_are_never_given(config, pool):
    soon, later = "2026-11-22T12:00:01+00:00", "2027-01-01T00:00:00+00:00"
    fill(pool, [f"A-{n},{soon if n % 2 else later}" for n in range(200)], header="code,expires_at")

    claimed = coupons.claim(config, pool.id, now=NOW + timedelta(seconds=2))

    assert claimed.expires_at.year == 2027
    with pytest.raises(PoolEmpty):
        for _ in range(200):
            claimed = coupons.claim(config, pool.id, now=NOW + timedelta(seconds=2))
            assert claimed.expires_at.year == 2027
    assert CouponClaim.objects.count() == 100


def test_a_pool_whose_codes_have_all_expired_is_sold_out_in_one_statement(
    config, pool, django_assert_num_queries
):
    fill(pool, [f"{each},2026-11-23" for each in codes(500)], header="code,expires_at")

    with django_assert_num_queries(1), pytest.raises(PoolEmpty):
        coupons.claim(config, pool.id, now=NOW + timedelta(days=30))


def test_the_counts_of_a_pool_are_exact(config, pool):
    dated = [f"D-{n},{'2026-11-23' if n < 30 else ''}" for n in range(100)]
    fill(pool, dated, header="code,expires_at")
    coupons.void(pool, [90, 91], ACTOR, now=NOW)
    taken = {claim(config, pool) for _ in range(20)}
    later = NOW + timedelta(days=9)

    now, then = (coupons.counts(pool.environment_id, now=at)[pool.id] for at in (NOW, later))

    assert (now.total, now.left, now.won, now.void) == (100, 78, 20, 2)
    assert then.left == len([n for n in range(31, 101) if n not in taken | {90, 91}])
    assert coupons.left(pool.id, now=NOW) == 78
    assert coupons.has_left(pool.environment_id, pool.id, now=NOW)


def test_codes_can_be_read_back_by_number(config, pool):
    fill(pool, ["FIRST", "sécond ☕", "third"])

    assert coupons.reveal(config, pool.id, [1, 2, 9]) == {1: "FIRST", 2: "sécond ☕"}


@pytest.mark.parametrize("change", ["number", "pool", "text"])
def test_a_ciphertext_that_was_moved_or_changed_does_not_open(config, test_env, pool, change):
    fill(pool, codes(3))
    other = coupons.create_pool(test_env, "Other")
    fill(other, codes(3, "OTHER"))
    sealed = bytes(Coupon.objects.get(pool=pool, number=1).ciphertext)

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE rewards_coupon DISABLE TRIGGER USER")
        if change == "text":
            sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
        target = (other, 1) if change == "pool" else (pool, 2 if change == "number" else 1)
        cursor.execute(
            "UPDATE rewards_coupon SET ciphertext = %s WHERE pool_id = %s AND number = %s",
            [sealed, target[0].id, target[1]],
        )
        cursor.execute("ALTER TABLE rewards_coupon ENABLE TRIGGER USER")

    with pytest.raises(crypto.SealBroken):
        coupons.reveal(config, target[0].id, [target[1]])


def test_the_key_of_one_pool_does_not_open_another(config, test_env, pool):
    fill(pool, codes(1))
    other = coupons.create_pool(test_env, "Other")
    row = Coupon.objects.get(pool=pool, number=1)

    with pytest.raises(crypto.SealBroken):
        coupons.open_code(config.key, pool.id, 1, row.ciphertext, other.wrapped_key)


def test_code_rows_never_change(pool):
    fill(pool, codes(1))

    for change in ("UPDATE rewards_coupon SET number = 2", "DELETE FROM rewards_coupon"):
        with (
            pytest.raises(Exception, match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


def test_pools_are_told_apart_by_environment(config, live_env, pool):
    assert list(coupons.counts(config.id, now=NOW)) == [pool.id]
    assert coupons.counts(live_env.id, now=NOW) == {}
    assert coupons.reveal(config, uuid.uuid4(), [1]) == {}
