"""One step of a multi-step campaign: what it waits for, and how much of it an event brings. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from campaigns.types import triggers
from campaigns.types.base import Config, ConfigError, Happening

KINDS = {
    "event": "It happens once",
    "count": "It happens several times",
    "sum": "A number in it adds up",
    "game": "Another campaign is finished",
}
COMPLETED = "glu.campaign_completed"
MOST_STEPS = 10
MOST_COUNT = 1_000
MOST_TOTAL = 1_000_000_000
MOST_HOURS = 24 * 365
LENGTHS = {"title": 60, "text": 200, "link": 500, "campaign": 64, "property": 100}

StepConfig = Mapping[str, Any]
Tally = Mapping[str, Any]  # {"n": how much, "since": when its time began, "done": when}


def of(config: Config) -> list[StepConfig]:
    return list(config["steps"])


def goal(step: StepConfig) -> int | float:
    """How much the step asks for."""
    match step["kind"]:
        case "count":
            return int(step["count"])
        case "sum":
            return float(step["total"]) if step["total"] % 1 else int(step["total"])
    return 1


def names(step: StepConfig) -> frozenset[str]:
    """The events that can bring it on."""
    return frozenset({COMPLETED}) if step["kind"] == "game" else frozenset(triggers.names(step["trigger"]))


def brought(step: StepConfig, happening: Happening) -> int | float | Decimal:
    """How much of this step the event is worth; 0: it has nothing to do with it."""
    if step["kind"] == "game":
        wanted, about = step["campaign"], happening.properties
        return int(happening.name == COMPLETED and wanted in (about.get("campaign"), about.get("tag")))
    if not triggers.matches(step["trigger"], happening):
        return 0
    if step["kind"] != "sum":
        return 1
    amount = triggers.amount(happening, step["property"])
    return max(amount, 0)  # what is given back elsewhere takes nothing from what was reached here


def advanced(step: StepConfig, tally: Tally, amount: int | float | Decimal, at: datetime) -> Tally:
    """The tally with this much more, and done if that is enough."""
    reached = min(Decimal(str(tally.get("n", 0))) + Decimal(str(amount)), Decimal(str(goal(step))))
    after = {"since": at.isoformat(), **tally, "n": _plain(reached)}
    return after | {"done": at.isoformat()} if reached >= Decimal(str(goal(step))) else after


def until(step: StepConfig, tally: Tally) -> datetime | None:
    """When its time is up; None while it has not begun, once it is done, or if it has no limit."""
    hours, since = step.get("hours"), tally.get("since")
    if not hours or not since or "done" in tally:
        return None
    return datetime.fromisoformat(since) + timedelta(hours=hours)


def merged(tally: Tally, other: Tally) -> Tally:
    """The further one; of two that are as far, the one that has more time."""
    if ("done" in tally) != ("done" in other):
        return tally if "done" in tally else other
    if tally.get("n", 0) != other.get("n", 0):
        return max(tally, other, key=lambda each: each.get("n", 0))
    return max(tally, other, key=lambda each: str(each.get("since", "")))


def check(step: object, field: str, number: int) -> None:
    """Raise ConfigError unless this is a step that can be done."""
    if not isinstance(step, dict) or step.get("kind") not in KINDS:
        raise ConfigError(field, f"Step {number}: choose what it waits for.")
    _check_texts(step, field, number)
    if not step.get("title"):
        raise ConfigError(field, f"Step {number}: say in a few words what to do.")
    if step["kind"] == "game":
        if not step.get("campaign"):
            raise ConfigError(field, f"Step {number}: choose the campaign to finish.")
    else:
        triggers.check(step.get("trigger"), field)
    if step["kind"] == "count":
        _check_number(step.get("count"), field, f"Step {number}: how often", 2, MOST_COUNT, whole=True)
    if step["kind"] == "sum":
        if not step.get("property"):
            raise ConfigError(field, f"Step {number}: name the property of the event that adds up.")
        _check_number(step.get("total"), field, f"Step {number}: the total", 0.01, MOST_TOTAL)
    _check_number(step.get("hours", 0), field, f"Step {number}: its hours", 0, MOST_HOURS, whole=True)


def _check_texts(step: StepConfig, field: str, number: int) -> None:
    for name, most in LENGTHS.items():
        text = step.get(name, "")
        if not isinstance(text, str) or len(text) > most:
            raise ConfigError(field, f"Step {number}: its {name} is text of up to {most} characters.")


def _check_number(
    value: object, field: str, what: str, least: float, most: int, *, whole: bool = False
) -> None:
    fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not fits or not least <= value <= most:  # type: ignore[operator]  # it is a number here
        kind = "a whole number" if whole else "a number"
        raise ConfigError(field, f"{what} must be {kind} from {least} to {most}.")


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)
