"""Direct: a reward without a game, for whom a server names, for who enters a segment, or for a deed."""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.types import triggers
from campaigns.types.base import (
    ANY,
    CampaignType,
    Config,
    ConfigError,
    Happening,
    Headline,
    Moment,
    NotAllowed,
    Outcome,
    State,
    Step,
)
from campaigns.types.chance import TITLE_LENGTH, check_one_of, check_text

WAYS = {
    "api": "When our server asks for it",
    "segment": "When a person enters a segment",
    "event": "When a person does something",
}
AWARDED, ENTERED = "glu.awarded", "glu.segment_entered"
TASK_LENGTH = 120
LINK_LENGTH = 500
SEGMENT_LENGTH = 100
MOST_REWARDS = 1_000


class Direct(CampaignType):
    slug = "direct"
    label = "Direct reward"
    page = "program"
    verb = "Get my reward"
    about = "A reward without a game, by an event, a segment or the API."
    rank = 150
    is_redrawn = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        check_text(config, "title", TITLE_LENGTH, "The title")
        check_text(config, "todo", TASK_LENGTH, "What to do")
        check_text(config, "link", LINK_LENGTH, "The link")
        check_one_of(config, "by", list(WAYS), "Choose when the reward is given.")
        if config["by"] == "event":
            triggers.check(config.get("trigger"), "trigger")
        check_text(config, "segment", SEGMENT_LENGTH, "The segment")
        if config["by"] == "segment" and not config.get("segment"):
            raise ConfigError("segment", "Choose the segment that people enter.")
        most = config.get("most")
        if not isinstance(most, int) or isinstance(most, bool) or not 0 <= most <= MOST_REWARDS:
            raise ConfigError("most", f"A person gets up to {MOST_REWARDS} rewards; 0 is no limit.")
        if not any(each.is_prize for each in outcomes):
            raise ConfigError("outcomes", "Say what the reward is: at least one outcome must be a prize.")

    def defaults(self) -> dict[str, Any]:
        return {
            "title": "A little something for you",
            "by": "api",
            "trigger": {"event": "purchase", "where": []},
            "segment": "",
            "todo": "",
            "link": "",
            "most": 1,
        }

    def start(self, config: Config) -> State:
        return {}

    def act(self, config: Config, state: State, action: Mapping[str, Any], moment: Moment) -> Step:
        raise NotAllowed("There is nothing to play here: the reward comes by itself.")

    def listens(self, config: Config) -> frozenset[str]:
        """A server may always give it, whatever else does."""
        match config["by"]:
            case "segment":
                return frozenset({AWARDED, ENTERED})
            case "event":
                return frozenset({AWARDED, *triggers.names(config["trigger"])})
        return frozenset({AWARDED})

    def segments(self, config: Config) -> frozenset[str]:
        return frozenset({config["segment"]}) if config["by"] == "segment" else frozenset()

    def happened(self, config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
        if _has_all(config, state) or not _earns(config, happening, moment):
            return None
        after = {**state, "given": state.get("given", 0) + 1}
        return Step(after, draws=(ANY,), completed=_has_all(config, after))

    def headline(self, config: Config, state: State, moment: Moment) -> Headline | None:
        if not state.get("given"):
            return None
        if _has_all(config, state):
            return Headline("You have your reward", "It is in your wallet.")
        return Headline("%(title)s", "Your rewards are in your wallet.", {"title": config.get("title", "")})

    def button(self, config: Config, state: State, moment: Moment) -> str:
        return ""

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        is_open = not _has_all(config, state)
        return {
            "given": state.get("given", 0),
            "todo": config.get("todo", "") if is_open else "",
            "link": config.get("link", "") if is_open else "",
        }

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        return {"prize": bool(drawn and drawn.is_prize)}


def _has_all(config: Config, state: State) -> bool:
    return bool(config["most"]) and state.get("given", 0) >= config["most"]


def _earns(config: Config, happening: Happening, moment: Moment) -> bool:
    about = happening.properties
    if happening.name == AWARDED:
        return bool(about.get("campaign") == moment.campaign)
    if happening.name == ENTERED:
        return config["by"] == "segment" and bool(about.get("segment") == config["segment"])
    return config["by"] == "event" and triggers.matches(config["trigger"], happening)


TYPE = Direct()
