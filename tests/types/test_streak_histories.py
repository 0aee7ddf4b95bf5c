"""Streaks over thousands of histories: beside a model that knows every day, and where clocks are odd."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from campaigns.types import days, get_type
from campaigns.types.base import Happening
from campaigns.types.streak import chain as chains
from tests.factories import MOMENT
from tests.types.happenings import stored

KIND = get_type("streak")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BEGINNING = datetime(2026, 3, 1, 12, tzinfo=UTC)
# midnights that are skipped or repeated, half hours, a date line that was crossed, the ends of the earth
TRICKY = (
    "Africa/Cairo", "America/Havana", "America/Nuuk", "America/Santiago", "Asia/Beirut",
    "Atlantic/Azores", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati",
)  # fmt: skip


def config_of(**fields):
    trigger = {"event": "a", "where": []}
    return {**KIND.defaults(), "source": "event", "trigger": trigger, "freezes_at_start": 0} | fields


def length_of(config, state, now, zone):
    return KIND.view(config, state, [], replace(MOMENT, now=now, zone=zone))["length"]


class World(RuleBasedStateMachine):
    """A person in some zone. Time goes on, and is set back now and then; events arrive when they like."""

    fields: dict = {}

    @initialize(
        zone=st.sampled_from(TRICKY),
        grace=st.sampled_from([1, 24, 72]),
        after=st.sampled_from(["ends", "repeats"]),
        skip=st.integers(0, 300),
    )
    def begin(self, zone, grace, after, skip):
        self.zone, self.now = ZoneInfo(zone), BEGINNING + skip * DAY
        self.config = config_of(grace_hours=grace, after=after, milestones=[2, 5], **self.fields)
        self.state, self.draws = {}, Counter()
        self.start()

    def start(self):
        raise NotImplementedError

    def today(self):
        return days.of(self.now, self.zone)

    def send(self, at):
        happening = Happening("e", "a", at)
        moment = replace(MOMENT, now=self.now, zone=self.zone)
        step = KIND.happened(self.config, self.state, happening, moment)
        if step is not None:
            self.state = stored(step.state)
            self.draws.update(step.draws)
        return step


class Plain(World):
    """No freezes, no pauses, no repairs: the streak is the run of dates, however they have come in."""

    def start(self):
        self.counted = set()
        self.reached = None  # the newest date; it does not go back with a clock
        self.given = Counter()

    @rule(hours=st.sampled_from([0, 1, 5, 13, 24, 30, 49, 24 * 40, -1, -20]))
    def wait(self, hours):
        self.now += hours * HOUR

    @rule(ago=st.sampled_from([0, 0, 0, 1, 10, 24, 30, 50, 80]))
    def do(self, ago):
        if "over" in self.state:
            assert self.send(self.now) is None
            return
        at = self.now - ago * HOUR
        day = days.of(at, self.zone)
        fits = self.now <= days.ends(day, self.zone) + self.config["grace_hours"] * HOUR
        behind = bool(self.counted) and day == self.today() < self.reached
        if day in self.counted or not fits:
            day = self.reached if behind and self.reached not in self.counted else None
        if day is not None:
            self.counted.add(day)
            self.reached = max(self.reached or day, day, self.today())
        before = self.draws.copy()
        step = self.send(at)
        assert (step is None) == (day is None)
        for name, times in self.earned().items():
            if times > self.given[name]:
                self.given[name] += 1
        assert self.draws == self.given
        assert all(times - before[name] <= 1 for name, times in self.draws.items())

    def runs(self):
        lengths, run = [], 0
        for day in sorted(self.counted):
            run = run + 1 if day - DAY in self.counted else 1
            if day + DAY not in self.counted:
                lengths.append((day, run))
        return lengths

    def earned(self):
        earned = Counter()
        for _, run in self.runs():
            for each in range(1, run + 1):
                at = (each - 1) % 5 + 1
                if at in (2, 5):
                    earned[f"day-{at}"] += 1
        return Counter(dict.fromkeys(earned, 1)) if self.config["after"] == "ends" else earned

    @invariant()
    def it_is_as_long_as_the_run_of_dates(self):
        if not getattr(self, "counted", None) or "over" in self.state:
            return
        today = max(self.today(), self.reached)
        alive = [run for last, run in self.runs() if last >= today - DAY]
        assert length_of(self.config, self.state, self.now, self.zone) == (alive[-1] if alive else 0)

    @invariant()
    def what_is_stored_stays_small(self):
        if getattr(self, "state", None):
            assert len(self.state["marks"]) <= chains.KEPT_DAYS + 2


class Kept(World):
    """Freezes, pauses and repairs beside a model that knows what became of every day."""

    fields = {
        "freezes": 2, "freezes_at_start": 1, "freezes_at_milestones": True, "pause_days": 3,
        "repair_days": 2, "repair_times": 2, "source": "either",
    }  # fmt: skip

    def start(self):
        self.fates = {}  # every date from the first one that counted to yesterday, and today if it counts
        self.day = None
        self.held, self.mends, self.pause = 1, 0, None
        self.given = Counter()

    def lengths(self, before=None):
        lengths = [0]
        for day in sorted(each for each in self.fates if before is None or each < before):
            if self.fates[day] == "done":
                lengths[-1] += 1
            elif self.fates[day] == "missed":
                lengths.append(0)
        return lengths

    def go_on(self):
        """What has become of the days that have ended."""
        while self.day is not None and self.day < self.today():
            if self.day not in self.fates:
                self.fates[self.day] = self.fate(self.day)
            self.day += DAY

    def fate(self, day):
        if self.pause and self.pause[0] <= day < self.pause[1] and self.lengths()[-1]:
            return "paused"
        if self.held and self.lengths()[-1]:
            self.held -= 1
            return "frozen"
        self.mends = 0
        return "missed"

    def gap(self):
        """The days that were missed last, if there was a streak before and it is not too late."""
        missed = sorted(day for day, fate in self.fates.items() if fate == "missed")
        if not missed:
            return []
        first = missed[-1]
        while self.fates.get(first - DAY) == "missed":
            first -= DAY
        gap = [each for each in missed if each >= first]
        return gap if self.lengths(first)[-1] and self.day <= first + 2 * DAY else []

    def pay(self):
        lengths, total = self.lengths(), Counter()
        for run in lengths:
            for each in range(1, run + 1):
                total[(each - 1) % 5 + 1] += 1
        paid = []
        for at in (2, 5):
            most = min(total[at], 1) if self.config["after"] == "ends" else total[at]
            if most > self.given[f"day-{at}"] and f"day-{at}" not in self.now_given:
                self.given[f"day-{at}"] += 1
                self.now_given.append(f"day-{at}")
                self.held = min(2, self.held + 1)
                paid.append(at)
        return paid

    @rule(hours=st.sampled_from([1, 8, 24, 24, 25, 48, 72, 24 * 80]))
    def wait(self, hours):
        self.now += hours * HOUR

    @rule(ago=st.sampled_from([0, 0, 0, 24, 48]))
    def do(self, ago):
        if "over" in self.state:
            return
        at = self.now - ago * HOUR
        day = days.of(at, self.zone)
        self.day = self.day or day
        self.now_given = []
        fits = self.now <= days.ends(day, self.zone) + self.config["grace_hours"] * HOUR
        if not self.fates and not fits:
            self.day = None
        before = length_of(self.config, self.state, self.now, self.zone) if self.state else 0
        held_before = self.state["held"] if self.state else 0
        self.go_on()
        step = self.send(at)
        counts = fits and self.fates.get(day) != "done"
        if not counts and not (ago == 0 and self.gap()):
            assert step is None
            return
        if ago == 0 and self.gap():
            self.mends += 1
        if counts:
            if self.fates.get(day) == "frozen":
                self.held = min(2, self.held + 1)
            self.fates[day] = "done"
            for missing in range((self.day - day).days):
                self.fates.setdefault(day + missing * DAY, "missed")
        if self.mends >= 2 and self.gap():
            self.fates |= dict.fromkeys(self.gap(), "repaired")
            self.mends = 0
        self.pay()
        while counts and self.freeze_after(day):
            self.pay()
        assert length_of(self.config, self.state, self.now, self.zone) >= before
        assert self.state["held"] >= 0 or held_before

    def freeze_after(self, day):
        later = sorted(each for each, fate in self.fates.items() if fate == "missed" and each > day)
        gap = [each for n, each in enumerate(later) if each == later[0] + n * DAY]
        if not gap or len(gap) > self.held or not self.lengths(gap[0])[-1]:
            return False
        self.held -= len(gap)
        self.fates |= dict.fromkeys(gap, "frozen")
        return True

    @rule()
    def pause_it(self):
        if "over" in self.state or not self.state or (self.pause and self.day < self.pause[0] + 30 * DAY):
            return
        self.go_on()
        if not self.lengths()[-1]:
            return
        moment = replace(MOMENT, now=self.now, zone=self.zone)
        self.state = stored(KIND.act(self.config, self.state, {"do": "pause"}, moment).state)
        first = self.day + DAY if self.fates.get(self.day) == "done" else self.day
        self.pause = (first, first + 3 * DAY)

    @invariant()
    def it_is_as_the_model_says(self):
        if not getattr(self, "state", None) or "over" in self.state:
            return
        self.go_on()
        view = KIND.view(self.config, self.state, [], replace(MOMENT, now=self.now, zone=self.zone))
        assert view["length"] == self.lengths()[-1]
        assert view["held"] == self.held
        assert view["best"] >= max(self.lengths())
        assert (view["repair"] is not None) == bool(self.gap())

    @invariant()
    def rewards_are_given_as_the_model_gives_them(self):
        if getattr(self, "draws", None):
            assert self.draws == self.given


TestPlain = Plain.TestCase
TestPlain.settings = settings(max_examples=500, stateful_step_count=30, deadline=None)
TestKept = Kept.TestCase
TestKept.settings = settings(max_examples=500, stateful_step_count=30, deadline=None)


@pytest.mark.parametrize("zone", TRICKY)
def test_whoever_does_it_on_every_date_for_five_years_has_a_streak_of_all_of_them(zone):
    zone, state = ZoneInfo(zone), {}
    config = config_of(milestones=[365], after="repeats")
    day, hours = date(2011 if zone.key == "Pacific/Apia" else 2026, 1, 1), (0, 23, 12, 3, 20)
    done = 0
    for number in range(5 * 365):
        if days.exists(day, zone):
            at = days.begins(day, zone) + hours[number % 5] * HOUR
            at = min(at, days.ends(day, zone) - timedelta(seconds=1))
            step = KIND.happened(config, state, Happening("e", "a", at), replace(MOMENT, now=at, zone=zone))
            state, done = stored(step.state), done + 1
            again = replace(MOMENT, now=days.ends(day, zone) - timedelta(seconds=1), zone=zone)
            assert KIND.happened(config, state, Happening("f", "a", again.now), again) is None
        day += DAY
    assert length_of(config, state, at, zone) == done
    assert done == 5 * 365 - (zone.key == "Pacific/Apia")


@given(zone=st.sampled_from(TRICKY), missed=st.integers(1, 300), start=st.integers(0, 900))
@settings(max_examples=150, deadline=None)
def test_a_date_on_which_nothing_was_done_ends_the_streak_whatever_the_clock_does(zone, missed, start):
    zone, state, config = ZoneInfo(zone), {}, config_of()
    gap = date(2026, 1, 1) + (start + missed) * DAY
    for day in (gap - 2 * DAY, gap - DAY, gap + DAY):
        at = days.begins(day, zone) + 2 * HOUR
        moment = replace(MOMENT, now=at, zone=zone)
        state = stored(KIND.happened(config, state, Happening("e", "a", at), moment).state)

    assert length_of(config, state, at, zone) == 1


AROUND = ("Pacific/Pago_Pago", "America/Los_Angeles", "Europe/London", "Asia/Tokyo", "Pacific/Kiritimati")


@given(
    moves=st.lists(st.tuples(st.sampled_from(AROUND), st.integers(16, 40)), max_size=4),
    first=st.sampled_from(AROUND),
    start=st.integers(0, 23),
)
@settings(max_examples=100, deadline=None)
def test_a_traveller_who_does_it_twice_a_day_loses_nothing_and_gains_no_date_twice(moves, first, start):
    config, state = config_of(milestones=[300]), {}
    zone, now, counted = ZoneInfo(first), BEGINNING + start * HOUR, 0
    began = now
    for name, half_days in [(first, 20), *moves]:
        zone = ZoneInfo(name)
        for _ in range(half_days):
            moment = replace(MOMENT, now=now, zone=zone)
            step = KIND.happened(config, state, Happening("e", "a", now), moment)
            if step:
                state, counted = stored(step.state), counted + 1
            assert length_of(config, state, now, zone) == counted
            now += 12 * HOUR
    assert counted == length_of(config, state, now - 12 * HOUR, zone)
    assert counted <= (now - began + 26 * HOUR) // DAY + 2


@given(hops=st.lists(st.tuples(st.sampled_from(AROUND), st.integers(0, 12)), min_size=5, max_size=60))
@settings(max_examples=300, deadline=None)
def test_nobody_gains_days_by_changing_zones(hops):
    config, state, now, counted = config_of(milestones=[300]), {}, BEGINNING, 0
    for name, hours in hops:
        now += hours * HOUR
        moment = replace(MOMENT, now=now, zone=ZoneInfo(name))
        step = KIND.happened(config, state, Happening("e", "a", now), moment)
        if step:
            state, counted = stored(step.state), counted + 1
    assert counted <= (now - BEGINNING + 26 * HOUR) // DAY + 2


@given(
    order=st.permutations(range(8)),
    done=st.sets(st.integers(0, 7), min_size=1),
    zone=st.sampled_from(TRICKY),
    period=st.sampled_from(["day", "week"]),
)
@settings(max_examples=300, deadline=None)
def test_within_the_grace_the_order_in_which_events_arrive_makes_no_difference(order, done, zone, period):
    config = config_of(grace_hours=168, milestones=[2, 4, 8], period=period, goal=2)
    zone, now = ZoneInfo(zone), BEGINNING + 7 * DAY
    ends = []
    for numbers in (sorted(done), [n for n in order if n in done]):
        state, given_ = {}, Counter()
        for number in numbers:
            moment = replace(MOMENT, now=now, zone=zone)
            step = KIND.happened(config, state, Happening("e", "a", BEGINNING + number * DAY), moment)
            if step:
                state = stored(step.state)
                given_.update(step.draws)
        ends.append((state, given_))

    assert ends[0] == ends[1]
