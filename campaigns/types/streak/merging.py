"""Two streaks that turn out to be one person's: days of either count, and nothing is given twice. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from campaigns.types import days
from campaigns.types.base import State


def merged(state: State, other: State) -> State:
    """The further of the two with the days of the other one that it does not know."""
    if not state or not other:
        return state or other
    trunk, branch = (state, other) if _reach(state) >= _reach(other) else (other, state)
    first = trunk["first"] if trunk["base"] or trunk["past"] else min(trunk["first"], branch["first"])
    marks = {day for day in _days(trunk) | _days(branch) if day >= date.fromisoformat(first)}
    kept = {unit: why for unit, why in {**branch["kept"], **trunk["kept"]}.items() if unit >= first}
    pauses = [each["pause"] for each in (trunk, branch) if each["pause"]]
    return {
        **trunk,
        "first": first,
        "marks": _written(marks, date.fromisoformat(first)),
        "kept": kept,
        "paid": _most(trunk["paid"], branch["paid"]),
        "pause": max(pauses, key=lambda pause: str(pause[1]), default=None),
        **{name: max(trunk[name], branch[name]) for name in ("held", "best", "mend")},
        **({"over": True} if "over" in trunk or "over" in branch else {}),
    }


def _reach(state: State) -> tuple[Any, ...]:
    return "over" in state, state["best"], len(_days(state)), state["day"]


def _days(state: State) -> set[date]:
    first = date.fromisoformat(state["first"])
    return {first + n * days.ONE for n, mark in enumerate(state["marks"]) if mark == "x"}


def _written(marks: set[date], first: date) -> str:
    known = (max(marks, default=first) - first).days + 1
    return "".join("x" if first + n * days.ONE in marks else "-" for n in range(known))


def _most(some: Mapping[str, int], others: Mapping[str, int]) -> dict[str, int]:
    return {name: max(some.get(name, 0), others.get(name, 0)) for name in {**some, **others}}
