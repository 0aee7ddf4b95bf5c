"""A card of stamps: which it holds, which have run out, and what it has earned. Pure.

A stamp has the date of the event that it is for. Stamps that have run out leave the card; what it
brought before stays given, and the same card does not bring it again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from campaigns.types import days
from campaigns.types.base import Config, State

FULL = "full"
LATEST = timedelta(days=30)  # an event that is older than this brings no stamp


@dataclass
class Card:
    stamps: list[date]  # the oldest first
    paid: list[str]  # what this card has brought
    full: int = 0  # cards before it
    counted: int = 0  # events towards the next stamp
    dates: tuple[date, ...] = ()  # that have brought a stamp not long ago, on whichever card

    def age(self, config: Config, today: date) -> None:
        """Take off what has run out."""
        self.stamps = [each for each in self.stamps if not _has_run_out(config, each, today)]
        self.dates = tuple(each for each in self.dates if today - each <= LATEST)

    def add(self, config: Config, day: date, today: date) -> bool:
        """Count an event of this day; False if it changes nothing."""
        if today - day > LATEST or _has_run_out(config, day, today):
            return False
        if config["pace"] == "day":
            if day in self.dates:
                return False
            self.dates = (*self.dates, day)
        self.counted += 1
        if self.counted >= config["every"]:
            self.counted = 0
            self.stamps = sorted([*self.stamps, day])
        return True

    def due(self, config: Config) -> list[str]:
        """What this card has earned and not brought yet."""
        reached = [key(each) for each in config["rewards_at"] if each <= len(self.stamps)]
        earned = [*reached, FULL] if self.is_full(config) else reached
        return [each for each in earned if each not in self.paid]

    def pay(self, config: Config, name: str) -> None:
        """Note what it brings; a full one makes room for the next."""
        self.paid.append(name)
        if self.is_full(config) and FULL in self.paid and not self.due(config):
            self.full += 1
            if not self.is_last(config):
                self.stamps, self.paid = self.stamps[config["size"] :], []

    def is_full(self, config: Config) -> bool:
        size: int = config["size"]
        return len(self.stamps) >= size

    def is_last(self, config: Config) -> bool:
        """Whether all cards are full that a person may fill."""
        return bool(config["cards"] and self.full >= config["cards"])


def key(number: int) -> str:
    return f"stamp-{number}"


def runs_out(config: Config, day: date) -> date | None:
    """The last day on which a stamp of this day holds."""
    return day + config["valid_days"] * days.ONE if config["valid_days"] else None


def _has_run_out(config: Config, day: date, today: date) -> bool:
    last = runs_out(config, day)
    return last is not None and last < today


def load(state: State) -> Card:
    return Card(
        stamps=_dates(state.get("stamps", [])),
        paid=list(state.get("paid", [])),
        full=state.get("full", 0),
        counted=state.get("counted", 0),
        dates=tuple(_dates(state.get("dates", []))),
    )


def dump(card: Card) -> dict[str, Any]:
    return {
        "stamps": [each.isoformat() for each in card.stamps],
        "paid": card.paid,
        "full": card.full,
        "counted": card.counted,
        "dates": sorted(each.isoformat() for each in card.dates),
    }


def merged(state: Mapping[str, Any], other: Mapping[str, Any]) -> State:
    """The stamps of two people who turned out to be one; what either card has brought comes not again."""
    if not state or not other:
        return state or other
    trunk, branch = (state, other) if state["full"] >= other["full"] else (other, state)
    together = Counter(trunk["stamps"]) | Counter(branch["stamps"])
    paid = branch["paid"] if branch["full"] == trunk["full"] else []
    over = {"over": True} if "over" in trunk or "over" in branch else {}
    return {
        **trunk,
        "stamps": trunk["stamps"] if over else sorted(together.elements()),
        "paid": [*trunk["paid"], *(each for each in paid if each not in trunk["paid"])],
        "counted": max(trunk["counted"], branch["counted"]),
        "dates": sorted({*trunk["dates"], *branch["dates"]}),
        **over,
    }


def _dates(texts: Sequence[str]) -> list[date]:
    return [date.fromisoformat(each) for each in texts]
