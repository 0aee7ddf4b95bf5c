"""The engine by itself: days, versions, odds, what it costs, and what it leaves when it fails."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns import catalog, engine, entries, publishing
from campaigns.models import Campaign, Participation, Play
from glu_admin import config
from glu_admin.api.errors import ApiError
from glu_admin.webhooks.models import OutboxMessage
from glu_admin.workspaces.audit import Actor
from rewards import coupons, fairness, odds, tables
from rewards.models import CouponClaim, LedgerEntry, Reward, Variant
from rewards.tables import OutcomeDraft
from tests.factories import EndUserFactory, identity_of, launched_campaign, wheel_draft
from tests.rewards.conftest import fill

pytestmark = pytest.mark.django_db
TESTER = Actor("a test")


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1")


def play(person, campaign, key, now=None):
    now = now or timezone.now()
    return engine.act(identity_of(person), str(campaign.id), key=key, body={}, now=now)


def refusal(person, campaign, key, now):
    with pytest.raises(ApiError) as refused:
        play(person, campaign, key, now)
    return refused.value.code


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "instants"),
    [
        # 2026-04-23 in Cairo ends at 24:00, which is 01:00 of the 24th
        ("Africa/Cairo", (utc(2026, 4, 23, 8), utc(2026, 4, 23, 21, 59, 59), utc(2026, 4, 23, 22))),
        ("Asia/Beirut", (utc(2026, 3, 28, 8), utc(2026, 3, 28, 21, 59, 59), utc(2026, 3, 28, 22))),
        # Havana has the hour from 00:00 to 01:00 of 2026-11-01 twice: it is one day all the same
        ("America/Havana", (utc(2026, 11, 1, 4), utc(2026, 11, 2, 4, 59, 59), utc(2026, 11, 2, 5))),
        # New York's 2026-11-01 has 25 hours
        ("America/New_York", (utc(2026, 11, 1, 4), utc(2026, 11, 2, 4, 59, 59), utc(2026, 11, 2, 5))),
        ("Asia/Kathmandu", (utc(2026, 5, 1, 0), utc(2026, 5, 1, 18, 14, 59), utc(2026, 5, 1, 18, 15))),
    ],
)
def test_one_play_a_day_follows_the_campaign_s_calendar(test_env, person, zone, instants):
    first, last_of_day, first_of_next = instants
    launched = utc(2026, 1, 1)
    campaign = launched_campaign(test_env, plays_a_day=1, time_zone=zone, now=launched)

    answer = play(person, campaign, "key-1", first)

    assert answer["nextPlayAt"] == f"{first_of_next:%Y-%m-%dT%H:%M:%SZ}"
    assert refusal(person, campaign, "key-2", last_of_day) == "no_plays_today"
    assert play(person, campaign, "key-3", first_of_next)["playsLeftToday"] == 0
    days = Play.objects.order_by("attempt").values_list("local_day", flat=True)
    assert days[1] - days[0] == timedelta(days=1)


def test_a_server_clock_set_back_over_midnight_gives_no_second_play(test_env, person):
    campaign = launched_campaign(test_env, plays_a_day=1, now=utc(2026, 1, 1))
    play(person, campaign, "key-1", utc(2026, 3, 2, 0, 10))

    assert refusal(person, campaign, "key-2", utc(2026, 3, 1, 23, 50)) == "no_plays_today"
    assert Participation.objects.get().day == date(2026, 3, 2)


def test_counters_and_state_stand_on_the_participation(test_env, person):
    campaign = launched_campaign(test_env, weights=(0, 1, 0, 1), now=utc(2026, 1, 1))
    answers = [play(person, campaign, f"key-{n}", utc(2026, 3, 1 + n // 3)) for n in range(5)]

    row = Participation.objects.get()

    assert (row.plays, row.plays_on_day, row.day) == (5, 2, date(2026, 3, 2))
    assert row.wins == sum(answer["won"] for answer in answers) == Reward.objects.count()
    assert OutboxMessage.objects.count() == Reward.objects.count()


def test_every_draw_can_be_recomputed_when_the_seed_is_revealed(test_env, person):
    campaign = launched_campaign(test_env)
    answers = [play(person, campaign, f"key-{n}") for n in range(20)]
    ended = publishing.end(campaign, TESTER)

    seed = bytes.fromhex(tables.revealed_seed(ended.table))
    weights = [each.weight for each in tables.drafts(ended.table)]

    assert {answer["fairness"]["commitment"] for answer in answers} == {hashlib.sha256(seed).hexdigest()}
    for attempt, answer in enumerate(answers, start=1):
        name = str(entries.reward_user_id(campaign.id, person.glu_id, attempt))
        ticket = fairness.ticket(seed, name, sum(weights))
        assert (answer["rewardUserId"], answer["fairness"]["ticket"]) == (name, ticket)
        assert answer["outcome"]["position"] == odds.pick(weights, ticket)


def test_the_wheel_stops_at_the_outcome_that_was_drawn(test_env, person):
    campaign = launched_campaign(test_env)

    for number in range(10):
        answer = play(person, campaign, f"key-{number}")
        assert answer["reveal"] == {"slice": answer["outcome"]["position"]}


def test_names_of_attempts_and_transactions_are_the_same_for_ever(test_env, person):
    campaign = launched_campaign(test_env, weights=(0, 1, 0, 0))
    opened = config.get(test_env.id)

    answer = play(person, campaign, "key-1")

    assert answer["reward"]["transactionId"] == entries.transaction_id(opened, campaign.id, person.glu_id, 1)
    names = {entries.transaction_id(opened, campaign.id, person.glu_id, n) for n in (1, 2, 3)}
    assert len(names) == 3
    assert all(len(name) == 43 and name.replace("-", "").replace("_", "").isalnum() for name in names)


def statements(act):
    with CaptureQueriesContext(connection) as queries:
        act()
    ours = ("users_enduser", "campaigns_", "rewards_", "webhooks_")
    return [each["sql"] for each in queries if any(name in each["sql"] for name in ours)]


def test_a_play_takes_two_statements_and_so_does_a_repetition(test_env, person):
    campaign = launched_campaign(test_env, weights=(1, 0, 0, 0))
    identity = identity_of(person)
    catalog.of(identity.config)
    play(person, campaign, "key-1")

    def again(key):
        return engine.act(identity, str(campaign.id), key=key, body={}, now=timezone.now())

    # what is so; coupon, reward, ledger, message, play and progress
    assert len(statements(lambda: again("key-2"))) == 2
    # what is so; the code
    assert len(statements(lambda: again("key-2"))) == 2


def test_a_first_play_makes_its_participation_in_the_same_two(test_env, person):
    campaign = launched_campaign(test_env, weights=(1, 0, 0, 0))
    identity = identity_of(person)
    catalog.of(identity.config)

    first = statements(
        lambda: engine.act(identity, str(campaign.id), key="key-1", body={}, now=timezone.now())
    )

    assert len(first) == 2
    assert Participation.objects.get().plays == 1


WHAT_A_PLAY_LEAVES = {
    "a coupon": (1, 0, 0, 0),
    "points": (0, 1, 0, 0),
    "no prize": (0, 0, 0, 1),
}


@pytest.mark.parametrize("stock", [None, 5], ids=["endless", "of a stock"])
@pytest.mark.parametrize("weights", WHAT_A_PLAY_LEAVES.values(), ids=WHAT_A_PLAY_LEAVES)
def test_a_play_step_by_step_leaves_what_one_at_once_leaves(test_env, monkeypatch, weights, stock):
    """Both ways write the same rows, but for names, times and the code that it happened to be."""
    now, left = timezone.now(), []
    for way in (engine._at_once, engine._step_by_step):
        campaign = with_stock(launched_campaign(test_env, weights=weights), stock)
        person = EndUserFactory(environment=test_env)
        monkeypatch.setattr(engine, "_at_once", way)
        answers = [play(person, campaign, f"key-{n}", now) for n in range(2)]
        left.append([shape(campaign, person, answer) for answer in answers])

    assert left[0] == left[1]


def with_stock(campaign, limit):
    draft = publishing.draft_of(campaign)
    outcomes = tuple(
        replace(each, stock_limit=None if each.is_fallback else limit) for each in draft.outcomes
    )
    return publishing.revise(campaign, replace(draft, outcomes=outcomes), TESTER)


def shape(campaign, person, answer):
    """Everything that a play leaves behind, without what differs from one play to the next."""
    row = Play.objects.get(id=answer["playId"])
    rewards = Reward.objects.filter(id=row.reward_id).values(
        "state", "details", "expires_at", "campaign_type", "won_at"
    )
    entries_of = LedgerEntry.objects.filter(reward_id=row.reward_id).values("kind", "reward_type", "amount")
    messages = OutboxMessage.objects.filter(subject_id=row.reward_id).values("kind")
    progress = Participation.objects.values("status", "plays", "plays_on_day", "wins", "state").get(
        user=person
    )
    stocks = Variant.objects.filter(table=campaign.table).values("stock__issued", "stock__limit")
    told = {
        key: value for key, value in answer.items() if key not in ("playId", "campaignId", "rewardUserId")
    }
    told["fairness"] = told["fairness"]["tableVersion"]
    told["outcome"] = answer["outcome"]["name"]
    if answer["reward"]:
        own = ("rewardId", "transactionId", "code")
        told["reward"] = {key: value for key, value in answer["reward"].items() if key not in own}
        told["has_code"] = bool(answer["reward"]["code"])
    return {
        "answer": told,
        "attempt": row.attempt,
        "version": row.campaign_version,
        "rewards": [each | {"won_at": each["won_at"] == row.played_at} for each in rewards],
        "entries": list(entries_of),
        "messages": list(messages),
        "progress": progress,
        "stocks": list(stocks),
    }


def test_what_the_coupon_s_row_says_completes_the_reward_and_its_answer(test_env, person):
    ends = datetime(2027, 2, 1, tzinfo=UTC)
    pool = coupons.create_pool(test_env, "20% off")
    fill(pool, ["SAVE-20,2027-01-31,SMS"], header="code,expires_at,channel")
    won = OutcomeDraft("20% off", 1, "coupons", details={"unit": "%"}, pool_id=pool.id)
    nothing = OutcomeDraft("Nothing", 0, "noReward", is_fallback=True)
    draft = replace(wheel_draft(test_env), outcomes=(won, nothing))
    campaign = publishing.launch(publishing.create(test_env, draft, TESTER), TESTER)

    answer = play(person, campaign, "key-1")

    assert (answer["reward"]["code"], answer["reward"]["details"]) == (
        "SAVE-20",
        {"unit": "%", "channel": "SMS"},
    )
    assert answer["reward"]["rewardExpiry"] == int(ends.timestamp())
    assert Reward.objects.get().expires_at == ends
    assert play(person, campaign, "key-1") == answer


def test_a_pool_that_ran_out_gives_the_fallback(test_env, person):
    campaign = launched_campaign(test_env, weights=(1, 0, 0, 0), codes=2)

    answers = [play(person, campaign, f"key-{n}") for n in range(4)]

    assert [answer["won"] for answer in answers] == [True, True, False, False]
    assert Participation.objects.get().wins == 2


def test_a_stock_that_ran_out_gives_the_fallback_and_no_code_is_lost(test_env, person):
    campaign = with_stock(launched_campaign(test_env, weights=(1, 0, 0, 0), codes=5), 2)

    answers = [play(person, campaign, f"key-{n}") for n in range(4)]

    assert [answer["won"] for answer in answers] == [True, True, False, False]
    assert CouponClaim.objects.count() == 2


def test_a_copy_in_memory_that_is_out_of_date_pays_by_the_database(test_env, person):
    campaign = launched_campaign(test_env, weights=(0, 0, 0, 1))
    stale = identity_of(person)
    catalog.of(stale.config)
    publishing.revise(campaign, wheel_draft(test_env, weights=(0, 1, 0, 0)), TESTER)

    answer = engine.act(stale, str(campaign.id), key="key-1", body={}, now=timezone.now())

    assert answer["outcome"]["name"] == "50 points"
    assert answer["fairness"]["tableVersion"] == 2
    assert Play.objects.get().campaign_version == 2


def test_a_copy_in_memory_from_before_a_pause_does_not_pay(test_env, person):
    campaign = launched_campaign(test_env)
    play(person, campaign, "key-1")
    stale = identity_of(person)
    catalog.of(stale.config)
    publishing.pause(campaign, TESTER)

    with pytest.raises(ApiError) as refused:
        engine.act(stale, str(campaign.id), key="key-2", body={}, now=timezone.now())

    assert refused.value.code == "campaign_paused"
    assert Play.objects.count() == 1


def test_a_campaign_that_is_gone_while_memory_still_knows_it_is_not_found(test_env, person):
    campaign = launched_campaign(test_env)
    stale = identity_of(person)
    catalog.of(stale.config)
    Campaign.objects.get().delete()

    with pytest.raises(ApiError) as refused:
        engine.act(stale, str(campaign.id), key="key-1", body={}, now=timezone.now())

    assert (refused.value.code, refused.value.status) == ("campaign_not_found", 404)


def test_an_answer_that_could_not_be_stored_gives_nothing(test_env, person):
    campaign = launched_campaign(test_env, weights=(1, 0, 0, 0))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_play ADD CONSTRAINT disk_is_full CHECK (false) NOT VALID")

    with pytest.raises(Exception, match="disk_is_full"):
        play(person, campaign, "key-1")

    assert not Reward.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert not Participation.objects.exists()
