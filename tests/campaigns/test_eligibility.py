"""Who may play when: the campaign's schedule, its limits, and days as calendars count them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from campaigns.eligibility import Progress, local_day, next_midnight, standing

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = NOON.date()
UTC_ZONE = ZoneInfo("UTC")
DAY = timedelta(days=1)
# zones that skip or repeat midnight, or change their clocks around it
HARD_ZONES = [
    "Africa/Cairo",
    "America/Asuncion",
    "America/Havana",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "America/New_York",
    "Asia/Beirut",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/London",
    "Pacific/Apia",
    "Asia/Kathmandu",
]


@dataclass(frozen=True)
class Rules:
    status: str = "live"
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    plays_in_all: int | None = None
    plays_a_day: int | None = None
    time_zone: ZoneInfo = UTC_ZONE
    is_program: bool = False


def played(times, *, day=TODAY, on_day=None):
    return Progress(status="in-progress", plays=times, plays_on_day=on_day or times, day=day)


def test_a_running_campaign_without_limits_can_always_be_played():
    stands = standing(Rules(), played(1000), NOON)

    assert (stands.visible, stands.may_play, stands.reason) == (True, True, "ok")
    assert (stands.plays_left, stands.plays_left_today, stands.next_play_at) == (None, None, None)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(status="paused"), "paused"),
        (Rules(status="draft"), "paused"),
        (Rules(status="ended"), "ended"),
        (Rules(ends_at=NOON), "ended"),
        (Rules(status="paused", ends_at=NOON), "ended"),
        (Rules(starts_at=NOON + timedelta(microseconds=1)), "not_started"),
        (Rules(status="paused", starts_at=NOON + DAY), "paused"),
    ],
)
def test_a_campaign_that_does_not_run_is_neither_seen_nor_played(rules, reason):
    stands = standing(rules, None, NOON)

    assert (stands.visible, stands.may_play, stands.reason) == (False, False, reason)


def test_a_campaign_runs_from_its_first_instant_to_just_before_its_last():
    rules = Rules(starts_at=NOON, ends_at=NOON + DAY)

    assert standing(rules, None, NOON).may_play
    assert standing(rules, None, NOON + DAY - timedelta(microseconds=1)).may_play
    assert not standing(rules, None, NOON + DAY).may_play


def test_who_waits_for_the_start_is_told_when_it_is():
    rules = Rules(starts_at=NOON + DAY)

    assert standing(rules, None, NOON).next_play_at == NOON + DAY


def test_plays_in_all_run_out_for_good_but_the_campaign_stays_in_sight():
    stands = standing(Rules(plays_in_all=3), played(3), NOON)

    assert (stands.visible, stands.may_play, stands.reason) == (True, False, "no_plays_left")
    assert (stands.plays_left, stands.next_play_at) == (0, None)


def test_plays_of_a_day_come_back_at_the_next_local_midnight():
    rules = Rules(plays_a_day=1, time_zone=ZoneInfo("Asia/Kolkata"))
    spent = played(1, day=date(2026, 3, 10))

    today, tomorrow = standing(rules, spent, NOON), standing(rules, spent, NOON + DAY)

    assert (today.reason, today.plays_left_today) == ("no_plays_today", 0)
    assert today.next_play_at == datetime(2026, 3, 10, 18, 30, tzinfo=UTC)
    assert (tomorrow.reason, tomorrow.plays_left_today) == ("ok", 1)


def test_no_next_play_is_promised_after_the_end():
    rules = Rules(plays_a_day=1, ends_at=datetime(2026, 3, 11, tzinfo=UTC))

    assert standing(rules, played(1), NOON).next_play_at is None


def test_a_day_never_has_more_plays_left_than_the_campaign():
    stands = standing(Rules(plays_in_all=5, plays_a_day=3), played(4, on_day=1), NOON)

    assert (stands.plays_left, stands.plays_left_today) == (1, 1)


def test_a_limit_that_was_lowered_below_what_was_played_leaves_nothing():
    stands = standing(Rules(plays_in_all=1), played(4), NOON)

    assert (stands.plays_left, stands.may_play) == (0, False)


def test_a_clock_or_zone_set_back_over_midnight_gives_no_second_day():
    zone = ZoneInfo("UTC")
    last = date(2026, 3, 11)

    assert local_day(zone, last, NOON) == last
    assert local_day(zone, last, NOON + DAY) == last
    assert local_day(zone, last, NOON + 2 * DAY) == date(2026, 3, 12)


def test_a_clock_that_was_far_ahead_once_does_not_lock_people_out_for_ever():
    assert local_day(ZoneInfo("UTC"), date(2030, 1, 1), NOON) == NOON.date()


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        # Cairo skips 00:00 to 01:00 on 2026-04-24: the day begins at 01:00
        ("Africa/Cairo", date(2026, 4, 23), datetime(2026, 4, 23, 22, tzinfo=UTC)),
        # Beirut skips the midnight of 2026-03-29
        ("Asia/Beirut", date(2026, 3, 28), datetime(2026, 3, 28, 22, tzinfo=UTC)),
        # Havana turns 01:00 back to 00:00 on 2026-11-01: the day begins at the first midnight
        ("America/Havana", date(2026, 10, 31), datetime(2026, 11, 1, 4, tzinfo=UTC)),
        # New York's 2026-03-08 has 23 hours, its 2026-11-01 has 25
        ("America/New_York", date(2026, 3, 8), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), datetime(2026, 11, 2, 5, tzinfo=UTC)),
        # Apia had no 2011-12-30 at all
        ("Pacific/Apia", date(2011, 12, 29), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_the_next_day_begins_when_the_clock_on_the_wall_says_so(zone, day, expected):
    assert next_midnight(ZoneInfo(zone), day) == expected


@pytest.mark.parametrize("zone", sorted(set(HARD_ZONES) & available_timezones()))
def test_one_play_a_day_is_one_play_a_calendar_date_in_every_zone(zone):
    rules = Rules(plays_a_day=1, time_zone=ZoneInfo(zone))
    now, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    progress, days = None, []

    while now < end:
        today = local_day(rules.time_zone, progress.day if progress else None, now)
        assert standing(rules, progress, now).may_play
        days.append(today)
        progress = played(len(days), day=today, on_day=1)
        waiting = standing(rules, progress, now)
        assert waiting.next_play_at > now
        assert not standing(rules, progress, waiting.next_play_at - timedelta(microseconds=1)).may_play
        now = waiting.next_play_at

    assert days == [days[0] + n * DAY for n in range(len(days))]
    assert len(days) in (730, 731)
