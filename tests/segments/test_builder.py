"""A rule as a form and back: what a marketer clicks is what is stored."""

import pytest
from django.http import QueryDict

from tests.factories import launched_campaign
from users.models import AttributeDefinition, Segment
from users.segments.console import builder
from users.segments.parse import dump, parse

pytestmark = pytest.mark.django_db
GOLD = {"field": "attributes.plan", "operator": "is", "value": "gold"}
BOUGHT = {
    "event": "purchase",
    "where": [{"property": "amount", "operator": "greater_than", "value": 300}],
    "measure": "count",
    "operator": "at_least",
    "value": 2,
    "window": {"lastDays": 14},
}
VALUES = [
    ("is", "gold"),
    ("is", 5),
    ("is", 2.5),
    ("is", True),
    ("is", "5"),
    ("is", "true"),
    ("is", ' "quoted" '),
    ("is_not", "it's, 100%"),
    ("in", ["a", 1, False]),
    ("contains", "x"),
    ("starts_with", "5"),
    ("glob", "a*?"),
    ("at_least", -3),
    ("between", [1, 2.5]),
    ("between", ["2026-01-01", "2026-02-01"]),
    ("before", "2026-01-01"),
    ("in_last_days", 30),
    ("on_weekday", ["monday", "sunday"]),
    ("version_at_least", "1.10.0"),
]


def typed(made):
    """What a browser would send of this form."""
    data = QueryDict(mutable=True)
    data["match"] = made.match
    for group in made.shown().groups:
        data[f"{group.place}-match"] = group.match
        for row in group.rows:
            data[f"{row.place}-kind"] = row.kind
            for each in row.inputs:
                values = each.ticked if each.type == "checks" else [each.value]
                data.setlist(f"{row.place}-{each.name}", values)
    return data


def again(env, rule):
    return builder.of_post(env, typed(builder.of_rule(env, rule))).rule()


@pytest.mark.parametrize(("operator", "value"), VALUES, ids=str)
def test_a_condition_comes_back_from_the_form_as_it_was(test_env, operator, value):
    condition = {"field": "attributes.x", "operator": operator, "value": value}

    assert again(test_env, condition) == {"all": [condition]}


@pytest.mark.parametrize("operator", ["is_set", "is_not_set", "is_empty"])
def test_so_does_one_without_a_value(test_env, operator):
    condition = {"field": "profile.city", "operator": operator}

    assert again(test_env, condition) == {"all": [condition]}


def test_groups_with_events_segments_campaigns_and_rewards_come_back_too(test_env):
    segment = Segment.objects.create(environment=test_env, name="Gold", rule=GOLD)
    campaign = str(launched_campaign(test_env).pk)
    conditions = [
        BOUGHT,
        {**BOUGHT, "where": [], "measure": {"sum": "amount"}, "value": 12.5, "window": None},
        {"segment": str(segment.pk)},
        {"campaign": campaign, "fact": "status", "operator": "in", "value": ["clicked", "completed"]},
        {"campaign": campaign, "fact": "plays", "operator": "at_least", "value": 2},
        {"reward": {"campaign": campaign, "rewardType": "coupons"}, "operator": "exactly", "value": 0},
        {"reward": {}, "operator": "at_least", "value": 3},
        {"field": "core.gluId", "operator": "in_percentage", "value": {"key": "a", "from": 0, "to": 25}},
    ]
    rule = {"any": [{"all": conditions}, {"not": {"any": [GOLD]}}, {"any": [GOLD, GOLD]}]}

    assert parse(again(test_env, rule)) == parse(rule)
    assert dump(parse(again(test_env, rule))) == dump(parse(rule))


@pytest.mark.parametrize(
    "rule",
    [
        {"all": [{"any": [{"all": [GOLD]}, GOLD]}]},
        {"not": {"all": [GOLD, GOLD]}},
        {"any": [{"not": {"not": GOLD}}]},
        {"all": [{**BOUGHT, "where": BOUGHT["where"] * 2}]},
        {"all": [{**BOUGHT, "window": {"from": "2026-01-01"}}]},
    ],
    ids=str,
)
def test_what_the_form_can_not_show_is_left_to_json(test_env, rule):
    parse(rule)

    assert builder.of_rule(test_env, rule) is None


def test_the_type_of_an_attribute_says_what_a_typed_value_means(test_env):
    AttributeDefinition.objects.create(environment=test_env, name="zip", types={"string": 9})
    data = QueryDict(
        "g0-match=all&g0r0-kind=field&g0r0-field=attributes.zip&g0r0-operator=is&g0r0-value=411001"
    )

    assert builder.of_post(test_env, data).rule() == {
        "all": [{"field": "attributes.zip", "operator": "is", "value": "411001"}]
    }


def test_buttons_add_and_remove_rows_and_groups(test_env):
    data = typed(builder.of_rule(test_env, {"all": [GOLD, BOUGHT]}))

    def pressed(button):
        data["do"] = button
        return [[row.kind for row in group.rows] for group in builder.of_post(test_env, data).groups]

    assert pressed("") == [["field", "event"]]
    assert pressed("add-row:g0") == [["field", "event", "field"]]
    assert pressed("remove:g0r0") == [["event"]]
    assert pressed("add-group") == [["field", "event"], ["field"]]
    assert pressed("remove:g9r9") == pressed("add-row:g7") == pressed("nonsense") == [["field", "event"]]


def test_the_last_row_of_all_can_be_removed_and_means_everybody(test_env):
    data = typed(builder.of_rule(test_env, GOLD))
    data["do"] = "remove:g0r0"

    assert builder.of_post(test_env, data).rule() == {"all": []}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"g0r0-field": ""}, "field"),
        ({"g0r0-field": "attributes.123"}, "field"),
        ({"g0r0-operator": "like"}, "operator"),
        ({"g0r0-operator": "at_least", "g0r0-value": "many"}, "value"),
        ({"g0r0-operator": "contains", "g0r0-value": ""}, "value"),
        ({"g0r0-kind": "event", "g0r0-event": " "}, "event"),
        ({"g0r0-kind": "event", "g0r0-event": "x", "g0r0-amount": "1", "g0r0-days": "0"}, "days"),
        ({"g0r0-kind": "segment", "g0r0-segment": ""}, "segment"),
        ({"g0r0-kind": "campaign", "g0r0-campaign": "5"}, "campaign"),
    ],
    ids=str,
)
def test_a_wrong_row_says_at_which_input(test_env, changes, name):
    data = typed(builder.of_rule(test_env, GOLD))
    for key, value in changes.items():
        data[key] = value

    made = builder.of_post(test_env, data)

    assert made.rule() is None
    [row] = made.groups[0].rows
    assert row.problem and row.problem_at == name
