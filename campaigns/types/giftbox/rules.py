"""Gift box: a person opens one of several boxes; which one never changes what is drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.types.base import Config, Moment, Outcome, State
from campaigns.types.chance import GameOfChance, check_one_of, chosen

BOXES = (3, 4, 5, 6)


class GiftBox(GameOfChance):
    slug = "giftbox"
    label = "Gift box"
    verb = "Pick one for me"
    about = "People open one of three to six boxes."
    title = "Open a box"
    noun = "A gift box"
    rank = 30
    is_hands_on = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        super().check(config, outcomes)
        check_one_of(config, "boxes", BOXES, f"There are {BOXES[0]} to {BOXES[-1]} boxes to choose from.")

    def defaults(self) -> dict[str, Any]:
        return {"title": self.title, "boxes": 3}

    def noted(self, config: Config, state: State, action: Mapping[str, Any]) -> State:
        """The box that was opened; without a choice, the one after the last."""
        box = chosen(action, "box", [str(number) for number in _boxes(config)])
        return {"box": int(box) if box else state.get("box", 0) % config["boxes"] + 1}

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        return {"boxes": list(_boxes(config))}

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        """Nothing is told of the other boxes: there is nothing in them."""
        return {"box": state.get("box"), "prize": bool(drawn and drawn.is_prize)}


def _boxes(config: Config) -> range:
    return range(1, config["boxes"] + 1)


TYPE = GiftBox()
