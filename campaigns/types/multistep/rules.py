"""Multi-step: things to do, in order or in any order, each with a reward of its own, and one for all.

People do them elsewhere: in the app, in a shop, in other campaigns. Events tell of it, and a step
counts what its events bring until that is enough. Time, where it is limited, runs from the first
thing that counts, by the moments at which things happened and not those at which they arrived.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from campaigns.types.base import (
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
from campaigns.types.multistep import steps
from campaigns.types.words import Plural

ORDERS = {"free": "In any order", "ordered": "One after the other"}
LATE = {"ends": "It is over", "again": "It begins again"}
END = "end"


class MultiStep(CampaignType):
    slug = "multistep"
    label = "Multi-step"
    page = "program"
    verb = "Get my reward"
    about = "Some things to do, each rewarded, and so is the end."
    rank = 110
    is_redrawn = True

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        check_text(config, "title", TITLE_LENGTH, "The title")
        check_one_of(config, "order", list(ORDERS), "Choose whether the steps have an order.")
        check_one_of(config, "late", list(LATE), "Choose what happens when the time is up.")
        _check_hours(config.get("hours"))
        listed = config.get("steps")
        if not isinstance(listed, list) or not 1 <= len(listed) <= steps.MOST_STEPS:
            raise ConfigError("steps", f"There are 1 to {steps.MOST_STEPS} steps.")
        for number, step in enumerate(listed, 1):
            steps.check(step, "steps", number)
        if not any(each.is_prize for each in outcomes):
            raise ConfigError("outcomes", "Give a reward for the end, or for one of the steps.")

    def defaults(self) -> dict[str, Any]:
        said = {"text": "", "link": "", "hours": 0, "kind": "event"}
        return {
            "title": "Three steps to your reward",
            "order": "free",
            "hours": 0,
            "late": "ends",
            "steps": [
                {"title": title, "trigger": {"event": event, "where": []}, **said}
                for title, event in (
                    ("Complete your profile", "profile_completed"),
                    ("Add a favourite", "favourite_added"),
                    ("Place an order", "purchase"),
                )
            ],
        }

    def start(self, config: Config) -> State:
        return {}

    def occasions(self, config: Config) -> tuple[Occasion, ...]:
        each = [
            Occasion(
                _occasion(number), "Step %(number)s: %(title)s", {"number": number, "title": step["title"]}
            )
            for number, step in enumerate(steps.of(config), 1)
        ]
        return (*each, Occasion(END, "All steps are done"))

    def listens(self, config: Config) -> frozenset[str]:
        return frozenset[str]().union(*(steps.names(each) for each in steps.of(config)))

    def happened(self, config: Config, state: State, happening: Happening, moment: Moment) -> Step | None:
        run = _run(config, state, happening.at)
        if run is None or _all_done(config, run):
            return None
        tallies = dict(run.get("steps", {}))
        for number, step in _open(config, run):
            amount = steps.brought(step, happening)
            if amount:
                tallies[str(number)] = steps.advanced(step, _tally(run, number), amount, happening.at)
        if tallies == run.get("steps", {}):
            return None
        begun = run.get("begun") or happening.at.isoformat()
        return _paid(config, _opened_next(config, {**run, "begun": begun, "steps": tallies}, happening.at))

    def act(self, config: Config, state: State, action: Mapping[str, Any], moment: Moment) -> Step:
        """Nothing is done on the page, but for one thing: two people who turned out to be one may have
        done all of it together, and then it is here that they get what is due."""
        if action or not _is_due(config, state):
            raise NotAllowed("Here is nothing to press: each step counts by itself when you have done it.")
        return Step({**state, "paid": [*state.get("paid", []), END]}, draws=(END,), completed=True)

    def way(self, config: Config, state: State, moment: Moment) -> Way | None:
        run = _run(config, state, moment.now) or state
        return Way(len(_done(config, run)), len(steps.of(config)))

    def headline(self, config: Config, state: State, moment: Moment) -> Headline | None:
        run, total = _run(config, state, moment.now), len(steps.of(config))
        if run is None:
            return Headline("Your time is up", "What you have won is in your wallet.")
        if not run.get("steps"):
            return None
        done = len(_done(config, run))
        if done == total:
            return Headline("All steps done", "What you have won is in your wallet.")
        said = {"done": done, "total": total, "title": config.get("title", "")}
        steps_done = Plural("%(done)s of %(total)s step done", "%(done)s of %(total)s steps done", by="total")
        return Headline(steps_done, "%(title)s", said)

    def is_over(self, config: Config, state: State, moment: Moment) -> bool:
        return _run(config, state, moment.now) is None

    def button(self, config: Config, state: State, moment: Moment) -> str:
        return self.verb if _is_due(config, state) else ""

    def view(
        self, config: Config, state: State, outcomes: Sequence[Outcome], moment: Moment
    ) -> dict[str, Any]:
        run = _run(config, state, moment.now)
        shown = state if run is None else run
        opened = {number for number, _ in _open(config, shown)} if run is not None else set()
        ends = _ends(config, shown)
        return {
            "steps": [
                _shown(step, _tally(shown, number), number, is_open=number in opened)
                for number, step in enumerate(steps.of(config), 1)
            ],
            "done": len(_done(config, shown)),
            "total": len(steps.of(config)),
            "ordered": config["order"] == "ordered",
            "late": run is None,
            "until": _text(ends) if ends and run is not None and not _all_done(config, run) else None,
            "hours": config.get("hours", 0) if not shown.get("begun") else 0,
        }

    def finished(self, config: Config, moment: Moment, *, won: bool) -> State:
        at = moment.now.isoformat()
        done = {
            str(number): {"n": steps.goal(step), "since": at, "done": at}
            for number, step in enumerate(steps.of(config), 1)
        }
        return {"begun": at, "steps": done, "paid": [END]}

    def merge(self, state: State, other: State) -> State:
        """What either has done is done; what was given is not given twice."""
        if not state or not other:
            return state or other
        both = {**other, **state}
        tallies, others = state.get("steps", {}), other.get("steps", {})
        numbers = dict.fromkeys([*tallies, *others])
        together = {each: steps.merged(tallies.get(each, {}), others.get(each, {})) for each in numbers}
        begun = [run["begun"] for run in (state, other) if "begun" in run]
        return (
            both
            | ({"steps": together} if "steps" in both else {})
            | ({"begun": max(begun)} if begun else {})  # the kinder of two clocks
            | {"paid": list(dict.fromkeys([*state.get("paid", []), *other.get("paid", [])]))}
        )

    def reveal(
        self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None, state: State
    ) -> dict[str, Any]:
        return {"done": len(_done(config, state)), "total": len(steps.of(config))}


def _occasion(number: int) -> str:
    return f"step-{number}"


def _tally(run: State, number: int) -> steps.Tally:
    tally: steps.Tally = run.get("steps", {}).get(str(number), {})
    return tally


def _done(config: Config, run: State) -> list[int]:
    count = len(steps.of(config))
    return [number for number in range(1, count + 1) if "done" in _tally(run, number)]


def _all_done(config: Config, run: State) -> bool:
    return len(_done(config, run)) == len(steps.of(config))


def _is_due(config: Config, state: State) -> bool:
    return _all_done(config, state) and END not in state.get("paid", [])


def _open(config: Config, run: State) -> Iterator[tuple[int, steps.StepConfig]]:
    """The steps that an event may bring on now."""
    for number, step in enumerate(steps.of(config), 1):
        if "done" not in _tally(run, number):
            yield number, step
            if config["order"] == "ordered":
                return


def _opened_next(config: Config, run: State, at: datetime) -> State:
    """Of ordered steps, the time of the next one begins when the one before it is done."""
    if config["order"] != "ordered":
        return run
    for number, _ in _open(config, run):
        tally = {"n": 0, "since": at.isoformat()} | dict(_tally(run, number))
        return {**run, "steps": {**run["steps"], str(number): tally}}
    return run


def _run(config: Config, state: State, at: datetime) -> State | None:
    """The state at this moment: as it is, begun again, or None where the time is up for good."""
    ends = _ends(config, state)
    if ends is None or at < ends or _all_done(config, state):
        return state
    return {"paid": list(state.get("paid", []))} if config["late"] == "again" else None


def _ends(config: Config, run: State) -> datetime | None:
    """The first moment at which it is too late for something that is not done yet."""
    found = [steps.until(step, _tally(run, number)) for number, step in _open(config, run)]
    if config.get("hours") and run.get("begun"):
        found.append(datetime.fromisoformat(run["begun"]) + timedelta(hours=config["hours"]))
    return min((each for each in found if each), default=None)


def _paid(config: Config, run: State) -> Step:
    """What is done and was not given yet."""
    finished = _all_done(config, run)
    earned = [_occasion(number) for number in _done(config, run)] + [END] * finished
    due = tuple(each for each in earned if each not in run.get("paid", []))
    return Step({**run, "paid": [*run.get("paid", []), *due]}, draws=due, completed=finished)


def _shown(step: steps.StepConfig, tally: steps.Tally, number: int, *, is_open: bool) -> dict[str, Any]:
    ends = steps.until(step, tally) if is_open else None
    return {
        "number": number,
        "title": step["title"],
        "text": step.get("text", ""),
        "link": step.get("link", "") if is_open else "",
        "state": "done" if "done" in tally else "open" if is_open else "locked",
        "reached": tally.get("n", 0),
        "goal": steps.goal(step),
        "until": _text(ends) if ends else None,
        "hours": step.get("hours", 0) if is_open and not tally.get("since") else 0,
    }


def _text(moment: datetime) -> str:
    return moment.isoformat()


def _check_hours(hours: object) -> None:
    if not isinstance(hours, int) or isinstance(hours, bool) or not 0 <= hours <= steps.MOST_HOURS:
        raise ConfigError("hours", f"The time is 0 (no limit) to {steps.MOST_HOURS} hours.")


TYPE = MultiStep()
