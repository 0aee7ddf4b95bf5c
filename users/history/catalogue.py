"""The catalogue of attributes: every name that was ever seen, of which types, how often, since when.

A background task looks at all people, or at a sample of very many, in one pass of the
database. Two types under one name are shown, never refused. The only writer of definitions.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import psycopg
import structlog
from django.db import OperationalError, connection, transaction

from glu_admin.api.errors import ApiError
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.models import AttributeDefinition, Erasure

MOST_NAMES = 1_000  # an environment
MOST_PEOPLE = 100_000  # who are looked at; of more, a sample of about as many
FEWER_PEOPLE = 10_000  # if that takes too long
TOP = 10
MOST_CHARACTERS = 100  # of a value
SECONDS = 60
TYPES = ("string", "number", "boolean", "list")

_COUNT = """
SELECT count(*) FROM users_enduser WHERE environment_id = %s AND merged_into_id IS NULL AND erased_at IS NULL
"""
# What one person has twice in a list counts once. Texts are cut only when they are counted: the
# type of a value decides, and a cut text is a text.
_LOOK = """
WITH people AS MATERIALIZED (
    SELECT id, attributes FROM users_enduser {sample}
     WHERE environment_id = %(environment)s AND merged_into_id IS NULL AND erased_at IS NULL
), pairs AS MATERIALIZED (
    SELECT people.id, pair.key AS name, pair.value, jsonb_typeof(pair.value) AS type
      FROM people CROSS JOIN LATERAL jsonb_each(people.attributes) pair
), shown AS (
    SELECT name, value, type FROM pairs WHERE type <> 'array'
    UNION ALL
    SELECT name, value, jsonb_typeof(value) FROM (
        SELECT DISTINCT pairs.id, name, each.value
          FROM pairs CROSS JOIN LATERAL jsonb_array_elements(value) each WHERE type = 'array'
    ) element
), ranked AS (
    SELECT name, value, count(*) AS people,
           row_number() OVER (PARTITION BY name ORDER BY count(*) DESC, value) AS place
      FROM (
        SELECT name, CASE
               WHEN type IN ('number', 'boolean', 'null') THEN value
               WHEN length(value #>> '{{}}') <= %(characters)s THEN to_jsonb(value #>> '{{}}')
               ELSE to_jsonb(left(value #>> '{{}}', %(characters)s) || '…') END AS value
          FROM shown
      ) cut GROUP BY name, value
), names AS (
    SELECT name, sum(people)::bigint AS have_it, jsonb_object_agg(type, people) AS types FROM (
        SELECT name, CASE type WHEN 'array' THEN 'list' ELSE type END AS type, count(*) AS people
          FROM pairs GROUP BY 1, 2
    ) typed GROUP BY name ORDER BY 2 DESC, name LIMIT %(names)s
)
SELECT name, have_it, types::text, coalesce(top.listed, '[]')::text, (SELECT count(*) FROM people)
  FROM names LEFT JOIN (
       SELECT name, jsonb_agg(jsonb_build_array(value, people) ORDER BY place) AS listed
         FROM ranked WHERE place <= %(top)s GROUP BY name
       ) top USING (name)
"""
_SEEN = """
SELECT substr(key, 12), min(at), max(at)
  FROM users_userchange CROSS JOIN LATERAL jsonb_object_keys(changes) key
 WHERE environment_id = %s AND at >= %s AND key LIKE 'attributes.%%'
 GROUP BY key ORDER BY min(at), key LIMIT %s
"""
_WRITE = """
INSERT INTO users_attributedefinition AS d (environment_id, name, description, declared_type, types,
       top_values, people, have_it, sampled, first_seen_at, last_seen_at, refreshed_at)
SELECT %(environment)s, name, '', '', types, top_values, %(people)s, have_it, %(sampled)s,
       first_seen_at, last_seen_at, %(now)s
  FROM jsonb_to_recordset(%(found)s::jsonb) AS found (name text, types jsonb, top_values jsonb,
       have_it bigint, first_seen_at timestamptz, last_seen_at timestamptz)
    ON CONFLICT (environment_id, name) DO UPDATE
   SET types = excluded.types, top_values = excluded.top_values, people = excluded.people,
       have_it = excluded.have_it, sampled = excluded.sampled, refreshed_at = excluded.refreshed_at,
       first_seen_at = least(d.first_seen_at, excluded.first_seen_at),
       last_seen_at = greatest(d.last_seen_at, excluded.last_seen_at)
"""
log = structlog.get_logger("glu.catalogue")


class _TooSlow(Exception):
    """The pass over these people was broken off."""


def refresh(environment: Environment, *, now: datetime) -> int:
    """Look at the environment's people and write down what is there; how many names that is.

    If somebody was erased meanwhile, nothing is written: the next run sees it right.
    """
    before = _erasures(environment)
    since, known = _known(environment)
    total = _count(environment)
    found, people, sampled = _looked_at(environment, total)
    seen = _seen(environment, since)
    room = max(0, MOST_NAMES - len(known))
    new = [name for name in dict.fromkeys((*found, *seen)) if name not in known and len(name) <= 128]
    nothing = {"types": {}, "top_values": [], "have_it": 0}
    rows = []
    for name in (*known, *new[:room]):
        if name not in found and sampled and name in known:
            continue  # rare ones fall through a sample; the figures of the last time are better than none
        first, last = seen.get(name, (now, now) if name in found and name not in known else (None, None))
        old_first, old_last = known.get(name, (first, last))
        rows.append(
            {
                "name": name,
                **found.get(name, nothing),
                "first_seen_at": min(filter(None, (first, old_first))),
                "last_seen_at": max(filter(None, (last, old_last))),
            }
        )
    values = {"environment": environment.id, "people": people, "sampled": sampled, "now": now}
    return _write(environment, rows, values, erasures=before)


def declare(
    environment: Environment, name: str, *, description: str, declared_type: str, actor: Actor
) -> AttributeDefinition:
    """Say what an attribute is for and of which type it should be ("" for any); raises ApiError."""
    if declared_type not in ("", *TYPES):
        message = f"declaredType must be one of {', '.join(TYPES)}, or empty."
        raise ApiError("unknown_value", message, field="declaredType")
    if len(description) > 200:
        raise ApiError("too_long", "description may have 200 characters.", field="description")
    if not 0 < len(name) <= 128 or "\0" in name:
        raise ApiError("attribute_name", "An attribute's name has 1 to 128 characters.", field="name")
    with transaction.atomic():
        definition, _ = AttributeDefinition.objects.select_for_update().get_or_create(
            environment=environment, name=name
        )
        wanted = {"description": description, "declared_type": declared_type}
        changes = {
            field: [getattr(definition, field), value]
            for field, value in wanted.items()
            if getattr(definition, field) != value
        }
        if changes:
            definition.description, definition.declared_type = description, declared_type
            definition.save(update_fields=list(wanted))
            audit.record(environment, actor, "attribute.declare", definition, changes)
    return definition


def forget(environment: Environment, attributes: Iterable[Mapping[str, Any]]) -> None:
    """Take an erased person's values out of the top values, in the erasure's transaction.

    Those that others have too are back with the next refresh.
    """
    _lock(environment, "pg_advisory_xact_lock_shared")
    gone: dict[str, list[Any]] = {}
    for each in attributes:
        for name, value in each.items():
            gone.setdefault(name, []).extend(value if isinstance(value, list) else [value])
    rows = AttributeDefinition.objects.filter(environment=environment, name__in=list(gone))
    for row in rows.select_for_update():
        values = [_cut(value) for value in gone[row.name]]
        row.top_values = [pair for pair in row.top_values if pair[0] not in values]
        row.save(update_fields=["top_values"])


def _cut(value: Any) -> Any:
    """A value as it stands among the top values."""
    if not isinstance(value, str) or len(value) <= MOST_CHARACTERS:
        return value
    return f"{value[:MOST_CHARACTERS]}…"


def _known(environment: Environment) -> tuple[datetime, dict[str, tuple[datetime, datetime]]]:
    """Since when to read the history, and the names there are with when they were seen."""
    rows = AttributeDefinition.objects.filter(environment=environment).order_by("name")
    known: dict[str, tuple[datetime, datetime]] = {}
    refreshed: list[datetime] = []
    for row in rows:
        known[row.name] = (row.first_seen_at, row.last_seen_at)
        if row.refreshed_at:
            refreshed.append(row.refreshed_at)
    if not refreshed:
        return datetime(1970, 1, 1, tzinfo=UTC), known
    return max(refreshed) - timedelta(hours=1), known  # what was not committed then is by now


def _count(environment: Environment) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [environment.id])
        return int(cursor.fetchone()[0])


def _looked_at(environment: Environment, total: int) -> tuple[dict[str, dict[str, Any]], int, bool]:
    """What the people have by name, how many people that were, and whether these were not all."""
    for most in (MOST_PEOPLE, FEWER_PEOPLE):
        share = 100 * most / total if total > most else 100.0
        try:
            found, people = _look(environment, share)
        except _TooSlow:
            log.warning("catalogue.too_slow", environment=str(environment.id), people=most)
            continue
        return found, people, share < 100
    return {}, 0, True


def _look(environment: Environment, share: float) -> tuple[dict[str, dict[str, Any]], int]:
    sample = "" if share >= 100 else f"TABLESAMPLE SYSTEM ({share:.4f}) REPEATABLE (1)"
    values: dict[str, Any] = {
        "environment": environment.id,
        "names": MOST_NAMES,
        "characters": MOST_CHARACTERS,
        "top": TOP,
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
            cursor.execute(_LOOK.format(sample=sample), values)
            rows = cursor.fetchall()
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise _TooSlow from error
        raise
    found = {
        name: {"have_it": have_it, "types": orjson.loads(types), "top_values": orjson.loads(top)}
        for name, have_it, types, top, _ in rows
    }
    return found, rows[0][4] if rows else 0


def _seen(environment: Environment, since: datetime) -> dict[str, tuple[datetime, datetime]]:
    """When a name came up in a change, first and last since then."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [environment.id, since, 10 * MOST_NAMES])
        return {name: (first, last) for name, first, last in cursor.fetchall()}


def _write(
    environment: Environment, rows: list[dict[str, Any]], values: dict[str, Any], *, erasures: int
) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        _lock(environment, "pg_advisory_xact_lock")
        if _erasures(environment) != erasures:
            return 0
        cursor.execute(_WRITE, values | {"found": orjson.dumps(rows).decode()})
        return int(cursor.rowcount)


def _lock(environment: Environment, function: str) -> None:
    """Erasures side by side, a refresh alone: what it read must not outlive who was erased."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext(%s))", [f"catalogue {environment.id}"])


def _erasures(environment: Environment) -> int:
    return Erasure.objects.filter(environment=environment).count()
