"""Memory game: a person finds pairs among hidden cards; the fewer moves or seconds, the better the reward.

The server turns each card, so no page holds a hidden one. A clock is the marketer's choice and never
takes the game away: people extend it or play on without it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.types import moves
from campaigns.types.base import (
    ANY,
    SKILL,
    CampaignType,
    Config,
    ConfigError,
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
from campaigns.types.memorygame.cards import COPIES, FEWEST, MOST, SYMBOLS, Table, layout, symbol_of
from campaigns.types.words import Plural

PAIRS = range(FEWEST, MOST + 1)
MEASURES = {"moves": "the number of moves", "seconds": "the time taken"}
WITHIN = {
    "moves": Plural("Done in %(most)s move", "Done in %(most)s moves or fewer", by="most"),
    "seconds": Plural("Done in %(most)s second", "Done in %(most)s seconds or less", by="most"),
}
BEYOND = {"moves": "Done, with more moves", "seconds": "Done, with more seconds"}
MOST_LEVELS, HIGHEST_LEVEL = 6, 3600
CLOCK = (10, 600)  # a clock's shortest and longest time, in seconds
FINISHED, GAVE_UP = "finished", "gave-up"
FIELDS = ("move", "card", "do")
TIME_IS_UP = "Your time is up. Take more time, or go on without the clock."


class MemoryGame(CampaignType):
    slug = "memorygame"
    label = "Memory game"
    page = "reward"
    verb = "Turn a card"
    about = "People find pairs of cards; who does well gets more."
    group = SKILL
    rank = 60
    is_redrawn = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        check_text(config, "title", TITLE_LENGTH, "The title")
        check_one_of(config, "pairs", PAIRS, f"There are {FEWEST} to {MOST} pairs.")
        check_one_of(config, "measure", list(MEASURES), "Choose what the reward depends on.")
        check_levels(config.get("levels"))
        check_clock(config.get("clock"))
        check_one_of(config, "consoles", [True, False], "Say whether those who give up get something.")
        if not outcomes:
            raise ConfigError("outcomes", "Say what those who find all pairs get.")

    def defaults(self) -> dict[str, Any]:
        return {
            "title": "Find all the pairs",
            "pairs": 6,
            "measure": "moves",
            "levels": [],
            "clock": 0,
            "consoles": False,
        }

    def start(self, config: Config) -> State:
        return {}

    def occasions(self, config: Config) -> tuple[Occasion, ...]:
        measure, levels = config["measure"], config["levels"]
        if not (levels or config["consoles"]):
            return ()
        within = [Occasion(f"{measure}-{most}", WITHIN[measure], {"most": most}) for most in levels]
        rest = Occasion(FINISHED, BEYOND[measure] if levels else "Done")
        console = (Occasion(GAVE_UP, "Gave up"),) if config["consoles"] else ()
        return (*within, rest, *console)

    def act(self, config: Config, state: State, action: Mapping[str, Any], moment: Moment) -> Step:
        moves.check_fields(action, FIELDS)
        now, before = int(moment.now.timestamp()), _under_way(state)
        if moves.was_made(action, before["moves"]):
            return Step(state, ends=False)
        after = {**before, "moves": before["moves"] + 1}
        if len(_table(config, before).found) == config["pairs"]:
            return _finished(config, after, now)  # the marketer took out the pairs that were still hidden
        match action.get("do"):
            case None | "":
                return _turned(config, after, action, moment, now)
            case "more" if before["until"]:
                return Step({**after, "until": max(before["until"], now) + config["clock"]}, ends=False)
            case "no-clock" if config["clock"] and before["is_timed"]:
                return Step({**after, "is_timed": False, "until": None}, ends=False)
            case "give-up" if before["moves"]:
                over = {**after, "over": GAVE_UP, "seconds": _seconds(before, now)}
                return Step(over, draws=(GAVE_UP,) if config["consoles"] else (), completed=True)
        raise NotAllowed("This can't be done now.")

    def way(self, config: Config, state: State, moment: Moment) -> Way | None:
        return Way(len(_table(config, state).found), config["pairs"])

    def headline(self, config: Config, state: State, moment: Moment) -> Headline | None:
        now = _under_way(state)
        if not now["moves"]:
            return None
        if _left(config, now, int(moment.now.timestamp())) == 0:
            return Headline("Your time is up", "Take more time, or go on without the clock.")
        found = {"found": len(_table(config, now).found), "pairs": config["pairs"]}
        title = Plural("%(found)s of %(pairs)s pair", "%(found)s of %(pairs)s pairs", by="pairs")
        return Headline(title, "", found)

    def button(self, config: Config, state: State, moment: Moment) -> str:
        return ""

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        """The table as it lies; of hidden cards nothing but that they are there."""
        now = _under_way(state)
        table = _table(config, now)
        left = _left(config, now, int(moment.now.timestamp()))
        return {
            "move": now["moves"],
            "cards": [_shown(card, table) for card in layout(config["pairs"], moment.seed)],
            "turns": table.turns,
            "found": len(table.found),
            "pairs": config["pairs"],
            "missed": len(table.open) == COPIES,
            "matched": bool(table.found) and not table.open,
            "clock": config["clock"] if now["is_timed"] else 0,
            "secondsLeft": left,
            "isTimeUp": left == 0,
        }

    def finished(self, config: Config, moment: Moment, *, won: bool) -> State:
        pairs = config["pairs"]
        found, turns = list(range(pairs if won else pairs // 2)), pairs + 2
        return {"over": FINISHED if won else GAVE_UP, "turns": turns, "seconds": turns * 4, "found": found}

    def merge(self, state: State, other: State) -> State:
        """Whichever game has come further; parts of two games would make none."""
        return max(state, other, key=lambda each: (bool(each), "over" not in each, each.get("moves", 0)))

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        """How the game ended; what was found, in the order in which it was."""
        return {
            "result": state.get("over", ""),
            "turns": state.get("turns", 0),
            "seconds": state.get("seconds", 0),
            "found": [SYMBOLS[each] for each in state.get("found", [])],
            "missing": max(0, config["pairs"] - len(state.get("found", []))),
            "pairs": config["pairs"],
        }


def check_levels(levels: Any) -> None:
    """Raise ConfigError unless these are counts that grow, which may be none."""
    listed = levels if isinstance(levels, list) else [None]
    if not all(type(each) is int and 1 <= each <= HIGHEST_LEVEL for each in listed):
        raise ConfigError("levels", f"Levels are whole numbers from 1 to {HIGHEST_LEVEL}, such as 8, 12.")
    if len(listed) > MOST_LEVELS:
        raise ConfigError("levels", f"There are up to {MOST_LEVELS} levels; these are {len(listed)}.")
    if sorted(set(listed)) != listed:
        raise ConfigError("levels", "Levels come from the best to the least: 8, then 12, none twice.")


def check_clock(clock: Any) -> None:
    shortest, longest = CLOCK
    if type(clock) is not int or (clock and not shortest <= clock <= longest):
        raise ConfigError("clock", f"A clock runs for {shortest} to {longest} seconds; 0 means none.")


def _turned(
    config: Config, after: dict[str, Any], action: Mapping[str, Any], moment: Moment, now: int
) -> Step:
    cards, place = layout(config["pairs"], moment.seed), moves.whole(action.get("card"))
    if place is None or not 1 <= place <= len(cards):
        raise NotAllowed(f"Turn a card from 1 to {len(cards)}.")
    if after["until"] and now > after["until"]:
        raise NotAllowed(TIME_IS_UP)
    table = _table(config, after)
    if table.is_open(cards[place - 1]):
        raise NotAllowed("This card lies open already. Turn another one.")
    turned = table.turn(cards[place - 1])
    after |= {"turns": turned.turns, "open": list(turned.open), "found": list(turned.found)}
    if after["began"] is None:
        clock = config["clock"] if after["is_timed"] else 0
        after |= {"began": now, "until": now + clock if clock else None}
    return _finished(config, after, now) if len(turned.found) == config["pairs"] else Step(after, ends=False)


def _finished(config: Config, after: dict[str, Any], now: int) -> Step:
    over = {**after, "over": FINISHED, "seconds": _seconds(after, now)}
    return Step(over, draws=(_level(config, over),), completed=True)


def _level(config: Config, over: State) -> str:
    """The best occasion that this result has reached; where all results are alike, any outcome."""
    if not (config["levels"] or config["consoles"]):
        return ANY
    result = over["turns"] if config["measure"] == "moves" else over["seconds"]
    within = [most for most in config["levels"] if result <= most]
    return f"{config['measure']}-{within[0]}" if within else FINISHED


def _under_way(state: State) -> dict[str, Any]:
    """The game that is being played; after its end, or before any, a new one."""
    new = {"moves": 0, "turns": 0, "open": [], "found": [], "began": None, "until": None, "is_timed": True}
    return new if "over" in state else {**new, **state}


def _table(config: Config, state: State) -> Table:
    """What lies on the table, but for pairs that the marketer has taken out meanwhile."""
    pairs = config["pairs"]
    return Table(
        turns=state.get("turns", 0),
        open=tuple(card for card in state.get("open", []) if symbol_of(card) < pairs),
        found=tuple(symbol for symbol in state.get("found", []) if symbol < pairs),
    )


def _shown(card: int, table: Table) -> dict[str, str]:
    if symbol_of(card) in table.found:
        return {"lies": "matched", "symbol": SYMBOLS[symbol_of(card)]}
    if card in table.open:
        return {"lies": "open", "symbol": SYMBOLS[symbol_of(card)]}
    return {"lies": "hidden", "symbol": ""}


def _left(config: Config, state: State, now: int) -> int | None:
    """Seconds on the clock; None if none runs or will run."""
    if state["until"]:
        return max(0, int(state["until"]) - now)
    return config["clock"] if config["clock"] and state["is_timed"] and state["began"] is None else None


def _seconds(state: State, now: int) -> int:
    return max(0, now - state["began"]) if state["began"] is not None else 0


TYPE = MemoryGame()
