"""What is refused as a rule, and where it is said to be wrong."""

import time
from copy import deepcopy
from uuid import uuid4

import pytest

from tests.segments.drawing import Rules
from tests.segments.hostile import dice
from users.segments import parse, words
from users.segments.operators import OPERATORS
from users.segments.rule import EVERYBODY, All, Did, Field, Measure, RuleError, Where, Window

PLAN = {"field": "attributes.plan", "operator": "is", "value": "gold"}
BUY = {"event": "buy", "operator": "at_least", "value": 1}


def test_a_tree_of_everything():
    rule = parse.parse(
        {
            "all": [
                PLAN,
                {
                    "event": "purchase",
                    "where": [{"property": "amount", "operator": "greater_than", "value": 300}],
                    "measure": {"sum": "amount"},
                    "operator": "at_least",
                    "value": 2,
                    "window": {"lastDays": 14},
                },
            ]
        }
    )

    assert rule == All(
        (
            Field("attributes", "plan", "is", "gold"),
            Did(
                "purchase",
                (Where("amount", "greater_than", 300),),
                Measure("sum", "amount"),
                "at_least",
                2,
                Window(last_days=14),
            ),
        )
    )


def test_an_empty_all_is_everybody_but_no_other_group_may_be_empty():
    assert parse.parse({"all": []}) == EVERYBODY
    assert parse.dump(EVERYBODY) == {"all": []}
    for data in ({"any": []}, {"not": {"all": []}}, {"all": [{"all": []}]}):
        with pytest.raises(RuleError, match="at least one condition"):
            parse.parse(data)


def field(operator, *value, name="attributes.x"):
    return {"field": name, "operator": operator} | ({"value": value[0]} if value else {})


def did(**said):
    return BUY | said


def nested(levels):
    rule = PLAN
    for _ in range(levels):
        rule = {"not": rule}
    return rule


