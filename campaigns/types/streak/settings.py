"""What a marketer sets of a streak, and what follows from it: its pace, its milestones. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns.types import days, triggers
from campaigns.types.base import Config, ConfigError, Occasion
from campaigns.types.chance import TITLE_LENGTH, check_one_of, check_text

SOURCES = {
    "check-in": "They check in on the page",
    "event": "The app sends an event",
    "either": "Either: an event, or a check-in",
}
DAY, WEEK = "day", "week"
PERIODS = {DAY: "Every day", WEEK: "On some days of each week"}
ENDS, REPEATS = "ends", "repeats"
AFTER = {ENDS: "The streak is complete", REPEATS: "The milestones begin again, and the streak goes on"}
MOST_MILESTONES = 10
LONGEST = 365
LIMITS = {
    "goal": (1, 7, "Days a week"),
    "freezes": (0, 10, "Freezes that a person can hold"),
    "freezes_at_start": (0, 10, "Freezes at the start"),
    "pause_days": (0, 30, "The longest pause, in days,"),
    "repair_days": (0, 7, "The days to repair a streak"),
    "repair_times": (1, 10, "How often it takes to repair a streak"),
    "grace_hours": (1, 168, "Hours for late events"),
}


@dataclass(frozen=True)
class Pace:
    """How time is cut: in days, or in weeks of which some days are asked for. A unit is named by its
    first day."""

    period: str
    goal: int
    begins_on: str

    def unit(self, day: date) -> date:
        return day if self.period == DAY else days.week_of(day, self.begins_on)

    def after(self, unit: date) -> date:
        return unit + self.length * days.ONE

    def last_day(self, unit: date) -> date:
        return self.after(unit) - days.ONE

    @property
    def length(self) -> int:
        return 1 if self.period == DAY else 7


def pace(config: Config) -> Pace:
    is_daily = config["period"] == DAY
    return Pace(config["period"], 1 if is_daily else config["goal"], config["week_begins"])


def key(config: Config, milestone: int) -> str:
    return f"{config['period']}-{milestone}"


def occasions(config: Config) -> tuple[Occasion, ...]:
    words = "Day %(number)s" if config["period"] == DAY else "Week %(number)s"
    return tuple(Occasion(key(config, each), words, {"number": each}) for each in config["milestones"])


def earned(config: Config, lengths: Sequence[int], before: Mapping[str, int]) -> dict[str, int]:
    """How often each milestone was reached, by runs of these lengths and by those long `before`."""
    last, counts = config["milestones"][-1], {}
    for each in config["milestones"]:
        name = key(config, each)
        times = before.get(name, 0) + sum((length - each) // last + 1 for length in lengths if length >= each)
        counts[name] = min(times, 1) if config["after"] == ENDS else times
    return counts


def checks_in(config: Config) -> bool:
    return bool(config["source"] != "event")


def trigger(config: Config) -> triggers.Trigger | None:
    return None if config["source"] == "check-in" else config["trigger"]


def defaults() -> dict[str, Any]:
    return {
        "title": "Seven days in a row",
        "source": "check-in",
        "trigger": {"event": "", "where": []},
        "period": DAY,
        "goal": 3,
        "week_begins": days.MONDAY,
        "milestones": [3, 7],
        "after": ENDS,
        "freezes": 1,
        "freezes_at_start": 1,
        "freezes_at_milestones": False,
        "pause_days": 0,
        "repair_days": 0,
        "repair_times": 1,
        "grace_hours": 24,
    }


def check(config: Config) -> None:
    """Raise ConfigError for what no streak can be made of."""
    check_text(config, "title", TITLE_LENGTH, "The title")
    check_one_of(config, "source", list(SOURCES), "Choose what counts as a day.")
    if config["source"] != "check-in":
        triggers.check(config.get("trigger"), "trigger")
    check_one_of(config, "period", list(PERIODS), "Choose days or weeks.")
    check_one_of(config, "week_begins", list(days.WEEKS), "Choose the day on which a week begins.")
    check_one_of(config, "after", list(AFTER), "Choose what comes after the last milestone.")
    check_one_of(config, "freezes_at_milestones", [True, False], "Say whether milestones give a freeze.")
    for field in LIMITS:
        check_number(field, config.get(field))
    check_milestones(config.get("milestones"))
    check_together(config)


def check_number(field: str, value: object) -> None:
    least, most, name = LIMITS[field]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(field, f"{name}: a whole number from {least} to {most}.")


def check_milestones(milestones: object) -> None:
    listed = milestones if isinstance(milestones, list) else []
    if not 1 <= len(listed) <= MOST_MILESTONES:
        raise ConfigError("milestones", f"There are 1 to {MOST_MILESTONES} milestones, such as 3, 7.")
    if not all(type(each) is int and 1 <= each <= LONGEST for each in listed):
        raise ConfigError("milestones", f"Milestones are whole numbers from 1 to {LONGEST}.")
    if sorted(set(listed)) != listed:
        raise ConfigError("milestones", "Milestones grow: 3, then 7, none twice.")


def check_together(config: Config) -> None:
    """What is right by itself and wrong beside the rest."""
    if config["freezes_at_start"] > config["freezes"]:
        raise ConfigError("freezes_at_start", "Nobody can start with more freezes than they can hold.")
    if (
        config["source"] == "check-in"
        and config["repair_days"]
        and config["repair_times"] > config["repair_days"]
    ):
        message = "A check-in is made once a day: it can't repair a streak more often than it has days."
        raise ConfigError("repair_times", message)
