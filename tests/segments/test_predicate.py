"""Each operator by a table of cases, on both sides; and what a rule is made of."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from timeit import repeat
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from tests.segments.hostile import NOW
from tests.segments.tables import CASES, DAY, REGISTERED, ago
from users.models import Segment
from users.segments import behaviour, kinds, parse, predicate, query
from users.segments.book import Book
from users.segments.comparisons import bucket, glob
from users.segments.conditions import Operand, Params
from users.segments.facts import Facts, read_json
from users.segments.kinds import LeafKind
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


def test_segments_by_rules_are_followed_and_lists_are_looked_up():
    listed, ruled = uuid4(), uuid4()
    rows = [
        Segment(id=listed, name="List", kind="static"),
        Segment(
            id=ruled, name="Gold", kind="rules", rule={"field": "attributes.x", "operator": "is", "value": 1}
        ),
    ]
    book = Book(uuid4(), UTC, rows)

    assert holds({"segment": str(listed)}, replace(NOBODY_KNOWN, memberships=frozenset({listed})), book)
    assert not holds({"segment": str(listed)}, NOBODY_KNOWN, book)
    assert holds({"segment": str(ruled)}, known(x=1), book)
    assert not holds({"segment": str(ruled)}, replace(NOBODY_KNOWN, memberships=frozenset({ruled})), book)
    assert predicate.needs(parse.parse({"segment": str(ruled)}), book) == {"attributes"}
    assert predicate.needs(parse.parse({"segment": str(listed)}), book) == {"memberships"}


def test_a_segment_that_cannot_be_followed_keeps_its_last_members():
    one, other, broken = uuid4(), uuid4(), uuid4()
    rows = [
        Segment(id=one, name="One", kind="rules", rule={"segment": str(other)}),
        Segment(id=other, name="Other", kind="rules", rule={"not": {"segment": str(one)}}),
        Segment(id=broken, name="Broken", kind="rules", rule={"field": "nowhere"}),
    ]
    book = Book(uuid4(), UTC, rows)

    for segment in (one, other, broken):
        member = replace(NOBODY_KNOWN, memberships=frozenset({segment}))
        assert holds({"segment": str(segment)}, member, book)
        assert not holds({"segment": str(segment)}, NOBODY_KNOWN, book)
        assert book.segments[segment].predicate(member)
        assert book.segments[segment].needs == {"memberships"}
    assert book.segments[one].fault == "The segment leads back to itself."
    assert book.segments[broken].fault.startswith("field: A field starts with one of core, device")


def test_segments_in_segments_cannot_grow_without_end():
    ids = [uuid4() for _ in range(8)]
    rows = [Segment(id=ids[0], name="0", kind="static")]
    rows += [
        Segment(id=mine, name=str(mine), kind="rules", rule={"all": [{"segment": str(inner)}] * 20})
        for inner, mine in pairwise(ids)
    ]
    book = Book(uuid4(), UTC, rows)

    assert [bool(book.inlined(each)) for each in ids] == [
        False,
        True,
        True,
        False,
        False,
        False,
        False,
        False,
    ]
    assert "more than 1,000 conditions" in book.segments[ids[3]].fault


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
    ("rule", "known_date", "wanted"),
    [
        (("in_last_days", 7), ago(DAY), NOW + 6 * DAY + timedelta(microseconds=1)),
        (("in_last_days", 7), ago(-DAY), NOW + DAY),
        (("in_last_days", 7), ago(8 * DAY), None),
        (("more_than_days_ago", 7), ago(DAY), NOW + 6 * DAY + timedelta(microseconds=1)),
        (("more_than_days_ago", 7), ago(9 * DAY), None),
        (("before", "2030-01-01"), ago(DAY), None),
        (("in_last_days", 7), "yesterday", None),
        (("more_than_days_ago", 7), "9999-12-31", None),
    ],
)
def test_time_alone_may_change_an_answer_at(rule, known_date, wanted):
    rule, somebody = field(*rule), known(x=known_date)

    found = predicate.next_change(rule, somebody)

    assert found == wanted
    if found:
        test = predicate.compile(rule, EMPTY)
        just_before = replace(somebody, now=found - timedelta(microseconds=1))
        assert test(somebody) is test(just_before)
        assert test(replace(somebody, now=found)) is not test(somebody)


def test_the_soonest_change_counts_through_segments():
    inner = uuid4()
    rows = [Segment(id=inner, name="New", kind="rules", rule=parse.dump(field("in_last_days", 3)))]
    book = Book(uuid4(), UTC, rows)
    rule = parse.parse({"any": [{"not": {"segment": str(inner)}}, parse.dump(field("in_last_days", 30))]})

    assert predicate.next_change(rule, known(x=ago(DAY)), book) == NOW + 2 * DAY + timedelta(microseconds=1)


def test_other_apps_bring_conditions_of_their_own(monkeypatch):
    kind = _shoe_kind()
    monkeypatch.setitem(kinds.KINDS, "shoe", kind)
    rule = parse.parse({"not": {"shoe": 42}})

    assert parse.dump(rule) == {"not": {"shoe": 42}}
    assert predicate.needs(rule, EMPTY) == {"shoe"}
    assert not holds(rule, replace(NOBODY_KNOWN, more={"shoe": 42}))
    assert holds(rule, replace(NOBODY_KNOWN, more={"shoe": 43}))
    assert query.where(rule, EMPTY, now=NOW) == ("(NOT (u.shoe = %(s_0)s::integer))", {"s_0": 42})


@dataclass(frozen=True)
class Shoe:
    size: int
    kind: str = "shoe"


def _shoe_kind():
    return LeafKind(
        "shoe",
        parse=lambda data, path: Shoe(data["shoe"]),
        dump=lambda leaf: {"shoe": leaf.size},
        compile=lambda leaf: lambda facts: facts.more["shoe"] == leaf.size,
        sql=lambda leaf, user, params: f"({user}.shoe = {params.add(leaf.size, 'integer')})",
        words=lambda leaf, names: f"wears {leaf.size}",
        found=lambda leaf, facts: f"wears {facts.more['shoe']}",
        column="u.shoe",
        read=lambda value: value,
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