WRONG = [
    (None, "", "Write"),
    ([], "", "Write"),
    ("all", "", "Write"),
    ({}, "", "Write"),
    ({"al": []}, "", "Write"),
    ({"all": {}}, "all", "A group is a list"),
    ({"all": [PLAN, 5]}, "all[1]", "Write"),
    ({"all": [PLAN], "any": [PLAN]}, "any", "Here may only be all"),
    ({"not": [PLAN]}, "not", "Write"),
    ({"any": [PLAN, {"not": field("was")}]}, "any[1].not.operator", "The operators are is, is_not"),
    ({"all": [nested(8)]}, "all[0].not.not.not.not.not.not.not", "more than 8 levels"),
    ({"all": [PLAN] * 101}, "all", "at most 100 conditions"),
    ({"all": [{"any": [PLAN] * 60}, {"any": [PLAN] * 60}]}, "all[1].any[40]", "at most 100 conditions"),
    ({"all": [did(where=[{"property": "a", "operator": "is_set"}] * 10)] * 10}, "all[9]", "at most 100"),
    (PLAN | {"vlaue": 1}, "vlaue", "Here may only be field"),
    (PLAN | BUY, "event", "Here may only be field"),
    ({"field": "attributes.x"}, "operator", "The operators are"),
    ({"field": "attributes.x", "operator": ["is"]}, "operator", "The operators are"),
    ({"field": "attributes.x", "operator": "IS", "value": 1}, "operator", "The operators are"),
    (field("is", 1, name=5), "field", "Name the field as text"),
    (field("is", 1, name="plan"), "field", "A field starts with"),
    (field("is", 1, name="events.x"), "field", "A field starts with"),
    (field("is", 1, name="attributes."), "field", "not empty"),
    (field("is", 1, name="attributes.  "), "field", "not empty"),
    (field("is", 1, name="attributes.123"), "field", "digits only"),
    (field("is", 1, name="attributes.\x00"), "field", "control characters"),
    (field("is", 1, name="attributes.\ud800"), "field", "halves of characters"),
    (field("is", 1, name="attributes." + "x" * 129), "field", "at most 128"),
    (field("is", 1, name="core.password"), "field", "The core fields are userId"),
    (field("is", 1, name="core.erased_at"), "field", "The core fields are"),
    (field("contains", "x", name="core.registeredAt"), "operator", "takes only is_set"),
    (field("is_empty", name="core.isTest"), "operator", "takes only is, is_not"),
    (field("in_percentage", {"key": "a", "to": 5}), "operator", "it is for core.gluId"),
    (field("is", "x", name="core.gluId"), "operator", "takes only in_percentage"),
    (field("is"), "value", "Write a text, a number, true or false"),
    (field("is", None), "value", "Write a text, a number"),
    (field("is", []), "value", "Write a text, a number"),
    (field("is", {"$ne": 1}), "value", "Write a text, a number"),
    (field("is", "a\x00b"), "value", "NUL"),
    (field("is", "\udc00"), "value", "half of a character"),
    (field("is", "x" * 1001), "value", "at most 1,000 characters"),
    (field("is", float("nan")), "value", "a computer can hold"),
    (field("is", float("inf")), "value", "a computer can hold"),
    (field("is", 2**64 + 1), "value", "more digits than can be kept"),
    (field("is", 10**400), "value", "more digits than can be kept"),
    (field("is_set", 1), "value", "takes no value"),
    (field("contains", ""), "value", "what to look for"),
    (field("starts_with", 5), "value", "Write a text"),
    (field("glob", ""), "value", "what to look for"),
    (field("in", "a"), "value", "Write a list"),
    (field("in", []), "value", "at least one"),
    (field("in", ["a", None]), "value[1]", "Write a text, a number"),
    (field("in", ["a"] * 1001), "value", "1,001 values; 1,000 are the most"),
    (field("greater_than", "5"), "value", "without quotes"),
    (field("greater_than", True), "value", "without quotes"),
    (field("between", [1]), "value", "two values"),
    (field("between", [2, 1]), "value", "greater than the second"),
    (field("between", [1, "2026-01-01"]), "value[1]", "Write a number"),
    (field("between", ["2026-02-01", "2026-01-01"]), "value", "after the second"),
    (field("before", "2026-02-30"), "value", 'Write a date as "2026-11-23"'),
    (field("before", "tomorrow"), "value", "Write a date"),
    (field("before", 20260101), "value", "Write a date"),
    (field("before", "0001-01-01T00:00+14:00"), "value", "Write a date"),
    (field("in_last_days", 0), "value", "from 1 to 36,500"),
    (field("in_last_days", 1.5), "value", "whole number"),
    (field("in_last_days", 10**9), "value", "from 1 to 36,500"),
    (field("on_weekday", ["monday", "Funday"]), "value[1]", "A weekday is one of"),
    (field("on_weekday", [[]]), "value[0]", "A weekday is one of"),
    (field("version_at_least", "new"), "value", "Write a version"),
    (field("version_at_least", 1.5), "value", "Write a version"),
    (field("in_percentage", 5, name="core.gluId"), "value", 'Write {"key"'),
    (field("in_percentage", {"key": "a", "to": 101}, name="core.gluId"), "value.to", "from 0 to 100"),
    (field("in_percentage", {"key": "a", "to": 0.001}, name="core.gluId"), "value.to", "two decimals"),
    (field("in_percentage", {"key": "", "to": 1}, name="core.gluId"), "value.key", "not empty"),
    (field("in_percentage", {"key": "a", "from": 5, "to": 5}, name="core.gluId"), "value.to", "ends after"),
    ({"segment": "VIPs"}, "segment", "Write the id"),
    ({"segment": 5}, "segment", "Write the id"),
    ({"segment": str(uuid4()), "not": True}, "segment", "Here may only be not"),
    ({"event": "", "operator": "at_least", "value": 1}, "event", "not empty"),
    (did(operator="is"), "operator", "at_least, at_most, exactly"),
    (did(operator=["at_least"]), "operator", "at_least, at_most, exactly"),
    (did(value="2"), "value", "without quotes"),
    (did(value=-1), "value", "from 0 to"),
    (did(value=1.5), "value", "whole number"),
    (did(measure="total"), "measure", 'Write "count"'),
    (did(measure={"sum": "a", "distinct": "b"}), "measure", 'Write "count"'),
    (did(measure={"sum": 5}), "measure.sum", "A property's name"),
    (did(measure=[1]), "measure", 'Write "count"'),
    (did(where={}), "where", "up to 10 conditions"),
    (did(where=[{"property": "a", "operator": "is", "value": 1}] * 11), "where", "up to 10 conditions"),
    (did(where=[PLAN]), "where[0]", 'Write {"property"'),
    (
        did(where=[{"property": "a", "operator": "in_last_days", "value": 3}]),
        "where[0].operator",
        "is not for a property",
    ),
    (
        did(where=[{"property": "a", "operator": "at_least", "value": "x"}]),
        "where[0].value",
        "without quotes",
    ),
    (did(window={}), "window", 'Write {"lastDays"'),
    (did(window={"lastDays": 14, "from": "2026-01-01"}), "window", 'Write {"lastDays"'),
    (did(window={"lastDays": True}), "window.lastDays", "without quotes"),
    (did(window={"from": "2026-02-01", "to": "2026-02-01"}), "window.to", "ends before it begins"),
    (did(window={"from": "soon"}), "window.from", "Write a date"),
    (did(wnidow=None), "wnidow", "Here may only be event"),
]


