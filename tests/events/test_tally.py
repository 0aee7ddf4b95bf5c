"""Event names are counted with the types of their properties, and nobody can make the count grow on."""

from datetime import timedelta

import pytest

from tests.events.conftest import NOW, event, tell
from tests.factories import EndUserFactory
from users.events import drain, tally
from users.events.models import EventTally

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1")


def counted(environment):
    return {each.name: each for each in EventTally.objects.filter(environment=environment)}


def test_each_name_is_counted_with_the_types_of_its_properties(test_env, mia):
    tell(
        test_env,
        event(name="order", amount=3, paid=True, city="Pune", items=["tea"], to={"zip": 1}, note=None),
        event(name="order", amount=2.5, paid=False, city=7),
        event(name="visit"),
    )

    drain.drain(now=NOW)

    found = counted(test_env)
    assert (found["order"].total, found["visit"].total) == (2, 1)
    assert found["visit"].types == {}
    assert found["order"].types == {
        "amount": {"number": 2},
        "paid": {"boolean": 2},
        "city": {"string": 1, "number": 1},
        "items": {"list": 1},
        "to": {"object": 1},
        "note": {"null": 1},
    }


def test_a_tally_grows_with_each_batch(test_env, mia):
    for day in (2, 1, 3):
        tell(test_env, event(amount=1, **{f"on day {day}": "x"}), now=NOW + timedelta(days=day))
        drain.drain(now=NOW)

    found = counted(test_env)["order"]
    assert found.total == 3
    assert found.types == {"amount": {"number": 3}} | {f"on day {n}": {"string": 1} for n in (1, 2, 3)}
    assert (found.first_seen_at, found.last_seen_at) == (NOW + timedelta(days=1), NOW + timedelta(days=3))


def test_environments_are_counted_apart(test_env, live_env, mia):
    EndUserFactory(environment=live_env, user_id="u_1")
    tell(test_env, event(), event())
    tell(live_env, event())

    drain.drain(now=NOW)

    assert (counted(test_env)["order"].total, counted(live_env)["order"].total) == (2, 1)


@pytest.mark.parametrize(
    "name", ["'", '"', "a.b", "100%", "%s", "__class__", "123", "{}", "\\", "a\u2028b", "ß🎡"]
)
def test_any_name_of_a_property_is_data(test_env, mia, name):
    for _ in range(2):
        tell(test_env, event(**{name: name}))
        drain.drain(now=NOW)

    assert counted(test_env)["order"].types == {name: {"string": 2}}


def test_the_first_hundred_properties_of_an_event_are_counted_and_long_names_are_not(test_env, mia):
    tell(test_env, event(amount=1, **{"x" * 129: 1}))
    drain.drain(now=NOW)
    for turn in range(3):
        tell(test_env, event(amount=1, **{f"made up {turn} {n}": n for n in range(80)}))
        drain.drain(now=NOW)

    types = counted(test_env)["order"].types
    assert len(types) == tally.MOST_PROPERTIES
    assert types["amount"] == {"number": 4}
    assert {f"made up 0 {n}" for n in range(80)} < types.keys()


def test_names_beyond_the_limit_are_counted_together(test_env, mia, monkeypatch):
    monkeypatch.setattr(tally, "MOST_NAMES", 3)
    tell(test_env, event(name="a"), event(name="b"))
    drain.drain(now=NOW)
    tell(test_env, event(name="c", x=1), event(name="d", x=1), event(name="e", x=1), event(name="a"))
    drain.drain(now=NOW)
    tell(test_env, event(name="e", x=1), event(name="c", x=1))
    drain.drain(now=NOW)

    assert {name: each.total for name, each in counted(test_env).items()} == {
        "a": 2, "b": 1, "c": 2, tally.OTHERS: 3,
    }  # fmt: skip
    assert counted(test_env)[tally.OTHERS].types == {}
