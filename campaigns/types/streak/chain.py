"""The days of one streak: which of them count, what became of the others, and how long it is.

Pure. What a day has come to never gets worse: a day that counts stays so, and one that a freeze, a
pause or a repair has kept is at most bettered by an event that arrives late. So nothing that comes
out of order can shorten a streak. It remembers single days for some weeks, and before them a sum.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.types import days
from campaigns.types.base import Config, State
from campaigns.types.streak import settings
from campaigns.types.streak.settings import Pace

KEPT_DAYS = 70  # how far back single days are known; every grace and repair is shorter
FROZEN, PAUSED, REPAIRED, MOVED = "frozen", "paused", "repaired", "moved"
MOVES_APART = timedelta(days=7)  # a day cut short by travel is forgiven, but not every day


@dataclass
class Chain:
    """`kept` holds units that do not count and yet break nothing; `base` is the length of the run that
    reaches into the first day that is known, `past` what runs before it have earned."""

    pace: Pace
    first: date
    day: date  # the newest one that was reached: dates never go back
    zone: ZoneInfo
    marks: set[date] = field(default_factory=set)
    kept: dict[date, str] = field(default_factory=dict)
    base: int = 0
    past: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    held: int = 0
    best: int = 0
    mend: int = 0  # how often it was done since the last miss
    pause: tuple[date, date] | None = None  # its first day, and the day on which it goes on
    moved: datetime | None = None  # when the person was first seen in this zone,
    before: ZoneInfo | None = None  # and where they had been until then

    def is_done(self, unit: date) -> bool:
        if self.pace.length == 1:
            return unit in self.marks
        marked = sum(unit + n * days.ONE in self.marks for n in range(self.pace.length))
        return marked >= self.pace.goal

    def is_missed(self, unit: date) -> bool:
        return unit < self.pace.unit(self.day) and unit not in self.kept and not self.is_done(unit)

    def units(self) -> Iterator[date]:
        """Every unit that is known, the current one last."""
        unit, last = self.pace.unit(self.first), self.pace.unit(self.day)
        while unit <= last:
            yield unit
            unit = self.pace.after(unit)

    def runs(self, before: date | None = None) -> list[int]:
        """How long each run is or was, the present one last; only of units `before` one, if given."""
        lengths = [self.base]
        for unit in self.units():
            if before is not None and unit >= before:
                break
            if self.is_done(unit):
                lengths[-1] += 1
            elif self.is_missed(unit):
                lengths.append(0)
        return lengths

    @property
    def length(self) -> int:
        return self.runs()[-1]

    @property
    def is_done_now(self) -> bool:
        return self.is_done(self.pace.unit(self.day))

    @property
    def is_paused(self) -> bool:
        return self._is_in_pause(self.day)

    def _is_in_pause(self, day: date) -> bool:
        return self.pause is not None and self.pause[0] <= day < self.pause[1]

    # time goes on

    def reach(self, now: datetime, zone: ZoneInfo) -> None:
        """Judge what has ended by now, where the person is now."""
        self.roll(days.of(now, self.zone))
        if zone.key == self.zone.key:
            return
        before, today = self.day, days.of(now, zone)
        self.zone, self.before, self.moved = zone, self.zone, now
        self._forgive(self.pace.unit(before), self.pace.unit(today))
        self.roll(today)

    def roll(self, today: date) -> None:
        unit = self.pace.unit(self.day)
        while unit < self.pace.unit(today):
            is_open = not self.is_done(unit) and unit not in self.kept
            if is_open and not self._judge(unit) and not any(day > unit for day in self.marks):
                break  # a run has ended, so there is nothing to lose in the units that follow
            unit = self.pace.after(unit)
        self.day = max(self.day, today)

    def _judge(self, unit: date) -> bool:
        """What a unit that was not done has come to; False: it is missed."""
        own_days = [unit + n * days.ONE for n in range(self.pace.length)]
        if any(map(self._is_in_pause, own_days)):
            self.kept[unit] = PAUSED
        elif not all(days.exists(day, self.zone) for day in own_days):
            self.kept[unit] = MOVED
        elif self.held and self.runs(before=unit)[-1]:
            self.held -= 1
            self.kept[unit] = FROZEN
        else:
            self.mend = 0
        return unit in self.kept

    def _forgive(self, unit: date, until: date) -> None:
        """Who has moved ahead in time had only a part of these units, or nothing of them."""
        if any(why == MOVED and unit - each < MOVES_APART for each, why in self.kept.items()):
            return
        while unit < until:
            if not self.is_done(unit):
                self.kept.setdefault(unit, MOVED)
            unit = self.pace.after(unit)

    # things happen

    def mark(self, day: date, most_held: int) -> None:
        """Let a day count. A freeze that was used for it is given back."""
        self.first = min(self.first, self.pace.unit(day))
        self.roll(day)
        self.marks.add(day)
        unit = self.pace.unit(day)
        if self.is_done(unit) and self.kept.pop(unit, None) == FROZEN:
            self.held = min(most_held, self.held + 1)

    def bridge(self, after: date) -> bool:
        """Freeze the next gap after a unit that came to count late, if the freezes suffice for all of it:
        in good time they would have been used for it."""
        gap: list[date] = []
        for unit in self.units():
            if unit > after and self.is_missed(unit):
                gap.append(unit)
            elif gap:
                break
        if not gap or len(gap) > self.held or not self.runs(before=gap[0])[-1]:
            return False
        self.held -= len(gap)
        self.kept |= dict.fromkeys(gap, FROZEN)
        return True

    def lost(self) -> list[date]:
        """The units whose miss has ended the run before the present one; none if there was no such run."""
        gap: list[date] = []
        for unit in reversed(list(self.units())):
            if self.is_missed(unit):
                gap.append(unit)
            elif gap:
                break
        return gap[::-1] if gap and self.runs(before=gap[-1])[-1] else []

    def earn(self, config: Config) -> list[str]:
        """What was reached and not given yet. Of what a run that was joined with another one had earned
        before by itself, nothing is taken back and nothing given twice."""
        earned = settings.earned(config, self.runs(), self.past)
        return [name for name, times in earned.items() if times > self.paid.get(name, 0)]

    def pay(self, config: Config, name: str) -> None:
        self.paid[name] = self.paid.get(name, 0) + 1
        if config["freezes_at_milestones"]:
            self.held = min(config["freezes"], self.held + 1)

    def is_complete(self, config: Config) -> bool:
        last = settings.key(config, config["milestones"][-1])
        return config["after"] == settings.ENDS and last in self.paid and not self.earn(config)

    # to and from what is stored

    def forget(self, config: Config) -> None:
        """Sum up what lies too far back to change."""
        last = self.pace.unit(self.day - KEPT_DAYS * days.ONE)
        self.best = max(self.best, *self.runs())
        for unit in list(self.units()):
            if unit >= last:
                break
            if self.is_done(unit):
                self.base += 1
            elif self.is_missed(unit):
                self.past = settings.earned(config, [self.base], self.past)
                self.base = 0
            self.kept.pop(unit, None)
            self.first = self.pace.after(unit)
        self.marks = {day for day in self.marks if day >= self.first}


def begun(config: Config, day: date, zone: ZoneInfo) -> Chain:
    pace = settings.pace(config)
    return Chain(pace, pace.unit(day), day, zone, held=config["freezes_at_start"])


def load(config: Config, state: State) -> Chain:
    """The chain of a state that holds one."""
    first, pause = date.fromisoformat(state["first"]), state["pause"]
    pace = settings.pace(config)
    return Chain(
        pace=pace,
        first=pace.unit(first),
        day=date.fromisoformat(state["day"]),
        zone=ZoneInfo(state["zone"]),
        marks={first + n * days.ONE for n, mark in enumerate(state["marks"]) if mark == "x"},
        kept={date.fromisoformat(unit): why for unit, why in state["kept"].items()},
        base=state["base"],
        past=dict(state["past"]),
        paid=dict(state["paid"]),
        held=min(state["held"], config["freezes"]),
        best=state["best"],
        mend=state["mend"],
        pause=(date.fromisoformat(pause[0]), date.fromisoformat(pause[1])) if pause else None,
        moved=datetime.fromisoformat(state["moved"]) if state["moved"] else None,
        before=ZoneInfo(state["before"]) if state["before"] else None,
    )


def dump(config: Config, chain: Chain) -> dict[str, Any]:
    chain.forget(config)
    known = (max(chain.marks, default=chain.first) - chain.first).days + 1
    marks = ["x" if chain.first + n * days.ONE in chain.marks else "-" for n in range(known)]
    return {
        "first": chain.first.isoformat(),
        "day": chain.day.isoformat(),
        "zone": chain.zone.key,
        "marks": "".join(marks),
        "kept": {unit.isoformat(): why for unit, why in sorted(chain.kept.items())},
        "base": chain.base,
        "past": chain.past,
        "paid": chain.paid,
        "held": chain.held,
        "best": chain.best,
        "mend": chain.mend,
        "pause": [each.isoformat() for each in chain.pause] if chain.pause else None,
        "moved": chain.moved.isoformat() if chain.moved else None,
        "before": chain.before.key if chain.before else None,
    }
