"""Tables are edited as drafts; from the launch on nothing can change them, by code or by SQL."""

import threading
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, close_old_connections, connection, transaction

from glu_admin.workspaces.models import AuditEntry
from rewards import fairness, tables
from rewards.models import RewardTable, Stock, Variant
from rewards.tables import OutcomeDraft, TableError
from tests.rewards.conftest import ACTOR, NOW, codes, fill

COINS = OutcomeDraft("10 coins", 3, "coins", amount=10)
pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(test_env, nothing):
    return tables.new_table(test_env, [COINS, nothing])


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def refused(statement, *values):
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        sql(statement, *values)


def told(table, **options):
    return [(problem.field, problem.message) for problem in tables.check(table, now=NOW, **options)]


def test_a_draft_is_what_was_written(draft, nothing):
    assert tables.drafts(draft) == (COINS, nothing)


def test_a_frozen_table_publishes_a_commitment_to_its_secret_seed(draft, config):
    table = tables.freeze(draft, now=NOW)

    frozen = tables.load(config, [table.id])[table.id]

    assert fairness.commitment(frozen.seed) == frozen.commitment == table.commitment
    assert frozen.weights == (3, 0)
    assert frozen.total == 3
    assert frozen.fallback.name == "Better luck next time"
    assert frozen.variants[0].is_prize
    assert not frozen.fallback.is_prize
    assert frozen.seed.hex() not in repr(frozen)
    assert repr(frozen.seed) not in repr(frozen)
    assert len(table.digest) == 64


def test_the_digest_changes_with_any_outcome(test_env, nothing):
    digests = set()
    for outcome in (COINS, replace(COINS, weight=4), replace(COINS, body="now"), replace(COINS, amount=11)):
        digests.add(tables.freeze(tables.new_table(test_env, [outcome, nothing]), now=NOW).digest)

    assert len(digests) == 4


def test_only_frozen_tables_of_the_environment_are_loaded(draft, config, live_env, nothing):
    stranger = tables.freeze(tables.new_table(live_env, [COINS, nothing]), now=NOW)

    assert tables.load(config, [draft.id, stranger.id, uuid.uuid4()]) == {}


def test_many_tables_are_loaded_by_two_queries(test_env, config, nothing, django_assert_num_queries):
    ids = [tables.freeze(tables.new_table(test_env, [COINS, nothing]), now=NOW).id for _ in range(5)]

    with django_assert_num_queries(2):
        assert len(tables.load(config, ids)) == 5


def test_no_code_changes_a_frozen_table(draft):
    table = tables.freeze(draft, now=NOW)

    with pytest.raises(TableError, match="frozen"):
        tables.replace_outcomes(table, [COINS])
    with pytest.raises(TableError, match="frozen"):
        tables.freeze(table, now=NOW)


def test_no_sql_changes_a_frozen_table(draft):
    table = tables.freeze(draft, now=NOW)
    other = RewardTable.objects.create(environment_id=table.environment_id)
    loose = Variant.objects.create(
        environment_id=table.environment_id, table=other, position=9, name="x", weight=1, reward_type="coins"
    )

    refused("UPDATE rewards_variant SET weight = 99 WHERE table_id = %s", table.id)
    refused("UPDATE rewards_variant SET table_id = %s WHERE table_id = %s", other.id, table.id)
    refused("UPDATE rewards_variant SET table_id = %s WHERE id = %s", table.id, loose.id)
    refused("DELETE FROM rewards_variant WHERE table_id = %s", table.id)
    refused(
        "INSERT INTO rewards_variant (id, environment_id, table_id, position, name, weight, is_fallback,"
        " reward_type, body, terms, details, deep_link, expiry)"
        " SELECT gen_random_uuid(), environment_id, %s, 7, name, 50, false, reward_type, body, terms,"
        " details, deep_link, expiry FROM rewards_variant WHERE id = %s",
        table.id,
        loose.id,
    )
    for change in (
        "commitment = 'x'",
        "digest = 'x'",
        "sealed_seed = 'x'",
        "frozen_at = NULL",
        "version = 9",
    ):
        refused(f"UPDATE rewards_rewardtable SET {change} WHERE id = %s", table.id)
    refused("DELETE FROM rewards_rewardtable WHERE id = %s", table.id)


def test_a_stated_maintenance_may_remove_a_frozen_table(draft):
    table = tables.freeze(draft, now=NOW)

    sql("SET LOCAL glu.maintenance = 'on'")
    table.delete()

    assert not Variant.objects.exists()


