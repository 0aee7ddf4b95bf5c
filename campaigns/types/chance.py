"""What games of chance share: one play draws one outcome, and the page shows which.

Pure, like every type. A game says how many outcomes it can show, what a play may bring along
(a box, a side: it never reaches the draw), and how an outcome looks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.types.base import (
    ANY,
    CampaignType,
    Config,
    ConfigError,
    Moment,
    NotAllowed,
    Outcome,
    State,
    Step,
)

TITLE_LENGTH = 80


class GameOfChance(CampaignType):
    page = "reward"
    title: str  # the headline of a new campaign
    noun: str  # what refusals call it, such as "A wheel"
    least, most = 2, 12

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        check_text(config, "title", TITLE_LENGTH, "The title")
        most = self.most_of(config)
        if not self.least <= len(outcomes) <= most:
            raise ConfigError(
                "outcomes", f"{self.noun} has {self.least} to {most} outcomes; this one has {len(outcomes)}."
            )

    def most_of(self, config: Config) -> int:
        """How many outcomes can be shown with these settings."""
        return self.most

    def defaults(self) -> dict[str, Any]:
        return {"title": self.title}

    def start(self, config: Config) -> State:
        return {}

    def act(self, config: Config, state: State, action: Mapping[str, Any], moment: Moment) -> Step:
        return Step(self.noted(config, state, action), draws=(ANY,), completed=True)

    def noted(self, config: Config, state: State, action: Mapping[str, Any]) -> State:
        """What the page is to show of this action; raises NotAllowed for one that the game can't use."""
        if action:
            raise NotAllowed("This game takes no action: it decides by itself.")
        return state


def check_text(config: Config, field: str, most: int, name: str) -> None:
    """Raise ConfigError unless the setting is missing or is text of this length."""
    text = config.get(field, "")
    if not isinstance(text, str) or len(text) > most:
        raise ConfigError(field, f"{name} is text of up to {most} characters.")


def check_one_of(config: Config, field: str, allowed: Sequence[Any], message: str) -> None:
    """Raise ConfigError unless the setting is one of these; true is not the number one."""
    value = config.get(field)
    if not any(value == each and type(value) is type(each) for each in allowed):
        raise ConfigError(field, message)


def chosen(action: Mapping[str, Any], name: str, allowed: Sequence[str]) -> str | None:
    """What a play says of `name`, or None if it says nothing; raises NotAllowed for anything else.

    Forms send text and apps send numbers: both mean the same.
    """
    if not action:
        return None
    value = action.get(name)
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if action.keys() != {name} or text not in allowed:
        raise NotAllowed(f"Choose {name}: {', '.join(allowed[:-1])} or {allowed[-1]}.")
    return text


def place_of(outcomes: Sequence[Outcome], drawn: Outcome | None) -> int | None:
    """Where the drawn outcome stands among all."""
    return [each.id for each in outcomes].index(drawn.id) if drawn else None
