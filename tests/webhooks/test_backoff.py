"""When a failed webhook is tried again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glu_admin.webhooks.backoff import TRIES, WAITS, postponement, wait_after

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def test_there_are_three_tries_at_once_after_30_seconds_and_after_5_minutes():
    assert TRIES == 3
    assert wait_after(1, 0) == timedelta(seconds=30)
    assert wait_after(2, 0) == timedelta(minutes=5)
    assert wait_after(3, 0) is None


@given(st.integers(1, 2), st.floats(-1, 1))
def test_the_jitter_is_at_most_a_fifth(tries, jitter):
    plain = WAITS[tries - 1]

    assert plain * 0.8 <= wait_after(tries, jitter) <= plain * 1.2


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_a_later_wait_is_always_longer(first, second):
    assert wait_after(1, first) < wait_after(2, second)


@given(st.integers(3, 10_000), st.floats(-1, 1))
def test_after_the_last_try_there_is_no_other(tries, jitter):
    assert wait_after(tries, jitter) is None


@given(st.integers(1, 2), st.floats(-1, 1), st.floats(-1, 1))
def test_more_jitter_is_never_a_shorter_wait(tries, one, other):
    low, high = sorted((one, other))

    assert wait_after(tries, low) <= wait_after(tries, high)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        (" 120 ", 120),
        ("0", 1),
        ("3600", 3600),
        ("3601", 3600),
        ("9" * 400, 3600),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW + timedelta(days=400), usegmt=True), 3600),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 1),
        ("Wed, 04 Mar 2026 12:01:30 -0000", 90),
    ],
)
def test_a_receiver_says_when_to_come_back_but_not_beyond_an_hour(text, seconds):
    assert postponement(429, text, 0, NOW) == timedelta(seconds=seconds)
    assert postponement(503, text, 2, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5", "٣", "Wed, 99 Mar 2026", "\x00", "1e9"])
def test_what_is_no_time_is_not_obeyed(text):
    assert postponement(429, text, 0, NOW) is None


@given(st.text(max_size=60))
def test_no_header_breaks_the_reading(text):
    found = postponement(429, text, 0, NOW)

    assert found is None or timedelta(seconds=1) <= found <= timedelta(hours=1)


@pytest.mark.parametrize(("status", "postponed"), [(500, 0), (200, 0), (None, 0), (429, 3), (503, 4)])
def test_other_answers_and_the_fourth_time_count_as_tries(status, postponed):
    assert postponement(status, "7", postponed, NOW) is None
