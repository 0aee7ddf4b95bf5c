"""Reads people and events into columns: a statement for many people, a row for each stretch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from django.db import connection

from users.segments import fields
from users.segments.columns import Column, Ids, Moments, joined, micros, numbers, packed_text

MOST_LATE = 50_000  # events that are read one by one
STRETCH = 500_000  # ids that are read at once: what bounds the memory of a load
PEOPLE = "u.environment_id = %(environment)s AND u.merged_into_id IS NULL AND u.erased_at IS NULL"

# What changes without a word in the history of the person, or would make a useless column:
# these conditions go to PostgreSQL.
NEVER_HELD = frozenset(
    {
        ("core", "gluId"),
        ("core", "isTest"),  # an import sets it
        ("core", "lastSeenAt"),
        ("core", "referredBy"),  # an erasure of the one who is named takes the name
        ("device", "sessionId"),
        ("device", "firebaseToken"),  # another person may register the same phone
        ("device", "apnsDeviceToken"),
    }
)
Key = tuple[str, str]  # source and key of a field
Held = Column | Moments


@dataclass(frozen=True, slots=True)
class Happened:
    """All settled events of one name: who (by id), when, and the properties that were asked for."""

    users: Ids
    at: Ids
    properties: dict[str, Column]

    @property
    def bytes(self) -> int:
        return self.users.nbytes + self.at.nbytes + sum(each.bytes for each in self.properties.values())


def may_be_held(key: Key) -> bool:
    return key not in NEVER_HELD


def everybody(environment_id: UUID) -> Ids:
    """The ids of all people, in order."""
    sql = f"SELECT string_agg(int8send(u.id), '') FROM users_enduser u WHERE {PEOPLE}"
    (row,) = rows(sql, {"environment": environment_id})
    return np.sort(numbers(row[0]))


def aliases(environment_id: UUID, users: Ids | None = None) -> tuple[Ids, Ids]:
    """Who was merged into whom: all, or those merged into `users`."""
    sql = (
        "SELECT string_agg(int8send(id), ''), string_agg(int8send(merged_into_id), '') FROM users_enduser"
        " WHERE environment_id = %(environment)s AND merged_into_id IS NOT NULL"
    )
    values: dict[str, Any] = {"environment": environment_id}
    if users is not None:
        sql, values = (
            f"{sql} AND merged_into_id = ANY(%(users)s::bigint[])",
            values | {"users": users.tolist()},
        )
    ((ids, into),) = rows(sql, values)
    return numbers(ids), numbers(into)


def has_demo(environment_id: UUID) -> bool:
    sql = "SELECT EXISTS (SELECT FROM users_enduser WHERE environment_id = %(environment)s AND is_demo)"
    return bool(rows(sql, {"environment": environment_id})[0][0])


def columns(environment_id: UUID, keys: Sequence[Key], ids: Ids | None = None) -> tuple[Ids, dict[Key, Held]]:
    """Whom the columns are of, and the columns: of everybody, or of `ids` alone.

    Raises NotColumnar.
    """
    told = ", ".join(_packed(key, f"k{place}") for place, key in enumerate(keys))
    sql = f"SELECT count(*), string_agg(int8send(u.id), ''), {told} FROM users_enduser u WHERE {PEOPLE}"
    values: dict[str, Any] = {f"k{place}": key for place, (_, key) in enumerate(keys)}
    values["environment"] = environment_id
    if ids is None:
        sql += " AND u.id BETWEEN %(first)s::bigint AND %(last)s::bigint"
        read = [row for stretch in _stretches(environment_id) for row in rows(sql, values | stretch)]
    else:
        read = rows(f"{sql} AND u.id = ANY(%(ids)s::bigint[])", values | {"ids": ids.tolist()})
    found = [np.concatenate([numbers(row[1]) for row in read])] if read else [numbers(None)]
    parts: dict[Key, Held] = {}
    for place, key in enumerate(keys, start=2):
        if _is_moment(key):
            parts[key] = Moments(np.concatenate([micros(row[place]) for row in read] or [micros(None)]))
        else:
            parts[key] = joined([Column.of(row[place], row[0]) for row in read] or [Column.of(None, 0)])
    return found[0], parts


def events(environment_id: UUID, name: str, properties: Sequence[str], until: int) -> Happened:
    """The events of a name up to a number; raises NotColumnar."""
    told = "".join(
        f", {packed_text(f'event.properties -> %(p{place})s::text')}" for place in range(len(properties))
    )
    sql = (
        "SELECT count(*), string_agg(int8send(event.user_id), ''),"
        f" string_agg(timestamptz_send(event.happened_at), ''){told} FROM users_event event"
        " WHERE event.environment_id = %(environment)s AND event.name = %(name)s"
        " AND event.id <= %(until)s::bigint AND event.verdict = 'accepted' AND event.user_id IS NOT NULL"
    )
    values: dict[str, Any] = {f"p{place}": each for place, each in enumerate(properties)}
    (row,) = rows(sql, values | {"environment": environment_id, "name": name, "until": until})
    parts = {name: Column.of(row[3 + place], row[0]) for place, name in enumerate(properties)}
    return Happened(numbers(row[1]), micros(row[2]), parts)


def waiting(environment_id: UUID, name: str, until: int) -> Ids:
    """The events up to a number that wait for their person."""
    sql = (
        "SELECT string_agg(int8send(id), '') FROM users_event WHERE environment_id = %(environment)s"
        " AND client_id IS NOT NULL AND verdict = 'waiting' AND name = %(name)s AND id <= %(until)s::bigint"
    )
    (row,) = rows(sql, {"environment": environment_id, "name": name, "until": until})
    return numbers(row[0])


def late_events(
    environment_id: UUID, name: str, properties: Sequence[str], after: int, waited: Ids
) -> list[tuple[Any, ...]]:
    """(user, moment, properties as JSON text…) of the events beyond a number, and of those that waited."""
    told = "".join(f", (event.properties -> %(p{place})s::text)::text" for place in range(len(properties)))
    sql = (
        f"SELECT event.user_id, event.happened_at{told} FROM users_event event"
        " WHERE event.environment_id = %(environment)s AND event.name = %(name)s"
        " AND event.verdict = 'accepted' AND event.user_id IS NOT NULL AND "
    )
    values: dict[str, Any] = {f"p{place}": each for place, each in enumerate(properties)}
    values |= {"environment": environment_id, "name": name, "after": after, "waited": waited.tolist()}
    found = rows(f"{sql} event.id > %(after)s::bigint LIMIT {MOST_LATE + 1}", values)
    return found + rows(f"{sql} event.id = ANY(%(waited)s::bigint[])", values) if len(waited) else found


def rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Bytes come as they are: as text they would be twice as long."""
    connection.ensure_connection()
    raw: Any = connection.connection
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        cursor.execute(sql.encode(), values, prepare=False, binary=True)
        return list(cursor.fetchall())


def _packed(key: Key, bound: str) -> str:
    source, name = key
    if _is_moment(key):
        return f"string_agg(timestamptz_send(u.{fields.CORE[name].column}), '')"
    if source == "core":
        return packed_text(f"to_jsonb(u.{fields.CORE[name].column})")
    return packed_text(f"u.{source} -> %({bound})s::text")


def _is_moment(key: Key) -> bool:
    return key[0] == "core" and fields.CORE[key[1]].type == "date"


def _stretches(environment_id: UUID) -> Iterator[dict[str, int]]:
    sql = "SELECT min(id), max(id) FROM users_enduser WHERE environment_id = %(environment)s"
    ((first, last),) = rows(sql, {"environment": environment_id})
    if first is not None:
        for start in range(first, last + 1, STRETCH):
            yield {"first": start, "last": start + STRETCH - 1}
