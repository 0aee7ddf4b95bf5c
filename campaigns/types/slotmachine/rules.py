"""Slot machine: one press, one draw; each prize has a symbol, and three of it say that it is won.

No prize is three different symbols: never two alike, so nothing looks like "almost".
"""

from collections.abc import Sequence
from typing import Any

from campaigns.types.base import Config, ConfigError, Moment, Outcome, State
from campaigns.types.chance import GameOfChance

REELS = 3
LEAST_SYMBOLS = 4  # on a reel, so that three different ones can be picked in more than one way
MOST_PRIZES = 8  # as many symbols as are drawn


class SlotMachine(GameOfChance):
    slug = "slotmachine"
    label = "Slot machine"
    verb = "Play"
    about = "Three reels turn; three alike symbols win."
    title = "Match three to win"
    noun = "A slot machine"
    rank = 20

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        super().check(config, outcomes)
        prizes = len(_prizes(outcomes))
        if prizes > MOST_PRIZES:
            raise ConfigError(
                "outcomes", f"A slot machine has symbols for {MOST_PRIZES} prizes; these are {prizes}."
            )

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        """`symbols`: how many there are on a reel; the prize at a place of `prizes` has the symbol there."""
        prizes = _prizes(outcomes)
        return {"symbols": max(LEAST_SYMBOLS, len(prizes)), "prizes": [each.name for each in prizes]}

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        """Which symbol each reel stops at."""
        prizes = _prizes(outcomes)
        if drawn and drawn.is_prize:
            return {"symbols": [[each.id for each in prizes].index(drawn.id)] * REELS}
        symbols = max(LEAST_SYMBOLS, len(prizes))
        first = drawn.position if drawn else 0
        return {"symbols": [(first + step) % symbols for step in range(REELS)]}


def _prizes(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [each for each in outcomes if each.is_prize]


TYPE = SlotMachine()
