"""Segments in segments, conditions that other apps bring, and when time alone changes an answer."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest

from tests.segments.hostile import NOW
from tests.segments.tables import DAY, ago
from tests.segments.test_predicate import EMPTY, NOBODY_KNOWN, UTC, field, holds, known
from users.models import Segment
from users.segments import kinds, parse, predicate, query
from users.segments.book import Book
from users.segments.kinds import LeafKind


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
