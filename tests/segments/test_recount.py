"""Behaviour counted anew says what the plain count of all events says, and until when, to the microsecond."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from glu_admin import config
from tests.events.conftest import event
from tests.factories import EndUserFactory
from users.events import forms, ingest
from users.events.models import Event
from users.segments import behaviour, recount
from users.segments.comparisons import Moment
from users.segments.parse import parse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
MEASURES = ("count", {"sum": "amount"}, {"distinct": "sku"})
pytestmark = pytest.mark.django_db


def did(measure, operator, value, window, where=()):
    said = {"event": "order", "measure": measure, "operator": operator, "value": value, "window": window}
    return parse(said | {"where": list(where)})


def tell(environment, people, rng, count):
    sent = []
    for _ in range(count):
        at = NOW - rng.choice([0.0, 0.5, 1.0, 2.0, 2.0, 3.5, 6.999999, 7.0, 7.000001, 9.0, -0.5]) * DAY
        properties = {"amount": rng.choice([5, 10.5, -5, "7", None, True, 0]), "sku": rng.choice("ab1")}
        said = event(rng.choice(people).user_id, rng.choice(["order", "order", "visit"]), **properties)
        sent.append(forms.read(said | {"timestamp": at.isoformat()}, now=NOW))
    ingest.take(config.get(environment.id), sent, source="server", now=NOW)


def expected(condition, events, now):
    clock = Moment(now, ZoneInfo("UTC"))
    return behaviour.answer(condition, events, now, clock) is not behaviour.of_nobody(condition)


def change_after(condition, events, span):
    """The first moment after now at which the plain count says something else."""
    so = expected(condition, events, NOW)
    for moment in sorted(each.happened_at + span + MICROSECOND for each in events):
        if moment > NOW and expected(condition, events, moment) is not so:
            return moment
    return None


@pytest.mark.parametrize("seed", range(6))
def test_every_condition_is_counted_as_plainly_and_holds_until_its_moment(test_env, seed):
    rng = random.Random(seed)  # noqa: S311
    people = [EndUserFactory(environment=test_env) for _ in range(6)]
    tell(test_env, people[:5], rng, 60)
    events = {each.pk: list(Event.objects.filter(user=each)) for each in people}
    for _ in range(60):
        days = rng.choice([1, 2, 7])
        window = {"lastDays": days}
        operator, value = rng.choice(["at_least", "at_most", "exactly"]), rng.choice([0, 1, 2, 3, 5])
        where = [{"property": "amount", "operator": "is_set"}] if rng.random() < 0.3 else []
        condition = did(rng.choice(MEASURES), operator, value, window, where)
        found = recount.of(config.get(test_env.id), condition, [each.pk for each in people], now=NOW)
        for person in people:
            state = found.get(person.pk, recount.State(person.pk, False, None))
            theirs = events[person.pk]
            assert state.differs is expected(condition, theirs, NOW), condition
            assert state.check_at == change_after(condition, theirs, days * DAY), condition


def test_without_a_window_that_moves_nothing_changes_by_time(test_env):
    people = [EndUserFactory(environment=test_env) for _ in range(2)]
    tell(test_env, people[:1], random.Random(1), 20)  # noqa: S311
    for window in (None, {"from": "2026-11-01"}):
        found = recount.of(
            config.get(test_env.id), did("count", "at_least", 1, window), [people[0].pk], now=NOW
        )
        assert found == {people[0].pk: recount.State(people[0].pk, True, None)}


def test_what_a_visitor_did_counts_for_the_user_whom_it_was_merged_into(test_env):
    user, visitor = EndUserFactory(environment=test_env), EndUserFactory(environment=test_env)
    tell(test_env, [visitor], random.Random(2), 20)  # noqa: S311
    alias = type(visitor).objects.filter(pk=visitor.pk)
    alias.update(user_id=None, anonymous_id="a", merged_into=user, merged_at=NOW)

    found = recount.of(config.get(test_env.id), did("count", "at_least", 1, None), [user.pk], now=NOW)
    assert list(found) == [user.pk]
