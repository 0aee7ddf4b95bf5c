"""What this process holds of each environment, and how it stays right while people change.

Whoever may have changed since the columns were read is counted by what the database says now;
from time to time these are read into the columns. Loads go on in a thread of their own; memory
is bounded, and what was not used for longest goes first.
"""

import threading
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection

from users.segments import people_held, since
from users.segments.columns import Mask
from users.segments.loading import Key
from users.segments.people_held import MOST_FOLDED, People, Wanted, folded, one_look
from users.segments.since import Mark

MOST_BYTES = 384 * 2**20  # in one process, of all environments
MOST_MASKS = 48  # answers to conditions that are kept, a byte a person
FOLDED_FROM = 1_000  # people changed since, that are read into the columns
SETTLING_SECONDS = 0.3


@dataclass
class Environment:
    """What is held of one environment; `lock` is for whoever replaces it."""

    id: UUID
    people: People | None = None
    marks: list[Mark] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    used: dict[Any, int] = field(default_factory=dict)  # by what was used last


_environments: dict[UUID, Environment] = {}
_loader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="segment-columns")
_loading: dict[UUID, Future[None]] = {}
_turns = count()


def of(environment_id: UUID) -> Environment:
    return _environments.setdefault(environment_id, Environment(environment_id))


def forget() -> None:
    """Everything; for tests, and for whoever needs the memory."""
    _environments.clear()


def note(environment: Environment) -> None:
    """Write down a mark, for later looks to settle."""
    environment.marks = [*environment.marks, since.mark()][-since.MOST_MARKS :]


def has(environment: Environment, keys: Collection[Key], events: Collection[Wanted]) -> bool:
    """Whether all that may be held is."""
    return not any(_missing(environment.people, keys, events))


def ready(
    environment: Environment, keys: Collection[Key], events: Collection[Wanted], seconds: float
) -> bool:
    """Have the loader read what isn't held, and wait for it no longer than this."""
    if has(environment, keys, events):
        return True
    pending = _loading.get(environment.id)
    if pending is None or pending.done():
        pending = _loading[environment.id] = _loader.submit(_load_apart, environment, keys, events)
    try:
        pending.result(timeout=max(seconds, 0.0))
    except TimeoutError:
        return False
    return has(environment, keys, events)


def _load_apart(environment: Environment, keys: Collection[Key], events: Collection[Wanted]) -> None:
    try:
        load(environment, keys, events)
    finally:
        connection.close()  # the thread's own


def load(environment: Environment, keys: Collection[Key], events: Collection[Wanted]) -> None:
    """Read what isn't held yet. Without a settled number nothing is: ask again."""
    with environment.lock:
        people = environment.people or _everybody(environment)
        if people is None:
            return
        environment.people = people
        missing_keys, missing_events = _missing(people, keys, events)
        for key in missing_keys:
            _put(environment, people_held.with_column(environment.people, environment.id, key))
        for wanted in missing_events:
            _put(environment, people_held.with_events(environment.people, environment.id, wanted))


def _everybody(environment: Environment) -> People | None:
    note(environment)
    since.wait_until_settled(environment.marks[-1], SETTLING_SECONDS)
    settled = since.settle(environment.marks)
    if settled is None:
        return None
    with one_look():
        return people_held.everybody(environment.id, settled)


def _missing(
    people: People | None, keys: Collection[Key], events: Collection[Wanted]
) -> tuple[list[Key], list[Wanted]]:
    if people is None:
        return list(keys) or [("core", "userId")], list(events)
    fields = [key for key in keys if key not in people.columns and key not in people.refused]
    return fields, [
        (name, properties)
        for name, properties in events
        if name not in people.refused
        and (name not in people.events or not properties <= people.events[name][1].properties.keys())
    ]


def fold_later(environment: Environment, changed: Collection[int]) -> None:
    """Without anybody waiting for it."""
    pending = _loading.get(environment.id)
    if pending is None or pending.done():
        _loading[environment.id] = _loader.submit(_fold_apart, environment, changed)


def _fold_apart(environment: Environment, changed: Collection[int]) -> None:
    try:
        note(environment)
        since.wait_until_settled(environment.marks[-1], SETTLING_SECONDS)
        fold(environment, changed)
    finally:
        connection.close()


def drop_events(environment: Environment, name: str) -> None:
    """Too many have come since: they are read anew when they are asked for again."""
    people = environment.people
    if people is not None and name in people.events:
        left = {other: each for other, each in people.events.items() if other != name}
        environment.people = replace(people, events=left)


def fold(environment: Environment, changed: Collection[int]) -> None:
    """Read these people into the columns, or all people anew if they are too many."""
    if not environment.lock.acquire(blocking=False):
        return  # somebody does it, or loads; the changed are counted one by one for so long
    try:
        people = environment.people
        if people is None or len(changed) > MOST_FOLDED:
            environment.people = None
            return
        settled = since.settle(environment.marks)
        if settled is None or settled.change <= people.settled.change:
            return
        with one_look():
            again = since.changed(environment.id, people.settled, MOST_FOLDED + 1)
            environment.people = folded(people, settled, environment.id, again)
    finally:
        environment.lock.release()


def _put(environment: Environment, people: People) -> None:
    environment.people = people
    _make_room(environment)


def used(environment: Environment, keys: Collection[Key | str]) -> None:
    turn = next(_turns)
    environment.used |= dict.fromkeys(keys, turn)


def remember(environment: Environment, people: People, digest: str, mask: Mask) -> None:
    """Keep the answer to a condition for as long as the columns are the same."""
    if len(people.masks) < MOST_MASKS and environment.people is people:
        people.masks[digest] = mask


def _make_room(environment: Environment) -> None:
    """Let go of other environments first, then of what was used longest ago here."""
    for other in sorted(_environments.values(), key=lambda each: max(each.used.values(), default=-1)):
        if _total() > MOST_BYTES and other is not environment:
            other.people = None
    while _total() > MOST_BYTES and (people := environment.people):
        held: list[Any] = [*people.columns, *people.events]
        oldest = min(held, key=lambda each: environment.used.get(each, next(_turns)), default=None)
        if oldest is None or len(held) == 1:
            return
        environment.people = replace(
            people,
            columns={key: column for key, column in people.columns.items() if key != oldest},
            events={name: each for name, each in people.events.items() if name != oldest},
        )


def _total() -> int:
    return sum(each.people.bytes for each in list(_environments.values()) if each.people)