def test_a_version_retires_once_and_then_shows_its_seed(draft):
    table = tables.freeze(draft, now=NOW)
    with pytest.raises(TableError):
        tables.revealed_seed(table)

    tables.retire(table, now=NOW)
    tables.retire(table, now=NOW + timedelta(days=1))

    assert table.retired_at == NOW
    assert fairness.commitment(bytes.fromhex(tables.revealed_seed(table))) == table.commitment
    refused("UPDATE rewards_rewardtable SET retired_at = NULL WHERE id = %s", table.id)


def test_the_next_version_is_a_draft_that_shares_stock(test_env, nothing):
    first = tables.new_table(test_env, [replace(COINS, stock_limit=5), nothing])
    tables.freeze(first, now=NOW)

    second = tables.next_version(first)
    tables.replace_outcomes(second, [replace(COINS, weight=1, stock_limit=8), nothing])

    assert (second.version, second.frozen_at) == (2, None)
    assert Stock.objects.get().limit == 8
    assert first.variants.get(position=0).stock == second.variants.get(position=0).stock


def test_a_renamed_outcome_keeps_its_stock_by_the_id(test_env, nothing):
    table = tables.new_table(test_env, [replace(COINS, stock_limit=5), nothing])

    tables.replace_outcomes(table, [replace(tables.drafts(table)[0], name="Ten coins"), nothing])

    assert Stock.objects.count() == 1


def test_two_outcomes_of_one_name_never_share_a_stock(test_env, nothing):
    twins = [replace(COINS, stock_limit=5), replace(COINS, stock_limit=6), nothing]
    table = tables.new_table(test_env, twins)

    tables.replace_outcomes(table, twins)

    assert sorted(draft.stock_limit for draft in tables.drafts(table)[:2]) == [5, 6]


def test_a_stock_of_another_campaign_can_not_be_taken_over(test_env, nothing):
    other = tables.new_table(test_env, [replace(COINS, stock_limit=5), nothing])
    foreign = tables.drafts(other)[0].stock_id

    table = tables.new_table(test_env, [replace(COINS, stock_limit=500, stock_id=foreign), nothing])

    assert tables.drafts(table)[0].stock_id != foreign
    assert Stock.objects.get(id=foreign).limit == 5


def test_a_live_stock_can_be_raised_and_the_audit_says_who(test_env, nothing):
    table = tables.freeze(tables.new_table(test_env, [replace(COINS, stock_limit=5), nothing]), now=NOW)
    stock = Stock.objects.get()
    Stock.objects.update(issued=4)

    tables.change_stock(test_env, stock.id, 50, ACTOR)

    assert tables.drafts(table)[0].stock_limit == 50
    assert AuditEntry.objects.get(action="stock.change").changes == {"limit": [5, 50]}
    with pytest.raises(TableError, match="4 are won"):
        tables.change_stock(test_env, stock.id, 3, ACTOR)


def test_a_stock_of_another_environment_does_not_exist(test_env, live_env, nothing):
    tables.new_table(test_env, [replace(COINS, stock_limit=5), nothing])

    with pytest.raises(TableError, match="does not exist"):
        tables.change_stock(live_env, Stock.objects.get().id, 50, ACTOR)


def test_a_complete_table_has_no_problems(draft):
    assert told(draft) == []


@pytest.mark.parametrize(
    ("outcome", "field"),
    [
        (replace(COINS, name="  "), "outcomes.0.name"),
        (replace(COINS, amount=None), "outcomes.0.amount"),
        (replace(COINS, stock_limit=0), "outcomes.0.stock_limit"),
        (OutcomeDraft("20% off", 1, "coupons"), "outcomes.0.pool_id"),
        (replace(COINS, expiry="fixed", expires_at=NOW), "outcomes.0.expires_at"),
        (replace(COINS, expiry="relative"), "outcomes.0.expires_after_days"),
        (replace(COINS, deep_link="javascript:alert(1)"), "outcomes.0.deep_link"),
        (replace(COINS, deep_link="/just/a/path"), "outcomes.0.deep_link"),
        (OutcomeDraft("None", 1, "noReward", stock_limit=3), "outcomes.0.reward_type"),
        (replace(COINS, weight=0), "outcomes"),
    ],
)
def test_what_is_missing_forbids_the_launch(test_env, nothing, outcome, field):
    table = tables.new_table(test_env, [outcome, nothing])

    assert [problem.field for problem in tables.check(table, now=NOW)] == [field]
    with pytest.raises(TableError):
        tables.freeze(table, now=NOW)


