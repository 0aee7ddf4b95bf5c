"""Claims that race: threads with connections of their own, and processes of the system."""

import io
import os
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import DatabaseError, connection, transaction

from rewards import coupon_imports, coupons
from rewards.coupons import PoolEmpty
from rewards.models import CouponClaim, CouponCursor
from tests.rewards.conftest import ACTOR, NOW, codes, fill

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 20  # seconds that a test waits before it says that something hangs
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def many_connections(monkeypatch):
    """A pool of connections as wide as the crowd."""
    connection.close_pool()
    monkeypatch.setitem(connection.settings_dict["OPTIONS"]["pool"], "max_size", 40)
    yield
    connection.close_pool()


def claim(config, pool, **options):
    return coupons.claim(config, pool.id, now=NOW, **options).number


class Session(threading.Thread):
    """A claim in a transaction of its own, that ends when it is told to, and how."""

    def __init__(self, config, pool):
        super().__init__()
        self.config, self.pool = config, pool
        self.answered, self.told = threading.Event(), threading.Event()
        self.keep, self.answer = True, None
        self.start()

    def run(self):
        try:
            with transaction.atomic():
                try:
                    self.answer = claim(self.config, self.pool)
                except PoolEmpty:
                    self.answer = "sold out"
                self.answered.set()
                self.told.wait(LONG)
                transaction.set_rollback(not self.keep)
        finally:
            connection.close()

    def waits(self):
        return not self.answered.wait(0.3)

    def end(self, *, keep):
        self.keep = keep
        self.told.set()
        self.join(LONG)


def test_the_last_code_goes_to_whoever_waits_when_its_holder_rolls_back(config, pool):
    fill(pool, codes(1))
    first = Session(config, pool)
    assert first.answered.wait(LONG)

    second = Session(config, pool)
    assert second.waits(), "sold out was said while the last code could still come back"
    first.end(keep=False)
    assert second.answered.wait(LONG)
    second.end(keep=True)

    assert (first.answer, second.answer) == (1, 1)
    assert CouponClaim.objects.count() == 1


def test_sold_out_is_said_when_the_holder_of_the_last_code_keeps_it(config, pool):
    fill(pool, codes(1))
    first = Session(config, pool)
    assert first.answered.wait(LONG)

    second = Session(config, pool)
    assert second.waits()
    first.end(keep=True)
    assert second.answered.wait(LONG)
    second.end(keep=True)

    assert (first.answer, second.answer) == (1, "sold out")


def test_a_number_that_is_voided_during_a_wait_is_not_given(config, pool):
    fill(pool, codes(65))  # two numbers a cursor
    CouponCursor.objects.exclude(next_number=1).delete()
    first = Session(config, pool)
    assert first.answered.wait(LONG)
    second = Session(config, pool)
    assert second.waits()

    coupons.void(pool, [2], ACTOR, now=NOW)
    first.end(keep=True)
    assert second.answered.wait(LONG)
    second.end(keep=True)

    assert (first.answer, second.answer) == (1, "sold out")


@pytest.mark.parametrize("expiring", [False, True])
def test_32_threads_drain_1000_codes_to_the_end(config, pool, many_connections, expiring):
    gone = {n for n in range(1, 1_001) if expiring and n % 3 == 0}
    lines = [f"{each},{'2026-11-23' if n in gone else ''}" for n, each in enumerate(codes(1_000), start=1)]
    fill(pool, lines, header="code,expires_at")
    kept, errors, sold_out = [], [], []

    def work(seat):
        try:
            while True:
                with transaction.atomic():
                    number = coupons.claim(config, pool.id, now=NOW + timedelta(days=2)).number
                    gives_back = (number + seat) % 13 == 0
                    transaction.set_rollback(gives_back)
                if not gives_back:
                    kept.append(number)
        except PoolEmpty:
            sold_out.append(seat)
        except DatabaseError as error:
            errors.append(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(32) as threads:
        list(threads.map(work, range(32)))

    assert errors == []
    assert len(sold_out) == 32
    assert sorted(kept) == sorted(set(range(1, 1_001)) - gone)


def walk_at_once(config, pool):
    """Two claims that lock one cursor each, and only then go on to the other's."""
    both_hold_one = threading.Barrier(2)
    answers = []

    def work(seat):
        tries = []

        def choose(_):
            if len(tries) == 1:
                both_hold_one.wait(LONG)
            tries.append(seat)
            return seat if len(tries) == 1 else 0

        try:
            with transaction.atomic():
                answers.append(claim(config, pool, choose=choose))
        except (PoolEmpty, DatabaseError) as error:
            answers.append(type(error).__name__)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, range(2)))
    return answers


