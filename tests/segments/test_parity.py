"""A rule means one thing: the predicate in memory and the SQL over the table never disagree.

Thousands of hostile rules, behaviour and segments in segments included, over hostile people,
on PostgreSQL. Whoever changes an operator changes both of its sides, or this fails.
"""

import os
import uuid
from collections import Counter, defaultdict
from dataclasses import replace
from zoneinfo import ZoneInfo

import orjson
import pytest
from django.db import connection

from glu_admin import config as configs
from tests.segments.drawing import Rules, parsable
from tests.segments.hostile import DATES, NOW, TEXTS, VERSIONS, ZONES, dice
from tests.segments.world import PEOPLE, make
from users.segments import behaviour, facts, moments, parse, predicate, query, versions
from users.segments.book import Book
from users.segments.comparisons import Moment, bucket
from users.segments.conditions import Operand, Params, column
from users.segments.operators import OPERATORS
from users.segments.rule import Did, Field, Not, RuleError, Share

RULES = 200_000 if os.environ.get("GLU_TEST_FULL") else 6_000
IN_ONE_STATEMENT = 250


@pytest.fixture
def world(test_env):
    return make(test_env)


def test_predicate_and_sql_agree_on_every_hostile_rule(world, tell_figure):
    chance = dice(int(os.environ.get("GLU_TEST_SEED", "4")))
    rules = Rules(chance, [segment.id for segment in world.segments] + [uuid.uuid4()])
    seen: Counter = Counter()
    refused = 0
    for batch in range(RULES // IN_ONE_STATEMENT):
        zone = ZONES[batch % len(ZONES)]
        book = Book(world.environment.id, ZoneInfo(zone), world.segments)
        drawn = []
        while len(drawn) < IN_ONE_STATEMENT:
            data = rules.tree()
            try:
                drawn.append(parse.parse(data))
            except RuleError:
                refused += 1
        _agree(drawn, book, world, seen)

    tell_figure(
        f"predicate and SQL: {RULES} hostile rules over {PEOPLE} people agree, {refused} were refused"
    )
    assert refused < RULES
    never = [(name, verdict) for name in OPERATORS for verdict in (True, False) if not seen[name, verdict]]
    assert not never, "no rule drawn shows these, so nothing was proved of them"
    assert all(seen[Did, verdict] > 100 for verdict in (True, False))


def _agree(rules, book, world, seen):
    by_sql = _sql(rules, book)
    people = _with_behaviour(rules, book, world)
    for place, rule in enumerate(rules):
        test = predicate.compile(rule, book)
        for pk, known in people.items():
            verdict = test(known)
            assert verdict is by_sql[pk][place], (
                f"{parse.dump(rule)} says {verdict} of {known}, and SQL says {by_sql[pk][place]}"
            )
            if isinstance(rule, Field | Did):
                seen[rule.operator if isinstance(rule, Field) else Did, verdict] += 1


def _sql(rules, book):
    """The answers of all rules for everybody, in one statement."""
    values, parts = {}, []
    for place, rule in enumerate(rules):
        sql, params = query.where(rule, book, now=NOW, prefix=f"r{place}")
        values |= params
        parts.append(sql)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT u.id, {', '.join(parts)} FROM users_enduser u"
            " WHERE environment_id = %(environment)s AND merged_into_id IS NULL",
            values | {"environment": book.environment_id},
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _with_behaviour(rules, book, world):
    """The facts, with the behaviour as it is counted in Python."""
    clock = Moment(NOW, book.zone)
    dids = {parse.digest(did): did for rule in rules for did in _dids(rule, book)}
    differ = defaultdict(set)
    for digest, did in dids.items():
        idle = behaviour.of_nobody(did)
        for pk, events in world.events.items():
            if behaviour.answer(did, events, NOW, clock) is not idle:
                differ[pk].add(digest)
    return {
        pk: replace(known, zone=book.zone, behaviour=frozenset(differ[pk]))
        for pk, known in world.people.items()
    }


def _dids(rule, book):
    for leaf in parse.leaves(rule):
        if isinstance(leaf, Did):
            yield leaf
        elif entry := book.inlined(getattr(leaf, "segment", None)):
            yield from _dids(entry.sound_rule, book)


def test_what_one_statement_counts_for_a_person_is_what_sql_counts_for_all(world):
    """facts.load with conditions to count, which asks only for some people's events."""
    chance = dice(7)
    rules = [parse.parse(data) for data in parsable(Rules(chance).did, 60)]
    book = Book(world.environment.id, ZoneInfo("UTC"))
    some = list(world.people)[::3]

    found = facts.load(configs.get(world.environment.id), some, now=NOW, needs={"behaviour"}, counting=rules)

    by_sql = _sql(rules, book)
    for pk in some:
        assert [predicate.compile(rule, book)(found[pk]) for rule in rules] == list(by_sql[pk])


def test_what_is_measured_of_a_person_is_what_python_counts(world):
    chance = dice(8)
    dids = [parse.parse(data) for data in parsable(Rules(chance).did, 40)]
    for pk in list(world.people)[:8]:
        measured = facts.measured(configs.get(world.environment.id), pk, dids, now=NOW)

        for did in dids:
            wanted = behaviour.measured(did, world.events[pk], NOW, Moment(NOW, ZoneInfo("UTC")))
            assert measured[parse.digest(did)] == wanted


@pytest.mark.parametrize("text", [*DATES, *TEXTS])
def test_a_date_is_the_same_moment_in_sql(db, text):
    params = Params(uuid.uuid4(), NOW, "UTC")
    found = Operand("to_jsonb(%(text)s::text)", "(%(text)s::text)")
    shown = found.as_moment(
        lambda moment: f"(extract(epoch FROM {moment}) * 1000000)::bigint = %(micros)s::bigint"
    )
    is_date = found.as_moment(lambda _: "true")
    micros = moments.of(text)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {is_date}, {shown}", params.values | {"text": text, "micros": micros or 0})

        assert cursor.fetchone() == (micros is not None, micros is not None)


@pytest.mark.parametrize("text", [*VERSIONS, *TEXTS])
def test_a_version_has_the_same_key_in_sql(db, text):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT CASE WHEN {versions.is_version_sql('%(text)s::text')}"
            f" THEN {versions.key_sql('%(text)s::text')} END",
            {"text": text},
        )

        assert cursor.fetchone() == (versions.key(text),)


