"""What a campaign type must provide, and what it may return.

Types are pure: they read a config, a state and an action, and return a `Step`. They never
touch the database, the clock or the random module; the engine hands them what they need.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

State = Mapping[str, Any]  # JSON; never changed in place
Config = Mapping[str, Any]


def merged_states(state: State, other: State) -> State:
    """Key by key: of two numbers the greater, of two lists the longer, objects likewise, else the first."""
    return {**other, **state} | {
        name: _further(value, other[name]) for name, value in state.items() if name in other
    }


def _further(value: Any, other: Any) -> Any:
    match value, other:
        case (bool(), bool()):
            return value or other
        case (dict(), dict()):
            return merged_states(value, other)
        case (list(), list()):
            return other if len(other) > len(value) else value
        case (int() | float(), int() | float()):
            return max(value, other)
    return other if value is None else value


class ConfigError(ValueError):
    """The campaign's settings are not usable; `field` names the one, the message is for marketers."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotAllowed(Exception):
    """The person may not take this action now; the message is shown to them."""


@dataclass(frozen=True)
class Outcome:
    """A variant as a type sees it: what to show, never a code."""

    id: str
    name: str
    position: int
    is_prize: bool


@dataclass(frozen=True)
class Step:
    """The result of one action: the new state, and whether an outcome is drawn for it.

    `completed` says that this person has done all there is; one with plays left may go on.
    """

    state: State
    draws: bool = False
    completed: bool = False


class CampaignType(Protocol):
    """One kind of campaign. `page` is how people reach it: "reward" (games) or "program"."""

    slug: str
    label: str
    page: str
    verb: str  # what the player's button says, such as "Spin the wheel"
    rank: int = 100  # where it stands among the choices; the least is what a new campaign begins as
    is_hands_on: bool = False  # people choose or do something first, so each play begins on a fresh page

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        """Raise ConfigError if the campaign can't be launched with these settings."""

    def defaults(self) -> dict[str, Any]:
        """The config of a new campaign; it passes `check` with a usable reward table."""

    def start(self, config: Config) -> State:
        """The state of a person who has not played yet."""

    def act(self, config: Config, state: State, action: Mapping[str, Any]) -> Step:
        """One play. Raises NotAllowed. Limits on plays are the engine's, not the type's."""

    def view(self, config: Config, state: State, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """What the player page draws before a play; holds nothing about a result."""

    def merge(self, state: State, other: State) -> State:
        """The state of a user with that of the visitor who turned out to be this user.

        Nothing is lost that either has reached: merging with a state of `start`, or with the same
        state again, changes nothing. A type with finer rules says so itself.
        """
        return merged_states(state, other)

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        """What the player page needs to show the drawn outcome, such as the slice to stop at.

        `state` is the one after the play: what the person chose is in it.
        """
