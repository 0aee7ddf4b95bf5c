"""What a campaign type must provide, and what it may return.

Types are pure: they read a config, a state and an action, and return a `Step`. They never
touch the database, the clock or the random module; the engine hands them what they need.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from campaigns.types.words import Words, in_english

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
    occasion: str = ""
    weight: int = 0  # how often it is drawn, beside the weights of its occasion's others


@dataclass(frozen=True)
class Player:
    """What a type may show or use of a person."""

    name: str = ""
    user_id: str = ""  # in the client's app
    referral_code: str = ""
    referral_link: str = ""


@dataclass(frozen=True)
class Moment:
    """When, where and for whom a rule is asked.

    `zone` is the person's own, else the campaign's. `seed` is secret and always the same for one
    attempt of one person: what a type shuffles, it shuffles by it.
    """

    now: datetime
    zone: ZoneInfo
    seed: bytes = b""
    player: Player = Player()
    campaign: str = ""  # the id of the campaign itself, by which internal events name it


@dataclass(frozen=True)
class Happening:
    """Something that a person did. `at` is when, by the app's word but never in the future."""

    id: str
    name: str
    at: datetime
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Occasion:
    """Something that is rewarded by outcomes of its own: a score, a day of a streak, a step."""

    key: str  # up to 40 characters; outcomes carry it
    words: Words
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """For marketers."""
        return in_english(self.words, self.values)


ANY = ""  # the occasion of outcomes that belong to none


@dataclass(frozen=True)
class First:
    """An outcome that a new campaign begins with; the marketer goes on from there."""

    name: str
    weight: int = 100  # in its occasion
    reward_type: str = "points"
    amount: int | None = None
    body: str = ""
    is_fallback: bool = False
    occasion: str = ANY


NO_PRIZE = "noReward"
FOUR = (
    First("100 points", 10, amount=100, body="100 points are yours."),
    First("50 points", 20, amount=50, body="50 points are yours."),
    First("20 points", 30, amount=20, body="20 points are yours."),
    First("No prize", 40, NO_PRIZE, is_fallback=True),
)
# where marketers find a type among the choices
GAMES, SKILL, PROGRAMS = "Games", "Quizzes and skill", "Programs"


@dataclass(frozen=True)
class News:
    """What somebody else is told, as an internal event of theirs: `to` is their id in the client's app.

    Who tells it (userId, gluId, name) and in which campaign is added to it on the way.
    """

    to: str
    event: str


@dataclass(frozen=True)
class Step:
    """The result of one action or event: the new state, and the occasions that it earns.

    Each of `draws` is an occasion, of whose outcomes one is drawn; an action earns one at most. An
    action that neither draws nor `ends` a play is a move within it: it counts as none.
    `completed` says that this person has done all there is; one with plays left may go on.
    """

    state: State
    draws: tuple[str, ...] = ()
    ends: bool = True
    completed: bool = False
    extra_plays: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)  # go with each reward that this earns
    news: tuple[News, ...] = ()


@dataclass(frozen=True)
class Way:
    """How far a person has come, counted: days of a streak, steps, stamps, friends."""

    done: int
    total: int


@dataclass(frozen=True)
class Headline:
    """What the page says above the game while nothing is won or lost."""

    title: Words
    text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


class CampaignType(Protocol):
    """One kind of campaign. `page` is how people reach it: "reward" (games) or "program"."""

    slug: str
    label: str
    page: str
    verb: str  # what the player's button says, such as "Spin the wheel"
    rank: int = 100  # where it stands among the choices; the least is what a new campaign begins as
    about: str = ""  # what it is, in a sentence for marketers
    group: str = ""  # under which heading marketers find it; "": by its page
    usual_limits: Mapping[str, int] = {"plays_a_day": 1}  # of a new campaign; a program has none
    is_hands_on: bool = False  # people choose or do something first, so each play begins on a fresh page
    is_redrawn: bool = False  # the server draws the stage anew after each action, such as a move

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        """Raise ConfigError if the campaign can't be launched with these settings."""

    def defaults(self) -> dict[str, Any]:
        """The config of a new campaign; it passes `check` with a usable reward table."""

    def first_outcomes(self) -> tuple[First, ...]:
        """What a new campaign gives: it could be launched with these and `defaults`."""
        occasions = self.occasions(self.defaults())
        sure = [
            First("50 points", amount=50, body="50 points are yours.", occasion=each.key)
            for each in occasions
        ]
        return (*sure, First("No prize", 0, NO_PRIZE, is_fallback=True)) if sure else FOUR

    def start(self, config: Config) -> State:
        """The state of a person who has not played yet."""

    def act(self, config: Config, state: State, action: Mapping[str, Any], moment: Moment) -> Step:
        """One play, or one move of it. Raises NotAllowed. Limits on plays are the engine's, not the
        type's. A move that was made already changes nothing and is no error."""

    def occasions(self, config: Config) -> tuple[Occasion, ...]:
        """What has outcomes of its own; none: every draw is among all outcomes."""
        return ()

    def listens(self, config: Config) -> frozenset[str]:
        """The names of the events that move a person on without any action."""
        return frozenset()

    def segments(self, config: Config) -> frozenset[str]:
        """The ids of segments that it needs to be there, such as one whose newcomers get something."""
        return frozenset()

    def happened(self, config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
        """What an event means for this person; None if nothing. No event comes twice."""
        return None

    def way(self, config: Config, state: State, moment: Moment) -> Way | None:
        """How far this person has come; None where nothing is counted."""
        return None

    def headline(self, config: Config, state: State, moment: Moment) -> Headline | None:
        """What to say above the game; None: the campaign's title and the plays that are left."""
        return None

    def closing(self, config: Config) -> str:
        """What to say at the end where nothing was won; "": that there is no prize this time."""
        return ""

    def asked(self, config: Config) -> Sequence[tuple[str, Sequence[str]]]:
        """Questions without a right answer, each with the answers to choose from, to be counted; as they
        stand in what `reveal` gives under "answers"."""
        return ()

    def is_over(self, config: Config, state: State, moment: Moment) -> bool:
        """Whether the time of this person is up for good, though the campaign goes on."""
        return False

    def card(self, config: Config, state: State, moment: Moment) -> str:
        """What the card in an app's list says instead of the campaign's text; "": that text."""
        return ""

    def button(self, config: Config, state: State, moment: Moment) -> str:
        """What the main button says now; "" if there is nothing to press."""
        return self.verb

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        """What the player page draws before a play or between its moves; holds nothing about a result."""

    def pictures(self, config: Config) -> frozenset[str]:
        """The origins, such as https://cdn.example.com, from which its page shows pictures."""
        return frozenset()

    def finished(self, config: Config, moment: Moment, *, won: bool) -> State | None:
        """For previews: the state of somebody who has just come to the end, well or not; None: the first
        act is the end."""
        return None

    def merge(self, state: State, other: State) -> State:
        """The state of a user with that of the visitor who turned out to be this user.

        Nothing is lost that either has reached: merging with a state of `start`, or with the same
        state again, changes nothing. A type with finer rules says so itself.
        """
        return merged_states(state, other)

    def forget(self, state: State, ids: Collection[str]) -> State:
        """The state without what it says of another person, who is erased and had these ids."""
        return state

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        """What the player page needs to show the drawn outcome, such as the slice to stop at.

        `state` is the one after the play: what the person chose is in it.
        """
