"""A trigger: an event by its name, and what its properties must say."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from campaigns.types import triggers
from campaigns.types.base import ConfigError, Happening

AT = datetime(2026, 11, 23, tzinfo=UTC)
LARGE = {
    "event": "purchase",
    "where": [
        {"property": "amount", "operator": "at_least", "value": 500},
        {"property": "city", "operator": "in", "value": ["Pune", "Delhi"]},
    ],
}


def did(name="purchase", **properties):
    return Happening("e-1", name, AT, properties)


def test_an_event_of_another_name_does_not_fit():
    assert not triggers.matches({"event": "purchase"}, did("purchased"))
    assert triggers.matches({"event": "purchase"}, did())
    assert triggers.names(LARGE) == {"purchase"}


def test_a_bound_beyond_64_bits_is_compared_as_postgresql_gives_it_back():
    huge = {"property": "amount", "operator": "greater_than", "value": 10**30}

    assert not triggers.matches({"event": "purchase", "where": [huge]}, did(amount=500))
    assert triggers.matches({"event": "purchase", "where": [huge]}, did(amount=2e30))


@pytest.mark.parametrize(
    ("properties", "fits"),
    [
        ({"amount": 500, "city": "Pune"}, True),
        ({"amount": 500.01, "city": "Delhi"}, True),
        ({"amount": 499.99, "city": "Pune"}, False),
        ({"amount": "500", "city": "Pune"}, False),
        ({"amount": True, "city": "Pune"}, False),
        ({"amount": 500}, False),
        ({}, False),
    ],
)
def test_all_conditions_must_fit_as_they_do_in_segments(properties, fits):
    assert triggers.matches(LARGE, did(**properties)) is fits


@pytest.mark.parametrize(
    ("given", "amount"),
    [(3, 3), (2.5, Decimal("2.5")), (0.1, Decimal("0.1")), ("3", 0), (True, 0), (None, 0)],
)
def test_an_amount_is_the_number_that_a_property_holds(given, amount):
    assert triggers.amount(did(price=given), "price") == amount
    assert triggers.amount(did(), "price") == 0


@pytest.mark.parametrize(
    "trigger",
    [
        None,
        "purchase",
        {},
        {"event": ""},
        {"event": " "},
        {"event": 5},
        {"event": "x" * 129},
        {"event": "glu.played"},
        {"event": "purchase", "when": []},
        {"event": "purchase", "where": {}},
        {"event": "purchase", "where": [{"property": "a", "operator": "is_like", "value": 1}]},
        {"event": "purchase", "where": [{"property": "a", "operator": "at_least", "value": "much"}]},
        {"event": "purchase", "where": [{"property": "a", "operator": "in_percentage", "value": 5}]},
        {"event": "purchase", "where": [{"property": "a", "operator": "is_set"}] * 11},
    ],
)
def test_what_no_event_of_an_app_can_fit_is_refused_at_its_field(trigger):
    with pytest.raises(ConfigError) as refusal:
        triggers.check(trigger, "trigger")

    assert refusal.value.field == "trigger"
    assert str(refusal.value)


def test_a_usable_trigger_passes():
    triggers.check(LARGE, "trigger")
    triggers.check({"event": "purchase", "where": []}, "trigger")
    triggers.check({"event": "purchase"}, "trigger")
