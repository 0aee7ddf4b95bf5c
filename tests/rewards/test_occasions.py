"""A table may reward several things: each draw is among the outcomes of one, by their weights alone."""

import uuid
from collections import Counter
from dataclasses import replace

import pytest

from rewards import award as awards
from rewards import fairness, odds, tables
from rewards.outcomes import FrozenVariant, Lot, TableError, digest
from rewards.tables import OutcomeDraft
from tests.rewards.conftest import NOW, claimant

pytestmark = pytest.mark.django_db
GOLD = OutcomeDraft("100 points", 1, "points", amount=100, occasion="gold")
SILVER = OutcomeDraft("20 points", 3, "points", amount=20, occasion="silver")
TINY = OutcomeDraft("5 points", 1, "points", amount=5, occasion="silver")


def told(test_env, *outcomes):
    table = tables.new_table(test_env, outcomes)
    return [(problem.field, problem.message) for problem in tables.check(table, now=NOW)]


def test_a_table_is_told_apart_by_occasion(launch, nothing):
    table = launch(SILVER, GOLD, TINY, nothing)

    assert [each.name for each in table.among("silver")] == ["20 points", "5 points"]
    assert [each.name for each in table.among("gold")] == ["100 points"]
    assert [each.name for each in table.among()] == [nothing.name]
    assert (table.lot("silver").weights, table.lot("silver").total) == ((3, 1), 4)
    assert table.lot("bronze") == Lot()


def test_only_an_occasion_with_a_chance_can_be_drawn(launch, nothing):
    table = launch(SILVER, nothing)

    assert table.drawable(("gold", "silver")) == "silver"
    assert table.drawable(("gold", "")) is None
    assert table.drawable(()) is None


@pytest.mark.parametrize("way", [awards.award, awards.promise])
def test_a_draw_is_among_the_outcomes_of_its_occasion(launch, config, person, nothing, way):
    table = launch(GOLD, SILVER, replace(nothing, weight=9), TINY)
    seen = Counter()

    for n in range(60):
        who = claimant(person, f"{way.__name__} {n}")
        drawn = way(config, table, who, now=NOW, occasion="silver")
        ticket = fairness.ticket(table.seed, str(who.reward_user_id), 4)
        assert drawn.ticket == ticket
        assert drawn.drawn == table.among("silver")[odds.pick([3, 1], ticket)]
        seen[drawn.drawn.name] += 1

    assert set(seen) == {"20 points", "5 points"}


def test_without_a_word_the_draw_is_among_the_outcomes_without_an_occasion(launch, config, person, nothing):
    table = launch(GOLD, replace(nothing, weight=1))

    assert awards.award(config, table, claimant(person), now=NOW).drawn.name == nothing.name


def test_the_one_fallback_stands_in_for_every_occasion(launch, config, person, nothing):
    table = launch(replace(GOLD, stock_limit=1), SILVER, nothing)

    first, second = (
        awards.award(config, table, claimant(person, name), now=NOW, occasion="gold")
        for name in ("one", "two")
    )

    assert (first.variant.name, second.variant.name) == ("100 points", nothing.name)
    assert second.drawn.name == "100 points"


def test_every_occasion_needs_a_chance(test_env, nothing):
    assert told(test_env, GOLD, SILVER, nothing) == []
    assert told(test_env, replace(GOLD, weight=0), SILVER, nothing) == [
        ("outcomes", "At least one outcome of “gold” needs a chance above 0.")
    ]
    assert told(test_env, replace(GOLD, occasion="", weight=0), SILVER, nothing) == [
        ("outcomes", "At least one outcome needs a chance above 0.")
    ]
    assert told(test_env, nothing) == [("outcomes", "At least one outcome needs a chance above 0.")]


def test_an_occasion_is_short(test_env, nothing):
    with pytest.raises(TableError, match="40 characters") as caught:
        tables.new_table(test_env, [replace(GOLD, occasion="x" * 41), nothing])

    assert caught.value.field == "outcomes.0.occasion"


def test_versions_and_drafts_keep_occasions(test_env, nothing):
    outcomes = (GOLD, SILVER, nothing)
    table = tables.freeze(tables.new_table(test_env, outcomes), now=NOW)

    assert tables.drafts(table) == tables.drafts(tables.next_version(table)) == outcomes


def test_a_table_of_before_there_were_occasions_keeps_its_hash():
    one = FrozenVariant(
        id=uuid.UUID(int=1),
        position=0,
        name="10 coins",
        weight=3,
        reward_type="coins",
        amount=10,
        body="",
        terms=("Once",),
        details={"a": 1},
        deep_link="",
        pool_id=None,
        stock_id=None,
        is_fallback=False,
        expiry="never",
        expires_at=None,
        expires_after_days=None,
    )

    assert digest([one]) == "9f2129be3f277e287a8aec5a80500289473a578ad66c175a3995e9656e426293"
    assert digest([replace(one, occasion="gold")]) != digest([one])
