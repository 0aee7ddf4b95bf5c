"""A rule as SQL over many people: the same answers as predicate.py, and behaviour counted exactly.

The expression is true or false, never NULL; all names and values are bound parameters.
"""

from datetime import datetime
from typing import TYPE_CHECKING
from typing import Any as Whatever
from uuid import UUID

from users.segments import behaviour, conditions, fields, kinds
from users.segments.conditions import Params
from users.segments.operators import MEASURED, OPERATORS
from users.segments.rule import All, Any, Condition, Did, Field, InSegment, Measure, Not, Rule

if TYPE_CHECKING:  # facts.py counts with this module, and the book is made of facts' tests
    from users.segments.book import Book

COUNTED = "('string', 'number', 'boolean')"  # what may be distinct: no lists, no objects


def where(
    rule: Rule, book: "Book", *, user: str = "u", now: datetime, prefix: str = "s"
) -> tuple[str, dict[str, Whatever]]:
    """The condition over users_enduser under the alias `user`, and its parameters by name.

    Who is counted at all (no aliases, nobody erased) is the caller's to say. Two rules in one
    statement need two prefixes.
    """
    params = Params(book.environment_id, now, str(book.zone), prefix)
    return condition(rule, book, user, params), params.values


def condition(rule: Rule, book: "Book", user: str, params: Params) -> str:
    """The same, for a statement that has more to bind."""
    match rule:
        case All(rules):
            return f"({' AND '.join(condition(each, book, user, params) for each in rules) or 'true'})"
        case Any(rules):
            return f"({' OR '.join(condition(each, book, user, params) for each in rules)})"
        case Not(inner):
            return f"(NOT {condition(inner, book, user, params)})"
    return _leaf(rule, book, user, params)


def _leaf(leaf: Condition, book: "Book", user: str, params: Params) -> str:
    match leaf:
        case Field():
            return _field(leaf, user, params)
        case InSegment(segment):
            entry = book.inlined(segment)
            if entry:
                return condition(entry.sound_rule, book, user, params)
            return _is_member(segment, user, params)
        case Did():
            is_in = f"({user}.id IN ({differing(leaf, params)}))"
            return f"(NOT {is_in})" if behaviour.of_nobody(leaf) else is_in
    return kinds.of(leaf).sql(leaf, user, params)


def _field(field: Field, user: str, params: Params) -> str:
    if field.source == "core":
        core = fields.CORE[field.key]
        found = conditions.column(f"{user}.{core.column}", core.type)
    else:
        found = conditions.key(f"{user}.{field.source}", field.key, params)
    return OPERATORS[field.operator].sql(found, field.value, params)


def _is_member(segment: UUID, user: str, params: Params) -> str:
    now = params.add(params.now, "timestamptz")
    return (
        "EXISTS (SELECT FROM users_segmentmember member"
        f" WHERE member.environment_id = {params.environment} AND member.user_id = {user}.id"
        f" AND member.segment_id = {params.add(segment, 'uuid')}"
        f" AND (member.leaves_at IS NULL OR member.leaves_at > {now}))"
    )


def differing(did: Did, params: Params) -> str:
    """The keys of the people whose answer is not that of somebody who did nothing, as a SELECT.

    An alias counts as the person that it was merged into. With `params.people`, only these
    people's events are read.
    """
    sign, _ = MEASURED[did.operator]
    holds = f"{_measure(did.measure, params)} {sign} {params.add(repr(did.value), 'numeric')}"
    return (
        f"SELECT coalesce(alias.merged_into_id, event.user_id) {_events(did, params)} GROUP BY 1"
        f" HAVING {f'NOT ({holds})' if behaviour.of_nobody(did) else holds}"
    )


def measuring(did: Did, params: Params) -> str:
    """How many, or how much, the people of `params.people` did together, as a SELECT of one number."""
    return f"SELECT {_measure(did.measure, params)} {_events(did, params)}"


def _events(did: Did, params: Params) -> str:
    """The events that count, each with the alias that it is of, if it is of one."""
    environment = params.environment
    alias = (
        f" LEFT JOIN users_enduser alias ON alias.environment_id = {environment}"
        " AND alias.id = event.user_id AND alias.merged_into_id IS NOT NULL"
    )
    tests = [
        f"event.environment_id = {environment}",
        "event.user_id IS NOT NULL",
        "event.verdict = 'accepted'",
        f"event.name = {params.add(did.event, 'text')}",
        *_within(did, params),
        *_where(did, params),
    ]
    if params.people is not None:
        people = params.add(params.people, "bigint[]")
        tests.append(
            f"event.user_id = ANY(ARRAY(SELECT id FROM users_enduser WHERE environment_id = {environment}"
            f" AND (id = ANY({people}) OR merged_into_id = ANY({people}))))"
        )
    return f"FROM users_event event{alias} WHERE {' AND '.join(tests)}"


def _within(did: Did, params: Params) -> list[str]:
    window = behaviour.bounds(did.window, params.now)
    return [
        f"event.happened_at {sign} {params.add(at, 'timestamptz')}"
        for sign, at in ((">=", window.since), ("<", window.until))
        if at is not None
    ]


def _where(did: Did, params: Params) -> list[str]:
    return [
        OPERATORS[each.operator].sql(
            conditions.key("event.properties", each.property, params), each.value, params
        )
        for each in did.where
    ]


def _measure(measure: Measure, params: Params) -> str:
    if measure.kind == "count":
        return "count(*)"
    found = conditions.key("event.properties", measure.property, params).sql
    if measure.kind == "sum":
        number = f"CASE WHEN jsonb_typeof({found}) = 'number' THEN ({found})::numeric END"
        return f"coalesce(sum({number}), 0)"
    return f"count(DISTINCT CASE WHEN jsonb_typeof({found}) IN {COUNTED} THEN {found} END)"
