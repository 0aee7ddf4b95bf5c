"""The console's pure rules: chances as typed, luck in words, charts as numbers, people masked, phases."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns.console import bands, chances, charts
from campaigns.console.chances import Unit
from campaigns.console.figures import Day
from campaigns.console.phases import phase, schedule_words
from glu_admin.console import masking
from rewards.odds import OddsError

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["40", "40"], "Adds up to 80%. 20% still to give out."),
        (["40", "40", "20.5"], "Adds up to 100.5%. 0.5% too much."),
        (["12.5", "87.5"], "Adds up to 100%."),
        (["33.33", "33.33", "33.34"], "Adds up to 100%."),
        ([], "Adds up to 0%. 100% still to give out."),
        (["", "100"], "Adds up to 100%."),
    ],
)
def test_the_sum_is_told_in_words(texts, words):
    assert chances.status(texts) == (words == "Adds up to 100%.", words)


def test_percentages_become_exact_weights():
    assert chances.weights(Unit.PERCENT, ["12.5%", "87.5 %"]) == [125, 875]


@pytest.mark.parametrize("texts", [["40", "40"], ["60", "60"], ["x", "100"], ["-5", "105"], ["1e2"], ["NaN"]])
def test_percentages_that_are_no_odds_are_refused(texts):
    with pytest.raises(OddsError):
        chances.weights(Unit.PERCENT, texts)


def test_weights_may_add_to_anything():
    assert chances.weights(Unit.WEIGHT, ["1", "1", "1"]) == [1, 1, 1]


@pytest.mark.parametrize(
    ("weights", "unit", "texts"),
    [
        ([1, 1, 1, 1], "percent", ["25", "25", "25", "25"]),
        ([125, 875], "percent", ["12.5", "87.5"]),
        ([1, 1, 1], "weight", ["1", "1", "1"]),
        ([0, 0], "percent", ["0", "0"]),
    ],
)
def test_stored_weights_are_shown_as_percent_only_where_that_is_exact(weights, unit, texts):
    assert chances.shown(weights) == (unit, texts)


@pytest.mark.parametrize("seed", range(50))
def test_what_is_shown_means_what_was_stored(seed):
    chance = random.Random(seed)  # noqa: S311 - no secret is drawn
    weights = [chance.randrange(1, 1000) for _ in range(chance.randrange(1, 12))]

    unit, texts = chances.shown(weights)
    again = chances.weights(unit, texts)

    assert [a * sum(again) for a in weights] == [b * sum(weights) for b in again]


def test_fixing_scales_what_is_not_locked_in_its_own_ratio():
    assert chances.fix(["40", "20", "20"], [True, False, False]) == ["40", "30", "30"]
    assert chances.fix(["0", "0", "0"], [False] * 3) == ["33.34", "33.33", "33.33"]
    assert chances.fix(["50", "100", "50"], [False] * 3) == ["25", "50", "25"]


@pytest.mark.parametrize(
    ("texts", "locked"),
    [(["60", "60"], [True, True]), (["40", "40"], [True, True]), (["110", "1"], [True, False])],
)
def test_fixing_never_touches_a_lock(texts, locked):
    with pytest.raises(OddsError, match="Unlock"):
        chances.fix(texts, locked)


def test_splitting_and_pasting():
    assert chances.split(4) == ["25", "25", "25", "25"]
    assert chances.split(3) == ["33.34", "33.33", "33.33"]
    assert chances.pasted("1 1 1 1") == ("percent", ["25", "25", "25", "25"])
    assert chances.pasted("25%\t25%\t50%") == ("percent", ["25", "25", "50"])


def test_the_bar_leaves_open_what_is_not_given_out():
    assert chances.bar(Unit.PERCENT, ["40", "40"]) == [
        ("0.000", "40.000", "20.000"),
        ("40.000", "40.000", "60.000"),
    ]
    assert chances.bar(Unit.WEIGHT, ["1", "1"])[1] == ("50.000", "50.000", "75.000")


def test_a_fair_wheel_is_hardly_ever_called_unfair():
    called = 0
    for seed in range(200):
        chance = random.Random(seed)  # noqa: S311 - no secret is drawn
        seen = sum(chance.random() < 0.2 for _ in range(2000))
        called += bands.verdict(seen, 2000, 0.2).tone == "warn"

    assert called <= 8  # 2 of 200 by luck alone


def test_a_rigged_wheel_is_called_by_its_name():
    assert bands.verdict(300, 2000, 0.2).words == "less often than set"
    assert bands.verdict(500, 2000, 0.2).words == "more often than set"


def test_few_plays_make_no_verdict():
    assert bands.verdict(0, 29, 0.9).words == "too few plays to say"


@pytest.mark.parametrize(("seen", "plays"), [(0, 100), (100, 100), (1, 30), (50, 100)])
def test_a_band_lies_around_what_was_seen_and_within_bounds(seen, plays):
    low, high = bands.band(seen, plays)

    assert 0 <= low <= seen / plays <= high <= 1


@pytest.mark.parametrize(("most", "top"), [(0, 2), (1, 2), (3, 4), (7, 8), (9, 20), (423, 500), (999, 2000)])
def test_a_chart_ends_at_a_round_even_number(most, top):
    assert charts.nice_top(most) == top


def test_rewards_are_drawn_over_plays_not_on_top_of_them():
    chart = charts.bars([Day(date(2026, 11, 22), players=8, plays=100, rewards=40)])

    bar = chart.bars[0]
    assert float(bar.plays_y) + float(bar.plays_height) == float(bar.rewards_y) + float(bar.rewards_height)
    assert float(bar.rewards_height) == pytest.approx(0.4 * float(bar.plays_height), abs=0.1)
    assert chart.summary == "100 plays and 40 rewards in 1 days; most on 22 November, with 100 plays."


def test_a_chart_of_many_days_dates_the_last_one():
    days = [Day(date(2026, 11, 1) + timedelta(days=n)) for n in range(30)]

    assert charts.bars(days).dates[-1].label == "30 Nov"


def test_a_line_without_values_is_not_drawn():
    assert charts.spark([]) == charts.spark([0, 0, 0]) == charts.spark([5]) == ""
    assert charts.spark([0, 10]) == "0.0,26.0 120.0,2.0"


@pytest.mark.parametrize(
    ("name", "user_id", "in_full", "shown"),
    [
        ("Mia Kaur", "u_1", True, "Mia Kaur"),
        ("Mia Kaur", "u_1", False, "Mia K."),
        ("Cher", "u_1", False, "C…"),
        (None, "mia@example.com", False, "mi…m"),
        (None, "mia@example.com", True, "mia@example.com"),
        (None, "u_1", False, "u…"),
        (None, None, False, "a visitor"),
    ],
)
def test_people_are_masked_unless_the_role_may_see_them(name, user_id, in_full, shown):
    assert masking.person(name, user_id, in_full=in_full) == shown


@dataclass
class Dates:
    status: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@pytest.mark.parametrize(
    ("dates", "is_now", "words"),
    [
        (Dates("draft"), "draft", "not launched"),
        (Dates("live"), "live", "no end date"),
        (Dates("live", ends_at=NOW + timedelta(days=6, hours=2)), "live", "ends in 6 days"),
        (Dates("live", ends_at=NOW + timedelta(hours=30)), "live", "ends in 30 h"),
        (Dates("live", ends_at=NOW + timedelta(minutes=5)), "live", "ends within the hour"),
        (Dates("live", starts_at=NOW + timedelta(days=6)), "scheduled", "starts 28 Nov"),
        (Dates("live", ends_at=NOW), "ended", "ended 22 Nov"),
        (Dates("paused", ends_at=NOW + timedelta(days=3)), "paused", "ends in 3 days"),
        (Dates("ended"), "ended", "ended by hand"),
    ],
)
def test_a_campaign_is_called_what_its_dates_make_of_it(dates, is_now, words):
    assert phase(dates, NOW) == is_now
    assert schedule_words(dates, NOW) == words