@pytest.fixture
def two_cursors_of_nothing(pool):
    """Two cursors that look open, but hold void codes only."""
    fill(pool, codes(2))
    coupons.void(pool, [1, 2], ACTOR, now=NOW)
    return pool


def test_two_claims_never_wait_for_each_others_spent_cursors(config, two_cursors_of_nothing):
    assert walk_at_once(config, two_cursors_of_nothing) == ["PoolEmpty", "PoolEmpty"]


def test_without_the_second_look_two_claims_would_deadlock(config, two_cursors_of_nothing, monkeypatch):
    monkeypatch.setattr(coupons, "_CLAIM_SURE", coupons._CLAIM_ANY)

    assert "OperationalError" in walk_at_once(config, two_cursors_of_nothing)


def test_a_claim_that_skips_cursors_would_lie(config, pool, monkeypatch):
    monkeypatch.setattr(
        coupons, "_CLAIM_ANY", coupons._CLAIM_ANY.replace("FOR UPDATE", "FOR UPDATE SKIP LOCKED")
    )
    fill(pool, codes(1))
    first = Session(config, pool)
    assert first.answered.wait(LONG)

    second = Session(config, pool)
    second.answered.wait(LONG)
    first.end(keep=False)
    second.end(keep=True)

    assert second.answer == "sold out"
    assert coupons.left(pool.id, now=NOW) == 1


RACER = """
import sys, django
django.setup()
from datetime import UTC, datetime
from uuid import UUID
from django.db import transaction
from glu_admin import config
from rewards import coupon_imports, coupons
environment, *pools = map(UUID, sys.argv[1:])
opened = config.get(environment)
print("ready", flush=True)
for pool in pools:
    sys.stdin.readline()
    try:
        with transaction.atomic():
            print(coupons.claim(opened, pool, now=datetime(2026, 11, 22, 12, tzinfo=UTC)).number, flush=True)
    except coupons.PoolEmpty:
        print("sold out", flush=True)
"""


def start_racer(config, pools):
    url = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    return subprocess.Popen(
        [sys.executable, "-c", RACER, str(config.id), *(str(each.id) for each in pools)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "glu_admin.settings"},
    )


def test_processes_race_for_the_last_coupon_and_one_gets_it(config, test_env):
    pools = [coupons.create_pool(test_env, f"Last one {n}") for n in range(20)]
    for n, pool in enumerate(pools):
        fill(pool, [f"LAST-{n}"])
    racers = [start_racer(config, pools) for _ in range(4)]
    try:
        assert [racer.stdout.readline() for racer in racers] == ["ready\n"] * 4

        for _ in pools:
            for racer in racers:
                racer.stdin.write("go\n")
                racer.stdin.flush()
            answers = Counter(racer.stdout.readline().strip() for racer in racers)
            assert answers == {"1": 1, "sold out": 3}
    finally:
        for racer in racers:
            racer.kill()
            racer.communicate()

    assert CouponClaim.objects.count() == 20


def test_codes_are_given_out_while_more_are_being_added(config, pool):
    fill(pool, codes(2))
    during = []

    def progress(step, rows):
        if step == "added" and not during:
            session = Session(config, pool)
            during.append(not session.waits() and session.answer)
            session.end(keep=True)

    file = io.BytesIO("\n".join(codes(1_000, "MORE")).encode())
    coupon_imports.add(pool, coupon_imports.read(file, pool, now=NOW), ACTOR, progress)

    assert during[0] in (1, 2)
