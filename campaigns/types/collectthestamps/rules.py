"""Collect the stamps: events put stamps on a card; some of them bring a reward, and so does a full card.

Everything comes from events. The page shows the card, and fetches a reward only where two people
turned out to be one, whose stamps together have earned it.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from campaigns.types import days, triggers
from campaigns.types.base import (
    ANY,
    CampaignType,
    Config,
    ConfigError,
    Happening,
    Headline,
    Moment,
    NotAllowed,
    Occasion,
    Outcome,
    State,
    Step,
    Way,
)
from campaigns.types.chance import TITLE_LENGTH, check_one_of, check_text
from campaigns.types.collectthestamps import card as cards
from campaigns.types.collectthestamps.card import FULL, Card
from campaigns.types.words import Plural, in_english

PACES = {"each": "Every event counts", "day": "One event a day counts"}
LIMITS = {
    "size": (3, 20, "Stamps on a card"),
    "every": (1, 100, "Events for a stamp"),
    "cards": (0, 100, "Cards that a person can fill"),
    "valid_days": (0, 730, "Days for which a stamp holds"),
}
MOST_NAMES = 3
LAST_MINUTE = timedelta(minutes=1)


class CollectTheStamps(CampaignType):
    slug = "collectthestamps"
    label = "Collect the stamps"
    page = "program"
    verb = "Get my reward"
    about = "Each visit or purchase is a stamp; a full card wins."
    rank = 120
    is_redrawn = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        check_text(config, "title", TITLE_LENGTH, "The title")
        triggers.check(config.get("trigger"), "trigger")
        check_one_of(config, "pace", list(PACES), "Choose which events count.")
        for field in LIMITS:
            check_number(field, config.get(field))
        check_rewards_at(config.get("rewards_at"), config["size"])
        if not any(each.is_prize for each in outcomes):
            raise ConfigError("outcomes", "Say what a full card brings.")
        named = {each.occasion for each in outcomes} - {ANY}
        for bare in [each.label for each in self.occasions(config) if named and each.key not in named]:
            raise ConfigError("outcomes", f"Give outcomes to “{bare}”: a place for a stamp promises them.")

    def defaults(self) -> dict[str, Any]:
        return {
            "title": "Collect ten stamps for a reward",
            "trigger": {"event": "purchase", "where": []},
            "pace": "each",
            "every": 1,
            "size": 10,
            "rewards_at": [5],
            "cards": 1,
            "valid_days": 0,
        }

    def start(self, config: Config) -> State:
        return {}

    def occasions(self, config: Config) -> tuple[Occasion, ...]:
        some = [
            Occasion(cards.key(each), "Stamp %(number)s", {"number": each}) for each in config["rewards_at"]
        ]
        return (*some, Occasion(FULL, "The card is full"))

    def listens(self, config: Config) -> frozenset[str]:
        return triggers.names(config["trigger"])

    def happened(self, config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
        if state.get("over") or not triggers.matches(config["trigger"], happening):
            return None
        card, today = _aged(config, state, moment), days.of(moment.now, moment.zone)
        day = days.of(min(happening.at, moment.now), moment.zone)
        if not card.add(config, day, today):
            return None
        drawn = []
        for name in card.due(config):
            card.pay(config, name)
            drawn.append(name)
        return _step(config, card, drawn)

    def act(self, config: Config, state: State, action: Mapping[str, Any], moment: Moment) -> Step:
        card = _aged(config, state, moment)
        due = [] if action or state.get("over") else card.due(config)
        if not due:
            raise NotAllowed("Here is nothing to press: stamps come by themselves.")
        card.pay(config, due[0])
        return _step(config, card, due[:1])

    def way(self, config: Config, state: State, moment: Moment) -> Way | None:
        count = len(_aged(config, state, moment).stamps)
        return Way(min(count, config["size"]), config["size"])

    def headline(self, config: Config, state: State, moment: Moment) -> Headline | None:
        if not state:
            return None
        card = _aged(config, state, moment)
        if state.get("over"):
            full = "Your card is full" if config["cards"] == 1 else "All your cards are full"
            return Headline(full, "What you have won is in your wallet.")
        count, left = min(len(card.stamps), config["size"]), _next(config, card) - len(card.stamps)
        values = {"count": count, "size": config["size"], "next": _next(config, card)}
        text = "The next one brings a reward" if left == 1 else "The next reward: stamp %(next)s"
        title = Plural("%(count)s of %(size)s stamp", "%(count)s of %(size)s stamps", by="size")
        return Headline(title, text if left > 0 else "", values)

    def card(self, config: Config, state: State, moment: Moment) -> str:
        said = self.headline(config, state, moment)
        return in_english(said.title, said.values) if said else ""

    def button(self, config: Config, state: State, moment: Moment) -> str:
        return self.verb if not state.get("over") and _aged(config, state, moment).due(config) else ""

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        card, over = _aged(config, state, moment), bool(state.get("over"))
        last = cards.runs_out(config, card.stamps[0]) if card.stamps and not over else None
        expires = days.ends(last, moment.zone) - LAST_MINUTE if last else None
        return {
            "size": config["size"],
            "count": min(len(card.stamps), config["size"]),
            "spots": [_spot(config, card, number, outcomes) for number in range(1, config["size"] + 1)],
            "full": card.full,
            "cards": config["cards"],
            "isOver": over,
            "pace": config["pace"],
            "every": config["every"],
            "counted": card.counted,
            "validDays": config["valid_days"],
            "expires": expires.isoformat() if expires else None,
        }

    def finished(self, config: Config, moment: Moment, *, won: bool) -> State:
        stamps = [days.of(moment.now, moment.zone)] * config["size"]
        return cards.dump(Card(stamps, paid=[cards.key(each) for each in config["rewards_at"]]))

    def merge(self, state: State, other: State) -> State:
        return cards.merged(state, other)

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        return {"full": state.get("full", 0), "count": min(len(state.get("stamps", [])), config["size"])}


def check_number(field: str, value: object) -> None:
    least, most, name = LIMITS[field]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ConfigError(field, f"{name}: a whole number from {least} to {most}.")


def check_rewards_at(numbers: object, size: int) -> None:
    """Raise ConfigError unless these are stamps before the last one, which may be none."""
    listed = numbers if isinstance(numbers, list) else [None]
    if not all(type(each) is int and 1 <= each < size for each in listed):
        raise ConfigError("rewards_at", f"Stamps that bring a reward are numbers from 1 to {size - 1}.")
    if sorted(set(listed)) != listed:
        raise ConfigError("rewards_at", "Stamps that bring a reward grow: 3, then 5, none twice.")


def _aged(config: Config, state: State, moment: Moment) -> Card:
    """The card as it is at this moment; one that is over stays as it was."""
    card = cards.load(state)
    if not state.get("over"):
        card.age(config, days.of(moment.now, moment.zone))
    return card


def _next(config: Config, card: Card) -> int:
    """The stamp that brings the next reward."""
    open_ = [each for each in config["rewards_at"] if cards.key(each) not in card.paid]
    ahead = [each for each in open_ if each > len(card.stamps)]
    return int(min([*ahead, config["size"]]))


def _spot(config: Config, card: Card, number: int, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """One place on the card: its stamp, and what it brings."""
    stamped = number <= len(card.stamps)
    name = FULL if number == config["size"] else cards.key(number)
    brings = number == config["size"] or number in config["rewards_at"]
    rewards = [each.name for each in outcomes if each.is_prize and each.occasion == name and brings]
    return {
        "number": number,
        "date": card.stamps[number - 1].isoformat() if stamped else "",
        "isNewest": number == len(card.stamps),
        "brings": brings,
        "wasBrought": name in card.paid,
        "rewards": rewards if len(rewards) <= MOST_NAMES else [],
    }


def _step(config: Config, card: Card, drawn: Sequence[str]) -> Step:
    over = card.is_last(config)
    state = cards.dump(card) | ({"over": True} if over else {})
    return Step(state, draws=tuple(drawn), ends=bool(drawn), completed=over)


TYPE = CollectTheStamps()
