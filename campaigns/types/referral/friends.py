"""Whom a person has invited: who joined, who qualified, and which of them count. Pure.

A friend is known by the id that our own house gave them, so nobody counts twice, whatever they are
called. Of a friend's name the first word is kept, and only where the campaign shows names.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.types.base import State

# {"id", "name", "at", "done": when qualified, "over": True if beyond the limits}
Friend = Mapping[str, Any]

MOST_KEPT = 1_000
MOST_SHOWN = 30
NAME_LENGTH = 40


def of(state: State) -> list[Friend]:
    return list(state.get("friends", []))


def counted(state: State) -> int:
    return sum(is_counted(each) for each in of(state))


def is_counted(friend: Friend) -> bool:
    return "done" in friend and not friend.get("over")


def pending(state: State) -> int:
    return sum("done" not in each for each in of(state))


def find(state: State, friend_id: str) -> Friend | None:
    return next((each for each in of(state) if each["id"] == friend_id), None)


def with_friend(state: State, friend: Friend) -> State:
    """The state with this friend in their place, or as the newest; a full list forgets who waits longest."""
    listed = of(state)
    if any(each["id"] == friend["id"] for each in listed):
        return {**state, "friends": [friend if each["id"] == friend["id"] else each for each in listed]}
    if len(listed) >= MOST_KEPT:
        waiting = next((each for each in listed if "done" not in each), None)
        listed = [each for each in listed if each is not waiting]
    return {**state, "friends": [*listed, friend]}


def counted_on_day(state: State, at: datetime, zone: ZoneInfo) -> int:
    """How many friends count for the person's own calendar day of this moment."""
    day = at.astimezone(zone).date()
    times = [datetime.fromisoformat(each["done"]) for each in of(state) if is_counted(each)]
    return sum(each.astimezone(zone).date() == day for each in times)


def first_name(name: object) -> str:
    words = str(name or "").split()
    return words[0][:NAME_LENGTH] if words else ""


def shown(state: State) -> list[dict[str, str]]:
    """The newest first, for the page."""
    states = [
        {
            "name": each.get("name", ""),
            "state": "over" if each.get("over") else "qualified" if "done" in each else "joined",
        }
        for each in reversed(of(state))
    ]
    return states[:MOST_SHOWN]


def without_name(state: State, ids: Collection[str]) -> State:
    """The state in which the friends with these ids have no name."""
    if not any(each["id"] in ids and each["name"] for each in of(state)):
        return state
    return {
        **state,
        "friends": [{**each, "name": ""} if each["id"] in ids else each for each in of(state)],
    }


def merged(state: State, other: State) -> Sequence[Friend]:
    """The friends of both, each once: as the one who knows more has them."""
    known = {each["id"]: each for each in of(state)}
    for each in of(other):
        mine = known.get(each["id"])
        if mine is None or ("done" in each and "done" not in mine):
            known[each["id"]] = each
    return list(known.values())
