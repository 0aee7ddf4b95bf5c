"""Charts as numbers for SVG attributes. Pure: days in, places and words out."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.console.figures import Day

WIDTH, HEIGHT = 760, 240
SPARK_WIDTH, SPARK_HEIGHT = 120, 28
STEPS = (2, 3, 4, 5, 6, 8)


@dataclass(frozen=True)
class Bar:
    """A day: plays, and over them the rewards that are a part of them."""

    day: Day
    x: str
    width: str
    plays_y: str
    plays_height: str
    rewards_y: str
    rewards_height: str


@dataclass(frozen=True)
class Mark:
    at: str
    label: str


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    lines: list[Mark]
    dates: list[Mark]
    summary: str


def bars(days: Sequence[Day]) -> Chart:
    """Bars of a whole chart's width, with round grid lines and some dates, today's among them."""
    top = nice_top(max((day.plays for day in days), default=0))
    slot = WIDTH / len(days)
    every = max(1, round(len(days) / 5))
    return Chart(
        bars=[_bar(day, n * slot, slot, top) for n, day in enumerate(days)],
        lines=[Mark(_text(_y(value, top)), f"{value:,}") for value in (0, top // 2, top)],
        dates=[
            Mark(_text(n * slot + slot / 2), f"{day.date:%-d %b}")
            for n, day in enumerate(days)
            if (len(days) - 1 - n) % every == 0
        ],
        summary=_summary(days),
    )


def nice_top(most: int) -> int:
    """The smallest round number that holds the largest value; even, for the line in the middle."""
    size = 1
    while True:
        for step in STEPS:
            if step * size >= most and step * size % 2 == 0:
                return step * size
        size *= 10


def spark(values: Sequence[float]) -> str:
    """The points of a sparkline; "" if there is nothing to draw."""
    least, most = min(values, default=0), max(values, default=0)
    if len(values) < 2 or most == 0:
        return ""
    spread = (most - least) or 1
    step = SPARK_WIDTH / (len(values) - 1)
    height = SPARK_HEIGHT - 4
    return " ".join(
        f"{n * step:.1f},{2 + height - height * (value - least) / spread:.1f}"
        for n, value in enumerate(values)
    )


def _bar(day: Day, x: float, slot: float, top: int) -> Bar:
    return Bar(
        day=day,
        x=_text(x + slot * 0.12),
        width=_text(slot * 0.76),
        plays_y=_text(_y(day.plays, top)),
        plays_height=_text(HEIGHT - _y(day.plays, top)),
        rewards_y=_text(_y(day.rewards, top)),
        rewards_height=_text(HEIGHT - _y(day.rewards, top)),
    )


def _y(value: float, top: int) -> float:
    return HEIGHT - HEIGHT * value / top


def _text(number: float) -> str:
    return f"{number:.1f}"


def _summary(days: Sequence[Day]) -> str:
    plays, rewards = sum(day.plays for day in days), sum(day.rewards for day in days)
    if not plays:
        return f"No plays in the last {len(days)} days."
    best = max(days, key=lambda day: day.plays)
    return (
        f"{plays:,} plays and {rewards:,} rewards in {len(days)} days;"
        f" most on {best.date:%-d %B}, with {best.plays:,} plays."
    )
