"""A draw can be recomputed by anyone who has the seed, and by nobody before."""

import hashlib
import hmac
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards import fairness

SEED = bytes(range(32))


def by_hand(seed, name, total):
    """The published recipe, written a second time."""
    n = 0
    while True:
        number = int(hmac.new(seed, f"{name}:{n}".encode(), hashlib.sha256).hexdigest()[:16], 16)
        if number < 2**64 - 2**64 % total:
            return number % total
        n += 1


@given(st.binary(min_size=32, max_size=32), st.text(max_size=40), st.integers(1, 2**64))
def test_a_ticket_follows_the_published_recipe(seed, name, total):
    name = name.encode("utf-8", "replace").decode()

    assert fairness.ticket(seed, name, total) == by_hand(seed, name, total)


def test_a_number_beyond_the_last_full_round_is_drawn_again():
    total = 2**63 + 1  # nearly half of all numbers are beyond

    tickets = [fairness.ticket(SEED, str(n), total) for n in range(200)]
    first = [int.from_bytes(hmac.digest(SEED, f"{n}:0".encode(), "sha256")[:8]) for n in range(200)]

    again = [i for i in range(200) if first[i] >= total]
    assert len(again) > 60
    assert all(tickets[i] != first[i] % total for i in again)
    assert all(tickets[i] == first[i] for i in range(200) if i not in again)


def test_neighbouring_draws_are_independent():
    tickets = [fairness.ticket(SEED, f"play {n}", 4) for n in range(200_000)]

    pairs = Counter(pairwise(tickets))

    expected = (len(tickets) - 1) / 16
    assert sum((pairs[a, b] - expected) ** 2 / expected for a in range(4) for b in range(4)) < 37.697


def test_the_commitment_is_the_sha_256_of_the_seed():
    assert fairness.commitment(SEED) == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"


def test_seeds_are_long_and_never_repeat():
    seeds = {fairness.new_seed() for _ in range(1_000)}

    assert len(seeds) == 1_000
    assert {len(seed) for seed in seeds} == {32}


def test_a_revealed_seed_proves_the_draw():
    ticket = fairness.ticket(SEED, "play", 100)

    proof = fairness.prove(SEED.hex(), fairness.commitment(SEED), "play", [30, 40, 30])

    assert proof.ticket == ticket
    assert proof.position == (0 if ticket < 30 else 1 if ticket < 70 else 2)


@pytest.mark.parametrize("seed", ["00" * 32, "no hex", ""])
def test_another_seed_proves_nothing(seed):
    with pytest.raises(fairness.NotTheSeed):
        fairness.prove(seed, fairness.commitment(SEED), "play", [1, 1])


@pytest.mark.parametrize("total", [0, -1, 2**64 + 1])
def test_a_draw_needs_tickets(total):
    with pytest.raises(ValueError, match="tickets"):
        fairness.ticket(SEED, "play", total)
