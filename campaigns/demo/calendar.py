"""When people play: a month with the shape of a week, of a day, and of one push message.

Pure: chance and time are arguments. Nobody plays before joining or more often a day than
the wheel allows, and nobody plays in the future.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from campaigns.demo import brand


@dataclass(frozen=True)
class Spin:
    """One play to be: whose (a place in the list of people), and when."""

    person: int
    at: datetime
    day: date


def first_day(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date() - timedelta(days=brand.DAYS - 1)


def day(now: datetime, zone: ZoneInfo, number: int) -> date:
    """The month's day of this number; 0 is the first, DAYS - 1 is today."""
    return first_day(now, zone) + timedelta(days=number)


def instant(on: date, zone: ZoneInfo, hour: int = 0) -> datetime:
    return datetime.combine(on, time(hour), tzinfo=zone)


def plan_spins(joined: Sequence[datetime], rng: Random, now: datetime, zone: ZoneInfo) -> list[Spin]:
    """Every spin of the month in order of time; person 0 keeps today's spins for the visitor."""
    begin = first_day(now, zone)
    shape = [_weight(begin, number) for number in range(brand.DAYS)]
    players = _Players(joined, rng)
    spins: list[Spin] = []
    for number, weight in enumerate(shape):
        day = begin + timedelta(days=number)
        count = round(brand.PLAYS * weight / sum(shape) * rng.uniform(0.94, 1.06))
        spins += _of_day(players, rng, day, count, zone)
    today = begin + timedelta(days=brand.DAYS - 1)
    kept = (each for each in spins if each.at < now and not (each.person == 0 and each.day == today))
    return sorted(kept, key=lambda each: (each.at, each.person))


def plan_launch(joined: Sequence[datetime], rng: Random, now: datetime, zone: ZoneInfo) -> list[Spin]:
    """The spins of the opening week, one a person."""
    begin, end = launch_days(now, zone)
    there = [number for number, at in enumerate(joined) if at < instant(begin, zone)]
    spins = []
    for person in rng.sample(there, min(brand.LAUNCH_PLAYS, len(there))):
        day = begin + timedelta(days=int(min(rng.expovariate(1 / 3), (end - begin).days - 1)))
        spins.append(Spin(person, _moment(rng, day, zone), day))
    return sorted(spins, key=lambda each: each.at)


def launch_days(now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    today = now.astimezone(zone).date()
    return today - timedelta(days=brand.LAUNCH_DAYS[0]), today - timedelta(days=brand.LAUNCH_DAYS[1])


def _weight(begin: date, number: int) -> float:
    growth = 1 + 0.35 * number / brand.DAYS
    spike = brand.SPIKE if number == brand.SPIKE_DAY else 1.0
    return brand.MONDAY_TO_SUNDAY[(begin + timedelta(days=number)).weekday()] * growth * spike


class _Players:
    """Draws people by how keen they are: few play often, most now and then, some never."""

    def __init__(self, joined: Sequence[datetime], rng: Random) -> None:
        self.joined = joined
        self.rng = rng
        keen = [rng.paretovariate(1.3) if rng.random() < 0.7 else 0.0 for _ in joined]
        keen[0] = 12.0  # the person that a first look plays as has a history
        self.ends = list(accumulate(min(each, 12.0) for each in keen))

    def one(self, by: datetime) -> int:
        while True:
            person = bisect_right(self.ends, self.rng.random() * self.ends[-1])
            if self.joined[person] <= by:
                return person


def _of_day(players: _Players, rng: Random, day: date, count: int, zone: ZoneInfo) -> list[Spin]:
    played: dict[int, int] = defaultdict(int)
    spins = []
    for _ in range(count):
        at = _moment(rng, day, zone)
        person = players.one(at)
        if played[person] < brand.PLAYS_A_DAY:
            played[person] += 1
            spins.append(Spin(person, at, day))
    return spins


def _moment(rng: Random, day: date, zone: ZoneInfo) -> datetime:
    hour = rng.choices(range(24), weights=brand.HOURS)[0]
    return instant(day, zone, hour) + timedelta(
        seconds=rng.randrange(3600), microseconds=rng.randrange(10**6)
    )
