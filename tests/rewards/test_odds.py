"""Odds are exact: of all tickets, each outcome gets as many as its weight."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards import fairness, odds

WEIGHT_SETS = [[25, 25, 25, 25], [30, 40, 30], [1, 1, 1, 1], [1, 49, 150, 300, 500], [100]]
TOTALS = sorted({sum(weights) for weights in WEIGHT_SETS})
DRAWS = 1_000_000
# chi-square that a fair draw exceeds once in a thousand, by degrees of freedom
CRITICAL = {0: 0.0, 2: 13.816, 3: 16.266, 4: 18.467}
positive = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize("weights", [*WEIGHT_SETS, [999_999, 1], [0, 3, 0, 7, 0]])
def test_every_outcome_gets_exactly_its_weight_of_all_tickets(weights):
    drawn = Counter(odds.pick(weights, ticket) for ticket in range(sum(weights)))

    assert [drawn[i] for i in range(len(weights))] == weights


def test_every_part_in_a_million_is_mapped_exactly():
    weights = [1_000, 49_000, 150_000, 300_000, 500_000]

    drawn = Counter(odds.pick(weights, ticket) for ticket in range(1_000_000))

    assert [drawn[i] for i in range(5)] == weights


@given(positive, st.data())
def test_no_ticket_falls_on_an_outcome_without_a_chance(weights, data):
    ticket = data.draw(st.integers(0, sum(weights) - 1))

    assert weights[odds.pick(weights, ticket)] > 0


@pytest.mark.parametrize("ticket", [-1, 4, 10**9])
def test_a_ticket_outside_the_weights_is_refused(ticket):
    with pytest.raises(ValueError, match="icket"):
        odds.pick([1, 3], ticket)


@pytest.mark.parametrize("total", TOTALS)
def test_a_million_draws_agree_with_the_weights(total):
    """They take seconds to draw, so all weights that add to the same share them."""
    seed = f"a seed for {total}".encode().ljust(32)
    tickets = Counter(fairness.ticket(seed, str(n), total) for n in range(DRAWS))

    for weights in [each for each in WEIGHT_SETS if sum(each) == total]:
        counts = Counter()
        for ticket, times in tickets.items():
            counts[odds.pick(weights, ticket)] += times
        expected = [weight * DRAWS / total for weight in weights]
        assert min(expected) >= 5
        chi_square = sum((counts[i] - each) ** 2 / each for i, each in enumerate(expected))
        assert chi_square <= CRITICAL[len(weights) - 1], weights


@pytest.mark.parametrize(
    ("weights", "shown"),
    [
        ([25, 25, 25, 25], ["25", "25", "25", "25"]),
        ([1, 1, 1, 1], ["25", "25", "25", "25"]),
        ([30, 40, 30], ["30", "40", "30"]),
        ([1, 7], ["12.5", "87.5"]),
        ([1, 1, 1], ["33.34", "33.33", "33.33"]),
        ([2, 1], ["66.67", "33.33"]),
        ([0, 1], ["0", "100"]),
        ([1, 999_999], ["0.0001", "99.9999"]),
        ([1, 2**31 - 1], ["0.00000005", "99.99999995"]),
    ],
)
def test_shares_read_as_percentages(weights, shown):
    assert odds.shares(weights) == shown


@given(positive)
def test_shares_add_to_exactly_one_hundred_and_hide_no_chance(weights):
    shown = [Decimal(each) for each in odds.shares(weights)]

    assert sum(shown) == 100
    assert [each > 0 for each in shown] == [weight > 0 for weight in weights]


@given(positive)
def test_each_share_is_within_one_hundredth_of_the_chance(weights):
    for weight, shown in zip(weights, odds.shares(weights), strict=True):
        assert abs(Decimal(shown) - Decimal(weight) * 100 / sum(weights)) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("25% 25% 25% 25%", [25, 25, 25, 25]),
        ("30 40 30", [30, 40, 30]),
        ("30% 40% 30%", [30, 40, 30]),
        ("1 1 1 1", [1, 1, 1, 1]),
        ("12.5% 87.5%", [125, 875]),
        ("0.25,0.25,0.5", [25, 25, 50]),
        ("25 %\n25 %\n50 %\n", [25, 25, 50]),
        ("25%\t25%\t50%", [25, 25, 50]),
        ("25%,25%;50%", [25, 25, 50]),
        ("1", [1]),
        ("100%", [100]),
        ("0 1", [0, 1]),
        ("33.333333% 33.333333% 33.333334%", [33333333, 33333333, 33333334]),
    ],
)
def test_a_row_of_chances_is_read(text, weights):
    assert odds.parse(text) == weights


def test_the_two_ways_to_write_a_quarter_mean_the_same_odds():
    assert odds.shares(odds.parse("1 1 1 1")) == odds.shares(odds.parse("25% 25% 25% 25%"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Write one chance an outcome"),
        ("   \n", "Write one chance an outcome"),
        ("30% 40% 20%", "add to 90%, which is 10% too little"),
        ("30% 40% 40.5%", "add to 110.5%, which is 10.5% too much"),
        ("25% 75", "after every chance, or after none"),
        ("12,5% 87,5%", "after every chance, or after none"),
        ("a lot", "Chance 1 is “a”"),
        ("25 -5", "Chance 2 is “-5”"),
        ("1e3 2", "Chance 1 is “1e3”"),
        ("nan 1", "Chance 1 is “nan”"),
        ("٢٥% 75%", "Chance 1 is"),
        ("0 0 0", "needs a chance above 0"),
        ("0.1234567 1", "more than 6 decimals"),
        ("9999999999 1", "too large"),
        ("1 " * 101, "100 is the most"),
        ("1" * 3_000, "too long"),
    ],
)
def test_what_makes_no_odds_is_refused_in_words(text, told):
    with pytest.raises(odds.OddsError, match=told):
        odds.parse(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        weights = odds.parse(text)
    except odds.OddsError:
        return
    assert any(weights) and min(weights) >= 0


@given(positive)
def test_shares_can_be_pasted_back_as_they_read(weights):
    shown = odds.shares(weights)
    if max(len(each.partition(".")[2]) for each in shown) <= odds.MOST_DECIMALS:
        pasted = odds.parse(" ".join(f"{each}%" for each in shown))

        assert [Fraction(100 * each, sum(pasted)) for each in pasted] == [Fraction(each) for each in shown]
