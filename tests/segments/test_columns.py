"""Counting over columns: every condition says of everybody what the predicate's SQL says.

And it goes on saying so while people register, change, merge and are erased, in transactions
that end in another order than they began.
"""

import threading
import time
from collections import Counter

import pytest
from django.db import connection, transaction
from django.utils import timezone

from glu_admin import config as configs
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from tests.segments.drawing import Rules
from tests.segments.hostile import dice
from tests.segments.test_parity import NOW, world  # noqa: F401  # the hostile people of the parity test
from users.models import EndUser, Event
from users.privacy import erasure
from users.registration import register
from users.registration_form import parse as form
from users.segments import book as books
from users.segments import counting, held, loading, parse, tally
from users.segments.book import Book
from users.segments.rule import Did, Field, RuleError

RULES, IN_ONE_LOAD = 1_500, 100


@pytest.fixture(autouse=True)
def nothing_held():
    held.forget()
    yield
    held.forget()


@pytest.fixture
def shared_env(transactional_db):
    """An environment that other threads see too."""
    return keys.create_workspace("Brewline").environments.get(kind="test")


def _drawn(rules, count):
    drawn = []
    while len(drawn) < count:
        try:
            drawn.append(parse.parse(rules.tree()))
        except RuleError:
            continue
    return drawn


def _by_columns(config, book, rules, now):
    environment = held.of(config.id)
    held.note(environment)
    count = counting._Count(config, book, environment, tally.conditions(rules, book), now)
    held.load(environment, *count.wanted)
    return count.tally()


def _who(found, rule):
    return set(found.ids[found.mask(rule)].tolist())


