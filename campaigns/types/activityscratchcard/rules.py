"""Activity scratch card: cards that people earn by what they do elsewhere, and scratch whenever they like.

Every so many events of one kind unlock a card. Cards wait until they are scratched, one play each.
"""

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
from campaigns.types.chance import TITLE_LENGTH, check_text

COVER_LENGTH = 24
TASK_LENGTH = 120
LINK_LENGTH = 500
MOST_EVENTS = 1_000
MOST_CARDS = 1_000


class ActivityScratchCard(CampaignType):
    slug = "activity-scratchcard"
    label = "Activity scratch card"
    page = "program"
    verb = "Reveal"
    about = "A scratch card that people earn by what they do."
    rank = 140
    is_hands_on = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        check_text(config, "title", TITLE_LENGTH, "The title")
        check_text(config, "cover", COVER_LENGTH, "The text on the cover")
        check_text(config, "todo", TASK_LENGTH, "What unlocks a card")
        check_text(config, "link", LINK_LENGTH, "The link")
        if not config.get("todo"):
            raise ConfigError("todo", "Say in a few words what unlocks a card: it stands on the page.")
        triggers.check(config.get("trigger"), "trigger")
        _check_count(config, "every", 1, MOST_EVENTS, "A card is unlocked by 1 to 1000 events.")
        _check_count(config, "most", 0, MOST_CARDS, "A person gets up to 1000 cards; 0 is no limit.")
        if not 2 <= len(outcomes) <= 12:
            raise ConfigError("outcomes", f"A card has 2 to 12 outcomes; this one has {len(outcomes)}.")

    def defaults(self) -> dict[str, Any]:
        return {
            "title": "You have a card to scratch",
            "cover": "Scratch here",
            "todo": "Place an order and a card is yours",
            "link": "",
            "trigger": {"event": "purchase", "where": []},
            "every": 1,
            "most": 0,
        }

    def start(self, config: Config) -> State:
        return {}

    def act(self, config: Config, state: State, action: Mapping[str, Any], moment: Moment) -> Step:
        if action:
            raise NotAllowed("A scratch card takes no action: it decides by itself.")
        if not state.get("cards"):
            raise NotAllowed("No card is unlocked yet.")
        after = {**state, "cards": state["cards"] - 1, "scratched": state.get("scratched", 0) + 1}
        return Step(after, draws=(ANY,), completed=_is_over(config, after))

    def listens(self, config: Config) -> frozenset[str]:
        return frozenset(triggers.names(config["trigger"]))

    def happened(self, config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
        if not _can_earn(config, state) or not triggers.matches(config["trigger"], happening):
            return None
        counted = state.get("counted", 0) + 1
        if counted < config["every"]:
            return Step({**state, "counted": counted}, ends=False)
        earned = {name: state.get(name, 0) + 1 for name in ("cards", "unlocked")}
        return Step({**state, **earned, "counted": 0}, ends=False)

    def headline(self, config: Config, state: State, moment: Moment) -> Headline | None:
        if state.get("cards"):
            return None
        if not _can_earn(config, state):
            return Headline("All cards are scratched", "What you have won is in your wallet.")
        title = "Unlock the next card" if state.get("unlocked") else "Unlock a scratch card"
        return Headline(title, "%(todo)s", {"todo": config["todo"]})

    def button(self, config: Config, state: State, moment: Moment) -> str:
        return self.verb if state.get("cards") else ""

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        cards, can_earn = state.get("cards", 0), _can_earn(config, state)
        return {
            "cards": cards,
            "locked": not cards,
            "cover": config.get("cover", ""),
            "link": config.get("link", "") if can_earn else "",
            "reached": state.get("counted", 0) if can_earn else 0,
            "every": config["every"],
        }

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        return {"name": drawn.name if drawn else "", "prize": bool(drawn and drawn.is_prize)}


def _can_earn(config: Config, state: State) -> bool:
    return not config["most"] or state.get("unlocked", 0) < config["most"]


def _is_over(config: Config, state: State) -> bool:
    return not state["cards"] and not _can_earn(config, state)


def _check_count(config: Config, field: str, least: int, most: int, message: str) -> None:
    value = config.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(field, message)


TYPE = ActivityScratchCard()
