"""Slot machine: one press, one draw; each prize has a symbol, and three of it say that it is won.

No prize is three different symbols: never two alike, so nothing looks like "almost".
"""

from collections.abc import Sequence
from typing import Any

from campaigns.types.base import Config, ConfigError, Moment, Outcome, State
from campaigns.types.chance import GameOfChance
from campaigns.types.slotmachine import symbols

REELS = 3
MOST_PRIZES = len(symbols.SYMBOLS)


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
        symbols.check(config, prizes)

    def defaults(self) -> dict[str, Any]:
        return {"title": self.title, "symbols": []}

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        """`reel`: the numbers of its symbols; the first are those of `prizes`, each with its own."""
        prizes = _prizes(outcomes)
        reel = symbols.reel(config, len(prizes))
        table = [{"name": each.name, "symbol": own} for each, own in zip(prizes, reel, strict=False)]
        return {"reel": reel, "prizes": table}

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        """Which symbol each reel stops at."""
        prizes = _prizes(outcomes)
        reel = symbols.reel(config, len(prizes))
        if drawn and drawn.is_prize:
            return {"symbols": [reel[[each.id for each in prizes].index(drawn.id)]] * REELS}
        first = drawn.position if drawn else 0
        return {"symbols": [reel[(first + step) % len(reel)] for step in range(REELS)]}


def _prizes(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [each for each in outcomes if each.is_prize]


TYPE = SlotMachine()
