"""Spin the wheel: one spin, one draw; one slice an outcome.

Slices are of one size, or as wide as the chances: then none is too narrow to be seen, and the page says so.
"""

from collections.abc import Sequence
from typing import Any

from campaigns.types.base import Config, Moment, Outcome, State
from campaigns.types.chance import GameOfChance, check_one_of, place_of

EQUAL, ODDS = "equal", "odds"
LEAST = 12  # degrees: of the narrowest slice, which must hold a number
CIRCLE = 360


class SpinTheWheel(GameOfChance):
    slug = "spinthewheel"
    label = "Spin the wheel"
    verb = "Spin the wheel"
    about = "A wheel turns and comes to rest on what was drawn."
    title = "Spin to win"
    noun = "A wheel"
    rank = 0

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        super().check(config, outcomes)
        sizes = {"slices": EQUAL, **config}
        check_one_of(sizes, "slices", (EQUAL, ODDS), "Slices are of one size, or drawn by the chances.")

    def defaults(self) -> dict[str, Any]:
        return {"title": self.title, "slices": EQUAL}

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        """`widths` of the slices in degrees; `widened` says that some are wider than their chances."""
        widths, widened = _equal(len(outcomes)), False
        if config.get("slices") == ODDS:
            widths, widened = widths_of([each.weight for each in outcomes])
        names = [outcome.name for outcome in outcomes]
        return {"slices": names, "sizes": config.get("slices", EQUAL), "widths": widths, "widened": widened}

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        return {"slice": place_of(outcomes, drawn)}


def widths_of(weights: Sequence[int]) -> tuple[list[float], bool]:
    """The width of each slice, and whether some had to be made wider than their chances.

    What the narrow ones need is taken from the others, each in proportion to its own chance.
    """
    if not sum(weights):
        return _equal(len(weights)), False
    narrow: set[int] = set()
    while True:
        left = CIRCLE - LEAST * len(narrow)
        total = sum(weight for place, weight in enumerate(weights) if place not in narrow)
        shares = [LEAST if place in narrow else left * each / total for place, each in enumerate(weights)]
        found = {place for place, share in enumerate(shares) if share < LEAST}
        if not found:
            return [round(share, 3) for share in shares], bool(narrow)
        narrow |= found


def _equal(count: int) -> list[float]:
    return [round(CIRCLE / max(count, 1), 3)] * count


TYPE = SpinTheWheel()