def test_a_share_is_the_same_in_sql(db):
    people = [uuid.uuid4() for _ in range(200)]
    params = Params(uuid.uuid4(), NOW, "UTC")
    sql = OPERATORS["in_percentage"].sql(column("person", "id"), Share("autumn", 12.5, 60), params)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {sql} FROM unnest(%(people)s::uuid[]) person", params.values | {"people": people}
        )
        by_sql = [verdict for (verdict,) in cursor.fetchall()]

    assert by_sql == [1250 <= bucket("autumn", each) < 6000 for each in people]


def test_a_rule_is_the_same_after_it_was_stored():
    rules = Rules(dice(9), [uuid.uuid4()])
    for data in parsable(rules.tree, 3_000):
        rule = parse.parse(data)
        stored = orjson.loads(orjson.dumps(parse.dump(rule)))

        assert parse.parse(stored) == rule
        assert parse.dump(parse.parse(stored)) == parse.dump(rule)
        assert hash(rule) == hash(parse.parse(stored))


def test_the_contrary_of_a_rule_is_everybody_else(world):
    """NOT never meets an unknown: whoever isn't in a rule is in its contrary."""
    rules = [parse.parse(data) for data in parsable(Rules(dice(10)).tree, 200)]
    book = Book(world.environment.id, ZoneInfo("UTC"))

    plain, contrary = _sql(rules, book), _sql([Not(rule) for rule in rules], book)

    for pk, verdicts in plain.items():
        assert [not verdict for verdict in verdicts] == list(contrary[pk])
