"""Counts events by name, with the types of their properties: what the console offers to pick from.

A batch makes one statement. What an app can make up without end is counted in one row or not
at all: names beyond `MOST_NAMES` under `OTHERS`, properties beyond `MOST_PROPERTIES` nowhere.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from glu_admin.config import EnvironmentConfig
from users.events.subscribers import Happened

MOST_NAMES = 1_000
MOST_PROPERTIES = 100
LONGEST_PROPERTY = 128
OTHERS = ""  # no event can have this name
TYPES = {str: "string", bool: "boolean", int: "number", float: "number", list: "list", dict: "object"}

# Rows are written in the order of their names, so that two drains wait and never deadlock.
# Of the properties, those that were known stay.
_UPSERT = """
WITH batch AS (
    SELECT CASE WHEN known.name IS NOT NULL OR row_number() OVER (
            PARTITION BY known.name IS NULL ORDER BY came.first_seen_at, came.name
        ) + there.names <= %(most_names)s THEN came.name ELSE %(others)s END AS name,
        came.total, came.types, came.first_seen_at, came.last_seen_at
    FROM jsonb_to_recordset(%(tallies)s::jsonb) AS came
        (name text, total bigint, types jsonb, first_seen_at timestamptz, last_seen_at timestamptz)
    LEFT JOIN users_eventtally known ON known.environment_id = %(env)s AND known.name = came.name
    CROSS JOIN (SELECT count(*) AS names FROM users_eventtally WHERE environment_id = %(env)s) there
)
INSERT INTO users_eventtally AS tally (environment_id, name, total, types, first_seen_at, last_seen_at)
SELECT %(env)s, name, sum(total), CASE WHEN name = %(others)s THEN '{}' ELSE max(types::text)::jsonb END,
    min(first_seen_at), max(last_seen_at)
FROM batch GROUP BY name ORDER BY name
ON CONFLICT (environment_id, name) DO UPDATE SET
    total = tally.total + excluded.total,
    first_seen_at = least(tally.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(tally.last_seen_at, excluded.last_seen_at),
    types = (
        SELECT coalesce(jsonb_object_agg(property, counts), '{}') FROM (
            SELECT property, jsonb_object_agg(type, seen) AS counts FROM (
                SELECT property, type, sum(seen) AS seen, bool_or(was_there) AS was_there FROM (
                    SELECT old.key AS property, each.key AS type, each.value::bigint AS seen,
                        true AS was_there
                    FROM jsonb_each(tally.types) old, jsonb_each(old.value) each
                    UNION ALL SELECT new.key, each.key, each.value::bigint, false
                    FROM jsonb_each(excluded.types) new, jsonb_each(new.value) each
                ) both_of_them GROUP BY property, type
            ) added GROUP BY property ORDER BY bool_or(was_there) DESC, property LIMIT %(most)s
        ) kept
    )
"""


def count(config: EnvironmentConfig, events: Sequence[Happened]) -> None:
    """The subscriber."""
    tallies = list(tallied(events))
    with connection.cursor() as cursor:
        cursor.execute(
            _UPSERT,
            {
                "env": config.id,
                "tallies": orjson.dumps(tallies).decode(),
                "others": OTHERS,
                "most_names": MOST_NAMES,
                "most": MOST_PROPERTIES,
            },
        )


def tallied(events: Iterable[Happened]) -> Iterable[Mapping[str, Any]]:
    """One row for each name among these events."""
    totals: Counter[str] = Counter()
    moments: dict[str, tuple[datetime, datetime]] = {}
    types: dict[str, dict[str, Counter[str]]] = defaultdict(dict)
    for event in events:
        totals[event.name] += 1
        first, last = moments.get(event.name, (event.received_at, event.received_at))
        moments[event.name] = min(first, event.received_at), max(last, event.received_at)
        _add(types[event.name], event.properties)
    for name, total in totals.items():
        first, last = moments[name]
        yield {
            "name": name,
            "total": total,
            "types": types[name],
            "first_seen_at": first,
            "last_seen_at": last,
        }


def _add(types: dict[str, Counter[str]], properties: Mapping[str, Any]) -> None:
    for name, value in properties.items():
        seen = types.get(name)
        if seen is None:
            if len(types) >= MOST_PROPERTIES or len(name) > LONGEST_PROPERTY:
                continue
            seen = types[name] = Counter()
        seen[TYPES.get(type(value), "null")] += 1
