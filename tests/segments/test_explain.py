"""Each line of a rule with its verdict, and what was found of the person."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from glu_admin import config as configs
from tests.factories import EndUserFactory
from tests.segments.drawing import Rules
from tests.segments.hostile import NOW, dice
from users.models import Event, Segment
from users.segments import explain, facts, parse, predicate
from users.segments.book import Book
from users.segments.facts import Facts
from users.segments.rule import RuleError

UTC = ZoneInfo("UTC")
SOMEBODY = Facts(
    1,
    uuid4(),
    NOW,
    UTC,
    core={"email": "ana@brewline.in", "registeredAt": NOW - timedelta(days=3)},
    attributes={"plan": "silver", "age": "20", "born": "yesterday", "tags": ["a", "b"], "n": 7},
)
EMPTY = Book(uuid4(), UTC)
GOLD = {"field": "attributes.plan", "operator": "is", "value": "gold"}


def lines(rule, known=SOMEBODY, book=EMPTY, **more):
    return explain.explain(parse.parse(rule), known, book, **more)


@pytest.mark.parametrize(
    ("field", "operator", "value", "verdict", "found"),
    [
        ("attributes.plan", "is", "gold", False, "plan is silver, not gold"),
        ("attributes.plan", "is", "silver", True, "plan is silver"),
        ("attributes.plan", "is_not", "gold", True, "plan is silver"),
        ("attributes.city", "is", "Pune", False, "city is missing"),
        ("attributes.city", "is_not", "Pune", True, "city is missing"),
        ("attributes.age", "at_least", 18, False, "age is the text 20"),
        ("attributes.n", "is", "7", False, "n is the number 7, not 7"),
        ("attributes.n", "between", [8, 9], False, "n is 7"),
        ("attributes.born", "before", "2020-01-01", False, "born is yesterday, which is no date"),
        ("attributes.tags", "contains", "c", False, "tags is a and b"),
        ("core.email", "ends_with", ".com", False, "e-mail is ana@brewline.in"),
        ("core.registeredAt", "in_last_days", 2, False, "registration is 2026-11-20 12:34 UTC"),
        ("core.gluId", "in_percentage", {"key": "a", "to": 100}, True, "person is in this share"),
    ],
)
def test_a_line_tells_what_was_found(field, operator, value, verdict, found):
    line = lines({"field": field, "operator": operator, "value": value})

    assert (line.verdict, line.found, line.path, line.children) == (verdict, found, "", ())


def test_groups_have_their_lines_below_them_with_the_paths_of_the_rule():
    tree = lines({"all": [GOLD, {"any": [{"not": GOLD}, {"field": "core.phone", "operator": "is_set"}]}]})

    assert (tree.words, tree.verdict) == ("all of these", False)
    gold, either = tree.children
    assert (gold.path, gold.words, gold.verdict) == ("all[0]", "plan is gold", False)
    assert (either.path, either.words, either.verdict) == ("all[1]", "any of these", True)
    contrary, phone = either.children
    assert (contrary.path, contrary.verdict, contrary.children[0].path) == (
        "all[1].any[0]",
        True,
        "all[1].any[0].not",
    )
    assert (phone.path, phone.verdict, phone.found) == ("all[1].any[1]", False, "phone is missing")


def test_a_segment_shows_the_lines_of_its_own_rule():
    gold, listed = uuid4(), uuid4()
    rows = [
        Segment(id=gold, name="Gold", kind="rules", rule=GOLD),
        Segment(id=listed, name="Friends", kind="static"),
    ]
    tree = lines({"any": [{"segment": str(gold)}, {"segment": str(listed)}]}, book=Book(uuid4(), UTC, rows))

    one, other = tree.children
    assert (one.words, one.found, one.verdict) == ("is in Gold", "is not in Gold", False)
    assert [(line.path, line.found) for line in one.children] == [
        ("any[0].segment", "plan is silver, not gold")
    ]
    assert (other.words, other.found, other.children) == ("is in Friends", "is not in Friends", ())


def test_what_somebody_did_is_told_with_its_number(test_env):
    person = EndUserFactory(environment=test_env)
    Event.objects.bulk_create(
        Event(
            environment=test_env,
            user=person,
            name="purchase",
            happened_at=timezone.now(),
            verdict="accepted",
            properties={"amount": amount, "sku": sku},
        )
        for amount, sku in ((100, "a"), (0.5, "a"), (20, "b"))
    )
    config, now = configs.get(test_env.id), timezone.now()
    conditions = [
        {"event": "purchase", "operator": "at_least", "value": 4},
        {"event": "purchase", "operator": "at_least", "value": 1, "measure": {"sum": "amount"}},
        {"event": "purchase", "operator": "exactly", "value": 2, "measure": {"distinct": "sku"}},
        {"event": "visit", "operator": "at_most", "value": 0},
    ]
    rule = parse.parse({"all": conditions})
    dids = parse.leaves(rule)

    known = facts.load(config, [person.pk], now=now, needs={"behaviour"}, counting=dids)[person.pk]
    tree = explain.explain(
        rule, known, Book(test_env.id, UTC), measured=facts.measured(config, person.pk, dids, now=now)
    )

    assert [(line.verdict, line.found) for line in tree.children] == [
        (False, "purchase: 3 times"),
        (True, "purchase: amount 120.5 in all"),
        (True, "purchase: 2 different sku"),
        (True, "visit: never"),
    ]


def test_the_tree_always_says_what_the_predicate_says():
    chance = dice(12)
    rules, told = Rules(chance, [uuid4()]), 0
    while told < 1_000:
        try:
            rule = parse.parse(rules.tree())
        except RuleError:
            continue
        told += 1
        behaviour = {parse.digest(leaf) for leaf in parse.leaves(rule) if chance.random() < 0.5}
        known = replace(SOMEBODY, behaviour=frozenset(behaviour))

        assert explain.explain(rule, known, EMPTY).verdict is predicate.compile(rule, EMPTY)(known)