@pytest.mark.parametrize(("data", "path", "message"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_rule_is_refused_with_the_path_of_the_fault(data, path, message):
    with pytest.raises(RuleError) as refused:
        parse.parse(data)

    assert refused.value.path == path
    assert message in refused.value.message
    assert str(refused.value).startswith(f"{path or 'rule'}: ")
    str(refused.value).encode()


@pytest.mark.parametrize(
    "data",
    [
        {"all": [PLAN] * 1_000_000},
        {"all": [{"all": [PLAN] * 100}] * 100},
        nested(100_000),
        {"field": "attributes.x", "operator": "in", "value": ["a"] * 1_000_000},
        {"field": "attributes.x", "operator": "is", "value": "a" * 10_000_000},
        {"field": "attributes." + "x" * 10_000_000, "operator": "is", "value": "a"},
        dict.fromkeys(map(str, range(1_000_000)), 1),
        PLAN | dict.fromkeys(map(str, range(1_000_000)), 1),
        did(where=[PLAN] * 1_000_000),
        {"field": "attributes.x", "operator": "is", "value": 10**4_000},
    ],
    ids=range(10),
)
def test_a_monstrous_rule_is_refused_quickly(data):
    begun = time.process_time()
    with pytest.raises(RuleError) as refused:
        parse.parse(data)

    assert time.process_time() - begun < 0.05
    assert len(str(refused.value)) < 1_000


JUNK = (
    None,
    True,
    0,
    -1,
    1e400,
    10**30,
    "",
    "x",
    "\ud800",
    [],
    [[]],
    {},
    {"all": []},
    {"key": []},
    [None],
    b"x",
)


def test_whatever_is_put_anywhere_in_a_rule_is_read_or_refused():
    chance = dice(11)
    rules = Rules(chance, [uuid4()])
    others = (
        {"campaign": str(uuid4()), "fact": "plays", "operator": "at_least", "value": 2},
        {"reward": {"campaign": str(uuid4()), "rewardType": "coupons"}, "operator": "at_least", "value": 2},
    )
    read = 0
    for _ in range(10_000):
        data = {"all": [rules.tree(), deepcopy(chance.choice(others))]}
        places = list(_places(data))
        container, key = chance.choice(places)
        container[key] = chance.choice(JUNK)
        try:
            rule = parse.parse(data)
        except RuleError as refused:
            assert refused.message
            str(refused).encode()
        else:
            read += 1
            assert parse.parse(parse.dump(rule)) == rule
            assert words.sentence(rule, {})
    assert 200 < read < 5_000


def _places(data):
    for key, value in list(data.items() if isinstance(data, dict) else enumerate(data)):
        yield data, key
        if isinstance(value, dict | list):
            yield from _places(value)


def test_whole_numbers_are_one_number_however_they_are_written():
    rules = [parse.parse(field("is", value)) for value in (1, 1.0, 10 / 10)]

    assert len({parse.digest(rule) for rule in rules}) == 1
    assert {type(rule.value) for rule in rules} == {int}
    assert parse.parse(field("is", -0.0)).value == 0


def test_a_large_number_goes_out_as_json_can_carry_it():
    rule = parse.parse(field("is", 1e300))

    assert parse.dump(rule)["value"] == 1e300
    assert parse.parse(field("is", 10**300)) == rule, "as PostgreSQL writes it"


def test_weekdays_are_in_the_order_of_the_week():
    assert parse.parse(field("on_weekday", ["sunday", "monday", "sunday"])).value == ("monday", "sunday")


def test_conditions_are_found_with_their_paths():
    rule = parse.parse({"all": [PLAN, {"not": {"any": [BUY, {"segment": str(uuid4())}]}}]})

    assert [path for path, _ in parse.located(rule)] == ["all[0]", "all[1].not.any[0]", "all[1].not.any[1]"]
    assert [path for path, _ in parse.located(parse.parse(PLAN))] == [""]


def test_every_operator_says_what_it_takes():
    assert all(each.label and each.types and each.value for each in OPERATORS.values())
