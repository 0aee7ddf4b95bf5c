"""What people did, counted anew from the events, with the moment when time alone changes the answer.

query.py tells who differs now; of a window that moves, this tells also until when. Counting
again gives the same, so it does no harm to count too often.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from glu_admin.config import EnvironmentConfig
from users.segments import behaviour, conditions, query
from users.segments.conditions import Params
from users.segments.operators import MEASURED, OPERATORS
from users.segments.rule import Did, Where

# Of each moment, what is counted of the events from then on: so it will be when all before it
# are out of the window. The answer changes with the last event before the first moment at which
# that says otherwise; or with the last of all.
_STATES = """
WITH done AS ({events}), worth AS (SELECT person, at, {worth} AS worth FROM done), steps AS (
    SELECT DISTINCT person, at,
        sum(worth) OVER (PARTITION BY person ORDER BY at DESC RANGE UNBOUNDED PRECEDING) {sign} {value}
            AS holds
    FROM worth
), compared AS (
    SELECT person, at, holds, first_value(holds) OVER (PARTITION BY person ORDER BY at) AS is_so FROM steps
), turning AS (
    SELECT person, at, is_so, min(at) FILTER (WHERE holds <> is_so) OVER (PARTITION BY person) AS turn
    FROM compared
)
SELECT person, bool_or(is_so) <> {idle} AS differs,
    CASE WHEN min(turn) IS NOT NULL THEN max(at) FILTER (WHERE at < turn)
         WHEN bool_or(is_so) <> {idle} THEN max(at) END + {span} AS check_at
FROM turning GROUP BY person
"""
_NEWEST_OF_ITS_VALUE = """
(value IS NOT NULL AND row_number() OVER (PARTITION BY person, value ORDER BY at DESC, id DESC) = 1)::int
"""


class State(NamedTuple):
    """Whether a person's answer differs from that of somebody who did nothing, and until when."""

    user_pk: int
    differs: bool
    check_at: datetime | None


def of(config: EnvironmentConfig, did: Did, user_pks: Sequence[int], *, now: datetime) -> dict[int, State]:
    """The states of these people (not aliases); who is not in it is as somebody who did nothing."""
    sql, values = select(config, did, user_pks, now=now)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {row[0]: State(*row) for row in cursor.fetchall()}


def select(
    config: EnvironmentConfig, did: Did, user_pks: Sequence[int] | None, *, now: datetime
) -> tuple[str, dict[str, Any]]:
    """The same as a SELECT of (person, differs, check_at), with its values; of everybody, with None."""
    params = Params(config.id, now, config.environment.workspace.time_zone, "n", people=user_pks)
    if did.window is None or did.window.last_days is None:
        found = query.differing(did, params)
        sql = f"SELECT found.person, true, NULL::timestamptz FROM ({found}) found (person)"
        return sql, params.values
    sql = _STATES.format(
        events=events_of(did.event, did.where, params, value=_value(did, params), since=_since(did, now)),
        worth={"count": "1", "sum": "value", "distinct": _NEWEST_OF_ITS_VALUE}[did.measure.kind],
        sign=MEASURED[did.operator][0],
        value=params.add(repr(did.value), "numeric"),
        idle="true" if behaviour.of_nobody(did) else "false",
        span=f"make_interval(hours => {did.window.last_days * 24}, secs => 0.000001)",
    )
    return sql, params.values


def events_of(
    event: str, where: Sequence[Where], params: Params, *, value: str = "NULL", since: datetime | None
) -> str:
    """The accepted events of this name that fit, as (person, at, id, value); aliases' count as the user's."""
    environment = params.environment
    tests = [
        f"event.environment_id = {environment}",
        "event.user_id IS NOT NULL",
        "event.verdict = 'accepted'",
        f"event.name = {params.add(event, 'text')}",
        *([f"event.happened_at >= {params.add(since, 'timestamptz')}"] if since else []),
        *(_test(each, params) for each in where),
    ]
    if params.people is not None:
        people = params.add(params.people, "bigint[]")
        tests.append(
            "event.user_id = ANY(ARRAY("
            f"SELECT unnest({people}) UNION SELECT id FROM users_enduser"
            f" WHERE environment_id = {environment} AND merged_into_id = ANY({people})))"
        )
    return (
        "SELECT coalesce(alias.merged_into_id, event.user_id) AS person, event.happened_at AS at, event.id,"
        f" {value} AS value FROM users_event event"
        f" LEFT JOIN users_enduser alias ON alias.environment_id = {environment}"
        " AND alias.id = event.user_id AND alias.merged_into_id IS NOT NULL"
        f" WHERE {' AND '.join(tests)}"
    )


def _test(where: Where, params: Params) -> str:
    found = conditions.key("event.properties", where.property, params)
    return OPERATORS[where.operator].sql(found, where.value, params)


def _since(did: Did, now: datetime) -> datetime | None:
    return behaviour.bounds(did.window, now).since


def _value(did: Did, params: Params) -> str:
    if did.measure.kind == "count":
        return "NULL"
    found = conditions.key("event.properties", did.measure.property, params).sql
    if did.measure.kind == "sum":
        return f"CASE WHEN jsonb_typeof({found}) = 'number' THEN ({found})::numeric ELSE 0 END"
    return f"CASE WHEN jsonb_typeof({found}) IN {query.COUNTED} THEN {found} END"
