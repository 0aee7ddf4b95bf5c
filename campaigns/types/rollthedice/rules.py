"""Roll the dice: one roll, one draw; each outcome has faces of its own, and the roll shows one of them.

The faces are dealt in turn or set by hand; the table on the page says which stand for what.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.types.base import Config, Moment, Outcome, State
from campaigns.types.chance import GameOfChance, check_one_of, place_of
from campaigns.types.rollthedice import faces
from campaigns.types.rollthedice.faces import all_rolls, rolls_of


class RollTheDice(GameOfChance):
    slug = "rollthedice"
    label = "Roll the dice"
    verb = "Roll the dice"
    about = "One or two dice; what comes up stands for a prize."
    title = "Roll to win"
    noun = "A game of dice"
    rank = 40

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        check_one_of(config, "dice", (1, 2), "There are one or two dice.")
        super().check(config, outcomes)
        faces.check(config, len(outcomes))

    def most_of(self, config: Config) -> int:
        return len(all_rolls(config))

    def defaults(self) -> dict[str, Any]:
        return {"title": self.title, "dice": 1, "faces": []}

    def noted(self, config: Config, state: State, action: Mapping[str, Any]) -> State:
        """How often this person has rolled: an outcome with several faces shows them in turn."""
        super().noted(config, state, action)
        return {"rolls": state.get("rolls", 0) + 1}

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        table = [
            {"rolls": rolls_of(config, len(outcomes), place), "name": each.name}
            for place, each in enumerate(outcomes)
        ]
        return {"dice": config["dice"], "table": table}

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        place = place_of(outcomes, drawn)
        if place is None:
            return {"roll": None, "dice": None}
        rolls = rolls_of(config, len(outcomes), place)
        roll = rolls[state.get("rolls", 0) % len(rolls)]
        return {"roll": roll, "dice": dice_of(config, roll)}


def dice_of(config: Config, roll: int) -> list[int]:
    """The face of each die; two dice that differ as little as they can."""
    return [roll] if config["dice"] == 1 else [roll // 2, roll - roll // 2]


TYPE = RollTheDice()