def test_columns_and_sql_agree_on_hostile_rules(world, tell_figure):  # noqa: F811
    config, rules = configs.get(world.environment.id), Rules(dice(11), [each.id for each in world.segments])
    book, seen = Book(config.id, books.of(config).zone, world.segments), Counter()
    for _ in range(RULES // IN_ONE_LOAD):
        drawn = _drawn(rules, IN_ONE_LOAD)
        by_columns, by_sql = _by_columns(config, book, drawn, NOW), tally.by_sql(config, book, drawn, NOW)
        assert by_columns.total == by_sql.total
        for rule in drawn:
            assert _who(by_columns, rule) == _who(by_sql, rule), parse.dump(rule)
            seen[type(rule)] += 1
    tell_figure(f"columns and SQL: {RULES} hostile rules over {by_sql.total} people agree")
    assert held.of(config.id).people.columns
    assert held.of(config.id).people.events
    assert min(seen[Field], seen[Did]) > 50


def _attribute(name, operator, value):
    return {"field": f"attributes.{name}", "operator": operator, "value": value}


RULE = parse.parse({"all": [_attribute("plan", "is", "gold"), _attribute("orders", "at_least", 3)]})
BOUGHT = parse.parse({"event": "purchase", "measure": {"sum": "amount"}, "operator": "at_least", "value": 10})
ACTOR = Actor("test")


def _say(config, user_id, plan, orders, **more):
    body = {"userId": user_id, "customAttributes": {"plan": plan, "orders": orders}} | more
    return register(config, form(body), now=timezone.now()).record


def _bought(env, user_pk, amount, **more):
    values = {"client_id": "x", "event_id": None, "name": "purchase", "verdict": "accepted", "source": "api"}
    return Event.objects.create(
        environment=env,
        user_id=user_pk,
        happened_at=timezone.now(),
        properties={"amount": amount},
        **values | more,
    )


def _agree(env, rules=(RULE, BOUGHT)):
    """The counts by columns, which are those of SQL in the same look."""
    config = configs.get(env.id)
    environment, now = held.of(config.id), timezone.now()
    count = counting._Count(
        config, books.of(config), environment, tally.conditions(rules, books.of(config)), now
    )
    with counting.within(30):
        by_columns, by_sql = count.tally(), tally.by_sql(config, books.of(config), rules, now)
    for rule in rules:
        assert _who(by_columns, rule) == _who(by_sql, rule)
    assert by_columns.total == by_sql.total
    return [len(_who(by_sql, rule)) for rule in rules]


def _load(env, rules=(RULE, BOUGHT)):
    config = configs.get(env.id)
    environment = held.of(config.id)
    count = counting._Count(
        config, books.of(config), environment, tally.conditions(rules, books.of(config)), timezone.now()
    )
    held.load(environment, *count.wanted)
    assert held.has(environment, *count.wanted)
    return environment


@pytest.mark.django_db(transaction=True)
def test_whoever_came_changed_merged_or_was_erased_since_is_counted_as_is(shared_env):
    config = configs.get(shared_env.id)
    people = [_say(config, f"u_{n}", "gold" if n % 2 else "silver", n) for n in range(20)]
    visitor = register(config, form({"anonymousId": "v_1"}), now=timezone.now()).record
    _bought(shared_env, visitor.id, 20)
    environment = _load(shared_env)
    assert _agree(shared_env) == [9, 1]

    _say(config, "u_0", "gold", 7)
    assert _agree(shared_env) == [10, 1]
    _say(config, "new", "gold", 7)
    assert _agree(shared_env) == [11, 1]
    _bought(shared_env, people[3].id, 4.5)
    _bought(shared_env, people[3].id, 5.5)
    assert _agree(shared_env) == [11, 2]
    erasure.erase(EndUser.objects.get(pk=people[3].id), ACTOR, now=timezone.now())
    assert _agree(shared_env) == [10, 1]
    # what the visitor bought is now the user's
    register(config, form({"userId": "u_5", "anonymousId": "v_1"}), now=timezone.now())
    assert EndUser.objects.get(pk=visitor.id).merged_into_id == people[5].id
    assert _agree(shared_env) == [10, 1]
    assert environment.people.columns

    held.note(environment)
    environment.marks = [
        held.Mark(each.open_below, each.change + 1_000, each.event + 1_000) for each in environment.marks
    ]
    before = environment.people
    held.fold(environment, [people[0].id])
    assert environment.people is not before
    assert _agree(shared_env) == [10, 1]
    _bought(shared_env, people[5].id, -15)
    _say(config, "u_0", "silver", 7)
    assert _agree(shared_env) == [9, 0]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_waited_for_its_person_is_counted_when_it_is_found(shared_env):
    config = configs.get(shared_env.id)
    person = _say(config, "u_1", "gold", 1)
    waiting = _bought(shared_env, None, 30, verdict="waiting")
    _load(shared_env)
    environment = held.of(shared_env.id)
    _until, happened, _ = environment.people.events["purchase"]
    # as if so many others had come since that it is among what is settled
    environment.people.events["purchase"] = (
        waiting.id, happened, loading.waiting(shared_env.id, "purchase", waiting.id)
    )  # fmt: skip
    assert _agree(shared_env) == [0, 0]

    Event.objects.filter(pk=waiting.pk).update(verdict="accepted", user_id=person.id)

    assert _agree(shared_env) == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_was_open_while_the_columns_were_read_is_seen_when_it_ends(shared_env, monkeypatch):
    """Its number lies below those that others had committed by then."""
    monkeypatch.setattr("users.segments.since.SLACK", 0)
    monkeypatch.setattr(held, "SETTLING_SECONDS", 0.05)
    config = configs.get(shared_env.id)
    for n in range(5):
        _say(config, f"u_{n}", "silver", 9)
    written, may_end = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            _say(config, "u_0", "gold", 9)
            written.set()
            may_end.wait(10)
        connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    written.wait(10)
    _say(config, "u_1", "gold", 9)  # a later number, committed before
    environment = held.of(shared_env.id)
    held.load(environment, [("attributes", "plan"), ("attributes", "orders")], [])
    assert environment.people is None, "nothing is settled while the first change is open"
    may_end.set()
    writer.join()

    _load(shared_env)
    assert _agree(shared_env) == [2, 0]


@pytest.mark.django_db(transaction=True)
def test_counts_stay_exact_while_many_write_at_once(shared_env, monkeypatch):
    monkeypatch.setattr("users.segments.since.SLACK", 0)
    config = configs.get(shared_env.id)
    people = [_say(config, f"u_{n}", "silver", n) for n in range(60)]
    stop = threading.Event()

    def write(seed):
        chance = dice(seed)
        while not stop.is_set():
            with transaction.atomic():
                _say(
                    config,
                    f"u_{chance.randrange(90)}",
                    chance.choice(["gold", "silver"]),
                    chance.randrange(9),
                )
                if chance.random() < 0.5:
                    _bought(shared_env, chance.choice(people).id, chance.randrange(-900, 2000) / 100)
                time.sleep(chance.random() * 0.02)
        connection.close()

    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for each in writers:
        each.start()
    try:
        environment = _load(shared_env)
        # as many looks as are wanted, however slow the machine is
        seen, folds, start = set(), 0, time.monotonic()
        while (time.monotonic() < start + 6 or len(seen) <= 20) and time.monotonic() < start + 60:
            seen.add(tuple(_agree(shared_env)))
            held.note(environment)
            before = environment.people
            held.fold(environment, [])
            folds += environment.people is not before
    finally:
        stop.set()
        for each in writers:
            each.join()
    assert len(seen) > 20, "people changed between the counts"
    assert folds > 3, "the columns moved on meanwhile"
    assert _agree(shared_env)
