"""Scratch card: one card, one draw; what is under the cover comes when the card is played."""

from collections.abc import Sequence
from typing import Any

from campaigns.types.base import Config, Moment, Outcome, State
from campaigns.types.chance import GameOfChance, check_text

COVER_LENGTH = 24


class ScratchCard(GameOfChance):
    slug = "scratchcard"
    label = "Scratch card"
    verb = "Reveal"
    about = "A card whose cover people rub away with a finger."
    title = "Scratch to win"
    noun = "A scratch card"
    rank = 10
    is_hands_on = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        super().check(config, outcomes)
        check_text(config, "cover", COVER_LENGTH, "The words on the cover")

    def defaults(self) -> dict[str, Any]:
        return {"title": self.title, "cover": "Scratch here"}

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        return {"cover": config.get("cover", "")}

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        return {"name": drawn.name if drawn else "", "prize": bool(drawn and drawn.is_prize)}


TYPE = ScratchCard()
