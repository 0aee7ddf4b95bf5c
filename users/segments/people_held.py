"""All people of an environment in columns, right as of one moment; how they are read and mended.

Immutable: who counts keeps what it began with, whatever others read meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction

from users.segments import loading
from users.segments.columns import Ids, Mask, NotColumnar, Places
from users.segments.loading import Happened, Held, Key
from users.segments.since import Settled

MOST_FOLDED = 50_000  # so many changed people that all are read anew
Wanted = tuple[str, frozenset[str]]  # an event's name and the properties that are asked for


@dataclass(frozen=True)
class Aliases:
    """Visitors who were merged, and into whom: what they did counts for that person."""

    places: Places
    users: Ids

    def joined(self, ids: Ids, users: Ids) -> "Aliases":
        return Aliases(Places(np.concatenate([self.places.ids, ids])), np.concatenate([self.users, users]))


@dataclass(frozen=True)
class People:
    """Columns of an environment, all right as of `settled`; replaced as a whole."""

    settled: Settled
    places: Places
    live: Mask
    aliases: Aliases
    columns: dict[Key, Held] = field(default_factory=dict)
    events: dict[str, tuple[int, Happened, Ids]] = field(default_factory=dict)
    masks: dict[str, Mask] = field(default_factory=dict)
    refused: frozenset[Key | str] = frozenset()  # not to be held: their values are too long

    @property
    def bytes(self) -> int:
        held = sum(each.bytes for each in self.columns.values())
        happened = sum(each.bytes for _, each, _ in self.events.values())
        masks = sum(each.nbytes for each in self.masks.values())
        return self.places.bytes + self.aliases.places.bytes + self.live.nbytes + held + happened + masks


@contextmanager
def one_look() -> Iterator[None]:
    """All statements inside see the database at one moment; within a transaction, at its own."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
                cursor.execute("SET LOCAL synchronize_seqscans = off")
        yield


def everybody(environment_id: UUID, settled: Settled) -> People | None:
    """Without columns yet; None if they can't be held. Within one look."""
    if loading.has_demo(environment_id):
        return None  # whom a removal takes away without a word in their history
    ids = loading.everybody(environment_id)
    aliases, users = loading.aliases(environment_id)
    return People(settled, Places(ids), np.ones(len(ids), np.bool_), Aliases(Places(aliases), users))


def with_column(people: People, environment_id: UUID, key: Key) -> People:
    """A column may be newer than the others: of those who are not the same in it, the changes tell."""
    try:
        with one_look():
            ids, read = loading.columns(environment_id, [key])
    except NotColumnar:
        return replace(people, refused=people.refused | {key})
    # those who have come since are in no row; those who have gone get anybody's value
    rows = Places(ids).of(people.places.ids)
    return replace(people, columns=people.columns | {key: read[key].taken(np.maximum(rows, 0))})


def with_events(people: People, environment_id: UUID, wanted: Wanted) -> People:
    name, properties = wanted
    known = people.events.get(name)
    asked = sorted(properties | (known[1].properties.keys() if known else frozenset()))
    until = people.settled.event
    try:
        with one_look():
            # what waits for its person may yet become an event of somebody
            waits = loading.waiting(environment_id, name, until)
            happened = loading.events(environment_id, name, asked, until)
    except NotColumnar:
        return replace(people, refused=people.refused | {name})
    return replace(people, events=people.events | {name: (until, happened, waits)})


def folded(people: People, settled: Settled, environment_id: UUID, changed: list[int]) -> People | None:
    if len(changed) > MOST_FOLDED:
        return None
    touched = np.array(changed, np.int64)
    try:
        ids, parts = loading.columns(environment_id, [*people.columns, ("core", "userId")], touched)
    except NotColumnar:
        return None
    known = people.places.of(touched)
    live = people.live.copy()
    live[known[known >= 0]] = False
    # whoever is there still, or has come, stands at the end: no place means another person
    places = Places(np.concatenate([_without(people.places.ids, known), ids]))
    live = np.concatenate([live, np.ones(len(ids), np.bool_)])
    columns: dict[Key, Any] = {
        key: column.joined(parts[key])  # type: ignore[arg-type]  # both are of the field's kind
        for key, column in people.columns.items()
    }
    aliases = people.aliases.joined(*loading.aliases(environment_id, touched))
    return replace(
        people, settled=settled, places=places, live=live, aliases=aliases, columns=columns, masks={}
    )


def _without(ids: Ids, places: Any) -> Ids:
    """The places that are given up get ids that nobody has."""
    kept = ids.copy()
    gone = places[places >= 0]
    kept[gone] = -1
    return kept
