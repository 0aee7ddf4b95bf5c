"""Toss the coin: one toss, one draw; the side that comes up says whether there is a prize.

Heads is the side that wins, or the one that the person has called: calling it changes
which side a prize shows, and never the draw.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.types.base import Config, ConfigError, Moment, NotAllowed, Outcome, State
from campaigns.types.chance import GameOfChance, check_one_of, chosen

SIDES = ("heads", "tails")
CALLS = ("player", "nobody")


class TossTheCoin(GameOfChance):
    slug = "tossthecoin"
    label = "Toss the coin"
    verb = "Toss the coin"
    about = "A coin is tossed: one side wins, the other does not."
    title = "Heads or tails?"
    noun = "A coin"
    rank = 50
    is_hands_on = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        super().check(config, outcomes)
        check_one_of(config, "call", CALLS, "Say who calls the side: the player or nobody.")
        if len({each.is_prize for each in outcomes}) != len(SIDES):
            raise ConfigError(
                "outcomes", "A coin has two sides: it needs an outcome with a prize and one without."
            )

    def defaults(self) -> dict[str, Any]:
        return {"title": self.title, "call": "player"}

    def noted(self, config: Config, state: State, action: Mapping[str, Any]) -> State:
        called = chosen(action, "side", SIDES)
        if called and config["call"] != "player":
            raise NotAllowed("No side is called in this game: the coin is just tossed.")
        return {"called": called or "heads"}

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        return {"sides": list(SIDES) if config["call"] == "player" else []}

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        called = state.get("called", "heads")
        other = SIDES[1 - SIDES.index(called)]
        return {"called": called, "side": called if drawn and drawn.is_prize else other}


TYPE = TossTheCoin()