def test_a_table_needs_outcomes_and_a_fallback(test_env):
    assert told(tables.new_table(test_env, [])) == [("outcomes", "Add at least one outcome.")]
    assert told(tables.new_table(test_env, [COINS])) == [
        ("outcomes", "Say which outcome is given when another has run out.")
    ]


def test_an_empty_pool_forbids_the_launch_until_codes_are_added(test_env, pool, nothing):
    table = tables.new_table(test_env, [OutcomeDraft("20% off", 1, "coupons", pool_id=pool.id), nothing])

    assert [field for field, _ in told(table)] == ["outcomes.0.pool_id"]
    fill(pool, codes(1))
    assert told(table) == []


def test_links_follow_the_schemes_that_the_environment_lists(test_env, nothing):
    links = {"https://shop.example": True, "brewline://menu": True, "other://menu": False}
    test_env.deep_link_schemes = ["brewline"]
    test_env.save()

    for link, fine in links.items():
        table = tables.new_table(test_env, [replace(COINS, deep_link=link), nothing])
        assert (told(table) == []) is fine


@pytest.mark.parametrize(
    ("outcome", "field"),
    [
        (replace(COINS, name="x" * 81), "outcomes.0.name"),
        (replace(COINS, name="a\0b"), "outcomes.0.name"),
        (replace(COINS, body="\ud800"), "outcomes.0.body"),
        (replace(COINS, terms=["a\0"]), "outcomes.0.terms"),
        (replace(COINS, terms=["x" * 501]), "outcomes.0.terms"),
        (replace(COINS, details={"a": "\0"}), "outcomes.0.details"),
        (replace(COINS, details={"a": "\ud800"}), "outcomes.0.details"),
        (replace(COINS, details={"a": object()}), "outcomes.0.details"),
        (replace(COINS, details={"a": "x" * 20_000}), "outcomes.0.details"),
        (replace(COINS, weight=-1), "outcomes.0.weight"),
        (replace(COINS, weight=2**31), "outcomes.0.weight"),
        (replace(COINS, amount=-1), "outcomes.0.amount"),
        (replace(COINS, amount=2**63), "outcomes.0.amount"),
        (replace(COINS, reward_type="car"), "outcomes.0.reward_type"),
        (replace(COINS, expiry="soon"), "outcomes.0.expiry"),
        (replace(COINS, expires_after_days=0), "outcomes.0.expires_after_days"),
        (replace(COINS, pool_id=uuid.uuid4()), "outcomes.0.pool_id"),
        (replace(COINS, is_fallback=True, stock_limit=3), "outcomes.0.is_fallback"),
    ],
)
def test_what_can_not_be_stored_is_refused_by_field(test_env, outcome, field):
    with pytest.raises(TableError) as refusal:
        tables.new_table(test_env, [outcome])

    assert refusal.value.field == field
    assert not RewardTable.objects.exists()


def test_a_pool_of_another_environment_does_not_exist(live_env, pool, nothing):
    with pytest.raises(TableError, match="does not exist"):
        tables.new_table(live_env, [replace(COINS, pool_id=pool.id), nothing])


def test_only_one_outcome_is_the_fallback(test_env, nothing):
    with pytest.raises(TableError, match="Only one"):
        tables.new_table(test_env, [nothing, nothing])


@pytest.mark.django_db(transaction=True)
def test_an_outcome_that_is_added_during_a_freeze_is_refused(draft):
    begun, outcome = threading.Event(), []

    def add_one():
        begun.set()
        try:
            Variant.objects.create(
                environment_id=draft.environment_id,
                table=draft,
                position=5,
                name="late",
                weight=9,
                reward_type="coins",
            )
            outcome.append("added")
        except DatabaseError as error:
            outcome.append("frozen" if "frozen" in str(error) else str(error))
        finally:
            close_old_connections()
            connection.close()

    with transaction.atomic():
        tables.freeze(draft, now=NOW)
        late = threading.Thread(target=add_one)
        late.start()
        begun.wait(5)
        late.join(0.5)
        assert not outcome, "the insert did not wait for the freeze"
    late.join(10)

    assert outcome == ["frozen"]
    assert draft.variants.count() == 2
