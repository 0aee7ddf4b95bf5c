"""Spin the wheel: one spin, one draw; one slice an outcome."""

from collections.abc import Sequence
from typing import Any

from campaigns.types.base import Config, Moment, Outcome, State
from campaigns.types.chance import GameOfChance, place_of


class SpinTheWheel(GameOfChance):
    slug = "spinthewheel"
    label = "Spin the wheel"
    verb = "Spin the wheel"
    about = "A wheel turns and comes to rest on what was drawn."
    title = "Spin to win"
    noun = "A wheel"
    rank = 0

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        return {"slices": [outcome.name for outcome in outcomes]}

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        return {"slice": place_of(outcomes, drawn)}


TYPE = SpinTheWheel()
