"""A draw gives what it fell on, or what the table says instead; the ledger tells it all."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from glu_admin import config as configs
from glu_admin.api.errors import ApiError
from glu_admin.webhooks import outbox
from glu_admin.webhooks.models import OutboxMessage
from rewards import award as awards
from rewards import coupons, fairness, ledger, odds, shown
from rewards.award import award
from rewards.models import CouponClaim, LedgerEntry, Reward, Stock
from rewards.tables import OutcomeDraft
from tests.factories import EndUserFactory
from tests.rewards.conftest import NOW, claimant, codes, fill

pytestmark = pytest.mark.django_db
COINS = OutcomeDraft("200 Coins", 1, "coins", amount=200, details={"currency": "coins"})


@pytest.fixture
def play(config, person):
    """One draw for the person, from a table, under a name that is unique in a test."""

    def played(table, name="one", *, at=NOW, by=person):
        return award(config, table, claimant(by, name), now=at)

    return played


@pytest.fixture
def coupon(pool):
    return OutcomeDraft(
        "20% off",
        1,
        "coupons",
        body="Today only",
        terms=["Once a person", "Not with others"],
        pool_id=pool.id,
    )


@pytest.fixture
def coupon_table(launch, pool, coupon, nothing):
    """A launched table of one coupon, whose pool holds these lines, and the fallback."""

    def launched(lines, *, header="code", fallback=nothing, **changes):
        fill(pool, lines, header=header)
        return launch(replace(coupon, **changes), fallback)

    return launched


def test_a_win_is_a_reward_an_entry_and_a_message(launch, play, person, nothing):
    table = launch(COINS, nothing)

    won = play(table)

    reward, entry = Reward.objects.get(), LedgerEntry.objects.get()
    assert won.reward_id == reward.id
    assert (reward.state, reward.user, reward.variant_id) == ("won", person, table.variants[0].id)
    assert (entry.reward, entry.user, entry.kind) == (reward, person, "award")
    assert (entry.reward_type, entry.amount, entry.at) == ("coins", 200, NOW)
    assert OutboxMessage.objects.get().subject_id == reward.id


def test_the_ticket_can_be_recomputed(launch, config, person, nothing):
    table = launch(COINS, replace(nothing, weight=3))

    for n in range(20):
        who = claimant(person, f"play {n}")
        drawn = award(config, table, who, now=NOW)
        proof = fairness.prove(table.seed.hex(), table.commitment, str(who.reward_user_id), table.weights)
        assert (proof.ticket, table.variants[proof.position]) == (drawn.ticket, drawn.drawn)
        assert odds.pick(table.weights, drawn.ticket) == drawn.drawn.position


def test_no_prize_writes_nothing(launch, play, nothing):
    won = play(launch(replace(nothing, weight=1)))

    assert won.reward_id is None
    assert not won.variant.is_prize
    assert not any(each.objects.exists() for each in (Reward, LedgerEntry, OutboxMessage))


def test_a_coupon_win_takes_few_statements(coupon_table, play, django_assert_max_num_queries):
    table = coupon_table(codes(100))

    with django_assert_max_num_queries(3):
        play(table)


def test_a_coupon_is_claimed_and_shown_to_its_winner(coupon_table, play, config, person):
    table = coupon_table(["SAVE-20,2027-01-31,SMS"], header="code,expires_at,channel")

    won = play(table)

    reward = shown.show(config, [won.reward_id])[won.reward_id]
    assert (reward.code, reward.name, reward.body) == ("SAVE-20", "20% off", "Today only")
    assert reward.terms == ("Once a person", "Not with others")
    assert reward.details == {"channel": "SMS"}
    assert reward.expires_at == datetime(2027, 2, 1, tzinfo=UTC)
    assert (reward.status, reward.state) == ("redeemable-unseen", "won")
    assert reward.user_id == person.user_id
    assert reward == won.reward  # which nobody had to read again
    assert "SAVE-20" not in repr(won)


def test_a_pool_that_has_run_out_gives_the_fallback(coupon_table, play):
    table = coupon_table(codes(1))
    play(table, "first")

    second = play(table, "second")

    assert second.drawn.name == "20% off"
    assert second.variant.is_fallback
    assert second.reward_id is None
    assert Reward.objects.count() == CouponClaim.objects.count() == 1


def test_a_fallback_that_is_a_prize_is_a_reward(coupon_table, play):
    table = coupon_table(codes(1), fallback=replace(COINS, weight=0, is_fallback=True))
    play(table, "first")

    second = play(table, "second")

    assert Reward.objects.get(id=second.reward_id).variant.name == "200 Coins"


def test_what_has_run_out_leaves_the_chances_of_the_rest_alone(launch, play, nothing):
    table = launch(
        replace(COINS, name="A", weight=30, stock_limit=5),
        replace(COINS, name="B", weight=30),
        replace(nothing, weight=40),
    )

    drawn = [play(table, str(n)) for n in range(200)]

    b_drawn = [each for each in drawn if each.drawn.name == "B"]
    assert [each.variant.name for each in drawn].count("A") == 5
    assert all(each.variant.name == "B" for each in b_drawn)
    assert len([e for e in drawn if e.variant.name == "B"]) == len(b_drawn)


def test_stock_is_counted_across_versions_and_never_overshoots(launch, play, nothing):
    table = launch(replace(COINS, stock_limit=2), nothing)

    won = [play(table, str(n)).reward_id for n in range(4)]

    assert [bool(each) for each in won] == [True, True, False, False]
    assert Stock.objects.get().issued == 2


def test_a_code_goes_back_when_the_stock_beside_it_is_used_up(coupon_table, play, pool):
    table = coupon_table(codes(10), stock_limit=1)

    play(table, "first")
    second = play(table, "second")

    assert second.variant.is_fallback
    assert CouponClaim.objects.count() == 1
    assert coupons.left(pool.id, now=NOW) == 9


def test_the_same_activity_is_never_rewarded_twice(launch, play, nothing):
    table = launch(COINS, nothing)
    play(table)

    with pytest.raises(IntegrityError, match="one_reward_an_activity"), transaction.atomic():
        play(table)


LATE = datetime(2027, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "coupon_ends", "ends"),
    [
        ({}, None, None),
        ({}, LATE, LATE),
        ({"expiry": "relative", "expires_after_days": 7}, None, NOW + timedelta(days=7)),
        ({"expiry": "relative", "expires_after_days": 7}, LATE, NOW + timedelta(days=7)),
        ({"expiry": "relative", "expires_after_days": 900}, LATE, LATE),
        ({"expiry": "fixed", "expires_at": LATE}, None, LATE),
        ({"expiry": "fixed", "expires_at": LATE}, NOW + timedelta(days=1), NOW + timedelta(days=1)),
        ({"expiry": "never", "expires_at": LATE}, None, None),
    ],
)
def test_a_reward_ends_by_its_rule_or_with_its_coupon(launch, nothing, rule, coupon_ends, ends):
    variant = launch(replace(COINS, **rule), nothing).variants[0]

    assert awards.expiry(variant, coupons.ClaimedCoupon(1, "CODE", coupon_ends, {}), NOW) == ends


@pytest.fixture
def reward_id(launch, play, nothing):
    return play(launch(COINS, nothing)).reward_id


def test_a_reward_is_seen_once_and_only_by_its_owner(config, test_env, person, reward_id):
    stranger = EndUserFactory(environment=test_env)
    with pytest.raises(ApiError) as refusal:
        shown.mark_seen(config, stranger.pk, reward_id, now=NOW)
    assert (refusal.value.status, refusal.value.code) == (404, "reward_not_found")

    shown.mark_seen(config, person.pk, reward_id, now=NOW)
    shown.mark_seen(config, person.pk, reward_id, now=NOW + timedelta(days=1))

    assert Reward.objects.get().seen_at == NOW
    assert shown.show(config, [reward_id])[reward_id].status == "redeemable-seen"


def test_redeeming_writes_the_opposite_entry(config, person, reward_id):
    ledger.see(config, person.pk, reward_id, now=NOW)

    ledger.move(config, reward_id, Reward.State.REDEEMED, now=NOW)

    assert list(LedgerEntry.objects.order_by("id").values_list("kind", "amount")) == [
        ("award", 200),
        ("redeem", -200),
    ]


ALL = ["won", "seen", "redeemed", "expired", "revoked"]
GRAPH = {
    "won": {"seen", "expired", "revoked"},
    "seen": {"redeemed", "expired", "revoked"},
    "redeemed": {"revoked"},
    "expired": set(),
    "revoked": set(),
}


@pytest.mark.parametrize("before", ALL)
@pytest.mark.parametrize("after", ALL)
def test_states_move_along_the_graph_only(config, reward_id, before, after):
    route = {"won": [], "redeemed": ["seen", "redeemed"]}.get(before, [before])
    for state in route:
        Reward.objects.filter(id=reward_id).update(state=state)

    allowed = after == before or after in GRAPH[before]
    if not allowed:
        with pytest.raises(DatabaseError, match="can't go"), transaction.atomic():
            Reward.objects.filter(id=reward_id).update(state=after)
    elif after != before:
        Reward.objects.filter(id=reward_id).update(state=after)
    if after in ledger.BEFORE and after != "seen" and not allowed:
        with pytest.raises(ledger.NotPossible):
            ledger.move(config, reward_id, Reward.State(after), now=NOW)


def test_nothing_of_a_reward_changes_but_its_state(test_env, reward_id):
    other = EndUserFactory(environment=test_env)

    for change in ({"user": other}, {"transaction_id": "x"}, {"details": {}}, {"expires_at": NOW}):
        with pytest.raises(DatabaseError, match="only the state"), transaction.atomic():
            Reward.objects.filter(id=reward_id).update(**change)


@pytest.mark.usefixtures("reward_id")
def test_the_ledger_is_append_only_by_sql_too():
    for statement in (
        "UPDATE rewards_ledgerentry SET amount = 1000000",
        "DELETE FROM rewards_ledgerentry",
        "UPDATE rewards_ledgerentry SET at = now() - interval '1 year'",
    ):
        refused = pytest.raises(DatabaseError, match="never changed")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_wallet_is_one_statement_and_shows_the_newest_first(
    coupon_table, play, config, person, django_assert_num_queries
):
    table = coupon_table(codes(10), expiry="relative", expires_after_days=1)
    for n in range(5):
        play(table, f"mine {n}", at=NOW + timedelta(hours=n))
    play(table, "theirs", by=EndUserFactory(environment=person.environment))

    with django_assert_num_queries(1):
        wallet = shown.of_person(config, person.pk, now=NOW + timedelta(hours=25))

    assert [each.transaction_id for each in wallet] == [f"mine {n}" for n in (4, 3, 2, 1, 0)]
    assert [each.state for each in wallet] == ["won", "won", "won", "expired", "expired"]
    assert len({each.code for each in wallet}) == 5


def test_another_environment_shows_nothing(live_env, person, reward_id):
    live = configs.get(live_env.id)

    assert shown.show(live, [reward_id]) == {}
    assert shown.of_person(live, person.pk, now=NOW) == []
    with pytest.raises(ledger.NotPossible):
        ledger.move(live, reward_id, Reward.State.REVOKED, now=NOW)
    with pytest.raises(ledger.NotPossible):
        ledger.see(live, person.pk, reward_id, now=NOW)


def test_the_webhook_holds_the_contracts_14_keys_in_order(coupon_table, play, config, person):
    table = coupon_table(["SAVE-20"], expiry="fixed", expires_at=LATE, details={"category": "drinks"})
    won = play(table, "tx-1")

    body = outbox.body_of(config, "reward.won", won.reward_id)

    assert list(body.items()) == [
        ("campaignId", str(claimant(person).campaign_id)),
        ("type", "spinthewheel"),
        ("rewardType", "coupons"),
        ("userId", person.user_id),
        ("rewardId", str(won.reward_id)),
        ("status", "redeemable-unseen"),
        ("transactionId", "tx-1"),
        ("rewardName", "20% off"),
        ("rewardAmount", None),
        ("body", "Today only"),
        ("rewardExpiry", 1811808000),
        ("tnc", ["Once a person", "Not with others"]),
        ("code", "SAVE-20"),
        ("details", {"category": "drinks"}),
    ]


def test_a_webhook_without_code_terms_or_expiry_says_so(config, reward_id):
    body = outbox.body_of(config, "reward.won", reward_id)

    assert body["code"] is None
    assert body["tnc"] == ["NA"]
    assert body["rewardExpiry"] == -1
    assert body["rewardAmount"] == 200
    assert body["details"] == {"currency": "coins"}


def test_a_visitor_is_named_by_the_anonymous_id(launch, play, config, test_env, nothing):
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="anon-7")
    won = play(launch(COINS, nothing), by=visitor)

    assert outbox.body_of(config, "reward.won", won.reward_id)["userId"] == "anon-7"


def test_a_reward_of_another_environment_has_no_body(live_env, reward_id):
    assert outbox.body_of(configs.get(live_env.id), "reward.won", reward_id) is None
    assert outbox.body_of(configs.get(live_env.id), "reward.won", uuid.uuid4()) is None
