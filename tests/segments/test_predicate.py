"""Each operator by a table of cases, on both sides; and what a rule is made of."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from timeit import repeat
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from tests.segments.hostile import NOW
from tests.segments.tables import CASES, DAY, REGISTERED
from users.segments import behaviour, parse, predicate
from users.segments.book import Book
from users.segments.comparisons import bucket, glob
from users.segments.conditions import Operand, Params
from users.segments.facts import Facts, read_json
from users.segments.operators import OPERATORS
from users.segments.rule import Any, Not

UTC = ZoneInfo("UTC")
NOBODY_KNOWN = Facts(1, uuid4(), NOW, UTC)
EMPTY = Book(uuid4(), UTC)


def known(**attributes):
    return replace(NOBODY_KNOWN, attributes=attributes)


def field(operator, value=None, name="attributes.x"):
    return parse.parse({"field": name, "operator": operator} | ({} if value is None else {"value": value}))


def holds(rule, facts, book=EMPTY):
    return predicate.compile(parse.parse(rule) if isinstance(rule, dict) else rule, book)(facts)


def names_of(cases):
    return [f"{operator}-{number}" for number, (operator, *_) in enumerate(cases)]


@pytest.mark.parametrize(("operator", "value", "matching", "others"), CASES, ids=names_of(CASES))
def test_an_operator_holds_for_these_values_and_for_no_others(operator, value, matching, others):
    rule = field(operator, value)

    assert [holds(rule, known(x=each)) for each in matching] == [True] * len(matching)
    assert [holds(rule, known(x=each)) for each in others] == [False] * len(others)
    if None in matching or None in others:
        assert holds(rule, known()) is (None in matching), "a missing key is as null"


@pytest.mark.parametrize(("operator", "value", "matching", "others"), CASES, ids=names_of(CASES))
def test_sql_says_the_same_of_them(db, operator, value, matching, others):
    params = Params(uuid4(), NOW, "UTC")
    rule = field(operator, value)
    sql = OPERATORS[operator].sql(Operand("found", "(found #>> '{}')"), rule.value, params)
    found = [
        json.dumps(each, default=str).replace('"0.', "0.").replace('5"', "5") for each in matching + others
    ]
    found = [_written(each) for each in matching + others]

    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {sql} FROM unnest(%(found)s::jsonb[]) WITH ORDINALITY e (found, place) ORDER BY place",
            params.values | {"found": found},
        )

        assert [row[0] for row in cursor.fetchall()] == [True] * len(matching) + [False] * len(others)


def _written(value):
    return json.dumps(value) if type(value).__name__ != "Decimal" else str(value)


def test_every_operator_has_cases():
    assert {operator for operator, *_ in CASES} | {"in_percentage"} == set(OPERATORS)


def test_a_contrary_is_named_by_what_it_denies():
    assert {each.name: each.positive for each in OPERATORS.values() if each.positive} == {
        "is_not": "is",
        "not_in": "in",
        "is_not_set": "is_set",
    }


def test_groups_are_all_any_and_not():
    yes, no = field("is_set"), field("is_not_set")
    somebody = known(x=1)

    assert [
        holds(parse.All(each), somebody) for each in ((), (yes,), (yes, yes), (yes, no), (yes, yes, no))
    ] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert [holds(Any(each), somebody) for each in ((no,), (no, yes), (no, no), (no, no, yes))] == [
        False,
        True,
        False,
        True,
    ]
    assert holds(Not(no), somebody)
    assert not holds(Not(yes), somebody)


def test_core_fields_are_read_under_their_names():
    somebody = replace(NOBODY_KNOWN, core={"email": "a@b.c", "isTest": True, "registeredAt": REGISTERED})

    assert holds(field("ends_with", "@b.c", "core.email"), somebody)
    assert holds(field("is", True, "core.isTest"), somebody)
    assert holds(field("in_last_days", 1, "core.registeredAt"), somebody)
    assert holds(field("is_not_set", None, "core.phone"), somebody)
    assert not holds(field("more_than_days_ago", 1, "core.registeredAt"), somebody)


def test_a_field_is_cut_at_its_first_dot():
    somebody = known(**{"a.b": "gold"})

    assert holds(field("is", "gold", "attributes.a.b"), somebody)


def test_weekdays_are_those_of_the_zone():
    late_on_sunday = known(x="2026-11-22T20:00:00Z")
    monday = field("on_weekday", ["monday"])

    assert not holds(monday, late_on_sunday)
    assert holds(monday, replace(late_on_sunday, zone=ZoneInfo("Asia/Kolkata")))


def test_weekdays_are_known_at_the_ends_of_time():
    monday = field("on_weekday", ["monday"])

    assert holds(monday, known(x="0001-01-01"))  # as the calendar goes on before it was there
    assert not holds(monday, replace(known(x="9999-12-31T23:59:59-05:00"), zone=ZoneInfo("Pacific/Apia")))


def test_a_share_of_people_is_stable_and_grows_without_moving_anybody():
    people = [replace(NOBODY_KNOWN, glu_id=uuid4()) for _ in range(2_000)]

    def of(share):
        rule = field("in_percentage", share, "core.gluId")
        return {each.glu_id for each in people if holds(rule, each)}

    ten, half, rest = (of({"key": "autumn", "from": a, "to": b}) for a, b in ((0, 10), (0, 50), (50, 100)))
    assert ten <= half
    assert half | rest == {each.glu_id for each in people}
    assert not half & rest
    assert 850 < len(half) < 1150
    assert half != of({"key": "spring", "to": 50})


def test_a_share_is_the_same_for_ever():
    """Whoever changes the hash deals all running shares anew."""
    people = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(4)]

    assert [bucket("autumn", each) for each in people] == [4800, 5290, 2848, 1844]


def test_a_pattern_can_not_take_long():
    hostile = glob("a*" * 400 + "b")

    assert not hostile("a" * 30_000)
    assert glob("*" * 900 + "b")("a" * 30_000 + "b")


def test_behaviour_is_what_differs_from_somebody_who_did_nothing():
    did = parse.parse({"event": "buy", "operator": "at_least", "value": 2})
    did_not = parse.parse({"event": "buy", "operator": "at_most", "value": 0})
    somebody = replace(NOBODY_KNOWN, behaviour=frozenset({parse.digest(did), parse.digest(did_not)}))

    assert (holds(did, NOBODY_KNOWN), holds(did, somebody)) == (False, True)
    assert (holds(did_not, NOBODY_KNOWN), holds(did_not, somebody)) == (True, False)


def test_a_condition_has_one_digest_however_it_is_written():
    paid, from_app = (
        {"property": "paid", "operator": "is", "value": True},
        {"property": "amount", "operator": "at_least", "value": 300.0},
    )
    one = parse.parse({"event": "buy", "where": [paid, from_app], "operator": "at_least", "value": 1})
    other = parse.parse(
        {
            "value": 1.0,
            "operator": "at_least",
            "where": [{**from_app, "value": 300}, paid, paid],
            "event": "buy",
            "measure": "count",
            "window": None,
        }
    )

    assert parse.digest(one) == parse.digest(other)
    assert parse.digest(one) != parse.digest(
        parse.parse({"event": "buy", "operator": "at_least", "value": 1})
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 1.5, -0.0]", [1, 1.5, 0.0]),
        ("[0.1, 0.30000000000000004]", [0.1, 0.30000000000000004]),
        ("[9007199254740993]", [9007199254740993]),
        (f"[1{'0' * 400}]", [10**400]),
        ('["12345678901234567890", 1.0]', ["12345678901234567890", 1]),
    ],
)
def test_numbers_are_read_with_all_their_digits(text, value):
    assert read_json(text) == value


def test_a_number_that_no_float_holds_stays_exact():
    (found,) = read_json("[0.1000000000000000055511151231257827021181583404541015625]")

    assert holds(field("greater_than", 0.1), known(x=found))
    assert not holds(field("is", 0.1), known(x=found))


def test_a_future_event_of_a_clock_that_is_ahead_counts_at_once():
    did = parse.parse({"event": "buy", "operator": "at_least", "value": 1, "window": {"lastDays": 1}})

    assert behaviour.bounds(did.window, NOW) == behaviour.Bounds(NOW - DAY, None)


@pytest.mark.timed
def test_a_rule_of_three_conditions_is_tested_in_a_moment(tell_figure):
    rule = parse.parse(
        {
            "all": [
                {"field": "attributes.plan", "operator": "is", "value": "gold"},
                {"field": "attributes.age", "operator": "at_least", "value": 18},
                {"not": {"field": "attributes.city", "operator": "contains", "value": "une"}},
            ]
        }
    )
    test, somebody = predicate.compile(rule, EMPTY), known(plan="gold", age=30, city="Mumbai")

    assert test(somebody)
    best = min(repeat(lambda: test(somebody), number=20_000, repeat=5)) / 20_000
    tell_figure(f"a rule of three conditions: {best * 1e6:.2f} µs")
    assert best < 3e-6


def test_the_clock_of_facts_is_read_once():
    assert NOBODY_KNOWN.micros == (NOW - datetime(1970, 1, 1, tzinfo=NOW.tzinfo)) // timedelta(microseconds=1)
