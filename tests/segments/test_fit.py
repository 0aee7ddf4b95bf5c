"""Whether a rule fits the attributes, events and segments that there are."""

from uuid import uuid4

import pytest
from django.utils import timezone

from tests.factories import EndUserFactory
from users.models import AttributeDefinition, EventDefinition, EventTally, Segment
from users.segments import parse
from users.segments.fit import faults


@pytest.fixture
def known(test_env):
    for name, declared, types in (
        ("plan", "", {"string": 5}),
        ("age", "number", {"number": 3, "string": 1}),
        ("tags", "list", {}),
        ("mixed", "", {"string": 1, "number": 1}),
    ):
        AttributeDefinition.objects.create(
            environment=test_env, name=name, declared_type=declared, types=types
        )
    now = timezone.now()
    EventTally.objects.create(
        environment=test_env,
        name="buy",
        types={"amount": {"number": 4}, "sku": {"string": 4}},
        first_seen_at=now,
        last_seen_at=now,
    )
    EventDefinition.objects.create(
        environment=test_env, name="visit", expected=[{"name": "page", "type": "string", "required": True}]
    )
    return test_env


def wrong(rule, environment, **more):
    return [(fault.path, fault.message) for fault in faults(parse.parse(rule), environment, **more)]


def field(name, operator, *value):
    return {"field": name, "operator": operator} | ({"value": value[0]} if value else {})


def did(event, **said):
    return {"event": event, "operator": "at_least", "value": 1} | said


def test_what_fits_has_no_faults(known):
    rule = {
        "all": [
            field("attributes.plan", "is", "gold"),
            field("attributes.plan", "in_last_days", 5),
            field("attributes.age", "at_least", 18),
            field("attributes.tags", "contains", "a"),
            field("attributes.mixed", "is", 5),
            field("profile.city", "is", "Pune"),
            field("core.isTest", "is", True),
            did(
                "buy", measure={"sum": "amount"}, where=[{"property": "sku", "operator": "is", "value": "a"}]
            ),
            did("visit", where=[{"property": "page", "operator": "contains", "value": "a"}]),
        ]
    }

    assert wrong(rule, known) == []


@pytest.mark.parametrize(
    ("rule", "path", "message"),
    [
        (
            field("attributes.nope", "is", 1),
            "field",
            "Nobody has an attribute “nope”. Look at its name, or declare it first.",
        ),
        (field("attributes.plan", "at_least", 1), "operator", "plan is text; “at_least” is for a number."),
        (
            field("attributes.age", "contains", "1"),
            "operator",
            "age is a number; “contains” is for a list or text.",
        ),
        (field("attributes.age", "is", "18"), "value", "age is a number; 18 here is text."),
        (field("attributes.plan", "in", ["a", 1]), "value", "plan is text; 1 here is a number."),
        (field("core.isTest", "is", "true"), "value", "test user is true or false; true here is text."),
        (
            field("profile.shoe", "is", 1),
            "field",
            "Of profile there is firstName, lastName, age, city, country, timezone.",
        ),
        (did("nope"), "event", "No event “nope” has come yet. Look at its name, or define it first."),
        (did("buy", measure={"sum": "sku"}), "measure.sum", "sku is no number, it can't be summed."),
        (
            did("buy", measure={"distinct": "x"}),
            "measure.distinct",
            "“buy” has come without a property “x” so far.",
        ),
        (
            did("buy", where=[{"property": "amount", "operator": "starts_with", "value": "a"}]),
            "where[0].operator",
            "amount is a number; “starts_with” is for text.",
        ),
        ({"segment": str(uuid4())}, "segment", "There is no segment with this id here."),
    ],
)
def test_what_does_not_fit_is_told_with_its_path(known, rule, path, message):
    assert wrong(rule, known) == [(path, message)]
    assert wrong({"any": [{"not": rule}]}, known) == [(f"any[0].not.{path}", message)]


def test_an_attribute_that_came_after_the_catalogue_is_known(known):
    EndUserFactory(environment=known, attributes={"new": 5})

    assert wrong(field("attributes.new", "at_least", 1), known) == []
    assert [path for path, _ in wrong(field("attributes.new", "contains", "a"), known)] == ["operator"]


def test_what_another_environment_has_is_not_known_here(known, live_env):
    segment = Segment.objects.create(environment=known, name="Here", kind="static")
    EndUserFactory(environment=known, attributes={"new": 5})

    for rule in (
        field("attributes.plan", "is", "gold"),
        field("attributes.new", "is", 5),
        did("buy"),
        {"segment": str(segment.id)},
    ):
        assert len(wrong(rule, live_env)) == 1


def test_a_segment_can_not_be_in_itself_however_far(known):
    one, two, three = (
        Segment.objects.create(environment=known, name=name, kind="rules", rule={"all": []}) for name in "abc"
    )
    two.rule = {"any": [{"segment": str(one.id)}]}
    three.rule = {"not": {"segment": str(two.id)}}
    for each in (two, three):
        each.save()
    message = "A segment can't be a condition of itself, nor of one that is in it."

    assert wrong({"segment": str(one.id)}, known, segment=one.id) == [("segment", message)]
    assert wrong({"all": [{"segment": str(three.id)}]}, known, segment=one.id) == [
        ("all[0].segment", message)
    ]
    assert wrong({"segment": str(one.id)}, known, segment=three.id) == []
    assert wrong({"segment": str(three.id)}, known) == []


def test_segments_that_grow_too_large_together_are_told(known):
    large = Segment.objects.create(
        environment=known, name="Large", kind="rules", rule={"all": [field("core.email", "is_set")] * 100}
    )
    rule = {"all": [{"segment": str(large.id)}] * 11}

    assert wrong(rule, known)[0] == (
        "all[0].segment",
        "With the segments in it, the rule has more than 1,000 conditions.",
    )
