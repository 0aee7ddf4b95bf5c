"""Plays at once: real connections, every order of steps that matters."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from campaigns import engine, publishing
from campaigns.models import Campaign, Participation, Play
from campaigns.strokes import Outrun
from glu_admin.api.errors import ApiError
from glu_admin.webhooks.models import OutboxMessage
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from rewards import coupons
from rewards.models import CouponClaim, CouponPool, LedgerEntry, Reward, Stock
from tests.campaigns.racing import Held, lock, sessions, wait_until_blocked
from tests.factories import EndUserFactory, identity_of, launched_campaign, token_of

pytestmark = pytest.mark.django_db(transaction=True)
TESTER = Actor("a test")
THREADS = 5  # each takes a connection of a pool of eight
HOLD_PARTICIPATION = "SELECT id FROM campaigns_participation FOR UPDATE"


@pytest.fixture
def environment(transactional_db):
    return keys.create_workspace("Brewline").environments.get(kind="test")


@pytest.fixture
def person(environment):
    return EndUserFactory(environment=environment, user_id="u_1")


def play(person, campaign, key="key-1"):
    """The answer, or the code of the refusal."""
    try:
        return engine.act(identity_of(person), str(campaign.id), key=key, body={}, now=timezone.now())
    except ApiError as refusal:
        return refusal.code


def given():
    """How much stands in each table that a won coupon leaves a row in."""
    return [table.objects.count() for table in (Play, Reward, LedgerEntry, CouponClaim, OutboxMessage)]


def test_500_plays_at_once_for_a_limit_of_one_give_exactly_one(environment, person):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0), codes=20, plays_in_all=1)
    path, token = f"/api/v1/campaigns/{campaign.id}/play", token_of(person)
    start = threading.Barrier(THREADS)

    def run(thread):
        app = Client()
        start.wait(10)
        try:
            return [
                app.post(
                    path,
                    "{}",
                    content_type="application/json",
                    headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f"{thread}-{turn}"},
                ).json()
                for turn in range(500 // THREADS)
            ]
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        answers = [answer for each in pool.map(run, range(THREADS)) for answer in each]

    codes = Counter(each["error"]["code"] if "error" in each else "played" for each in answers)
    assert codes == {"played": 1, "no_plays_left": 499}
    assert given() == [1] * 5
    assert Participation.objects.get().plays == 1


def test_two_keys_of_one_person_race_for_the_play_of_the_day(environment, person):
    campaign = launched_campaign(environment, plays_a_day=1)
    play(person, campaign, "yesterday")
    Participation.objects.update(plays_on_day=0)

    with sessions(3) as (holder, first, second):
        held = Held(holder, lock(HOLD_PARTICIPATION))
        answers = [first.run(play, person, campaign, "key-1"), second.run(play, person, campaign, "key-2")]
        wait_until_blocked(2)
        held.commit()
        results = [each.result(20) for each in answers]

    assert sorted(isinstance(each, dict) for each in results) == [False, True]
    assert "no_plays_today" in results


def test_the_same_key_twice_waits_and_reads_the_stored_answer(environment, person):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0))

    with sessions(2) as (first, second):
        one = Held(first, lambda: play(person, campaign))
        two = second.run(play, person, campaign)
        wait_until_blocked()
        answer = one.commit()
        again = two.result(20)

    assert answer == again
    assert answer["reward"]["code"]
    assert (Play.objects.count(), CouponClaim.objects.count()) == (1, 1)


def test_the_same_key_plays_if_the_first_one_came_to_nothing(environment, person):
    campaign = launched_campaign(environment)

    with sessions(2) as (first, second):
        one = Held(first, lambda: play(person, campaign))
        two = second.run(play, person, campaign)
        wait_until_blocked()
        lost = one.roll_back()
        answer = two.result(20)

    assert answer["playId"] != lost["playId"]
    assert answer["rewardUserId"] == lost["rewardUserId"]
    assert answer["fairness"] == lost["fairness"]  # no second chance at the draw
    assert Play.objects.count() == 1


def test_a_play_that_runs_for_too_long_is_told_to_the_next_one(environment, person):
    campaign = launched_campaign(environment)
    play(person, campaign, "before")

    with sessions(2) as (holder, other):
        held = Held(holder, lock(HOLD_PARTICIPATION))
        answer = other.run(play, person, campaign).result(20)
        held.commit()

    assert answer == "play_in_progress"
    assert Play.objects.count() == 1


def test_a_play_does_not_wait_for_ever_for_an_edit(environment, person):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0))
    play(person, campaign, "before")

    with sessions(2) as (marketer, player):
        pausing = Held(marketer, lambda: publishing.pause(campaign, TESTER))
        answer = player.run(play, person, campaign).result(20)
        pausing.roll_back()

    assert answer == "busy"
    assert given() == [1] * 5


def test_a_play_that_can_t_get_a_coupon_cursor_in_time_leaves_nothing(environment, person):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0))

    with sessions(2) as (holder, player):
        held = Held(holder, lock("SELECT id FROM rewards_couponcursor FOR UPDATE"))
        answer = player.run(play, person, campaign).result(20)
        held.commit()

    assert answer == "busy"
    assert given() == [0] * 5
    assert not Participation.objects.exists()


@pytest.mark.parametrize("plays_before", [0, 1])
@pytest.mark.parametrize("ends", ["commits", "rolls back"])
def test_whoever_waits_for_the_last_code_gets_it_if_its_holder_gives_it_back(
    environment, person, plays_before, ends
):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0), codes=plays_before + 1)
    for number in range(plays_before):
        play(person, campaign, f"before-{number}")
    other = EndUserFactory(environment=environment)

    with sessions(2) as (first, second):
        one = Held(first, lambda: play(other, campaign))
        two = second.run(play, person, campaign)
        wait_until_blocked()
        one.commit() if ends == "commits" else one.roll_back()
        answer = two.result(20)

    assert answer["won"] is (ends == "rolls back")
    assert CouponClaim.objects.count() == plays_before + 1
    assert Reward.objects.count() == plays_before + 1


@pytest.mark.parametrize("ends", ["commits", "rolls back"])
def test_the_last_piece_of_a_stock_is_given_once(environment, person, ends):
    campaign = launched_campaign(environment, weights=(0, 1, 0, 0))
    draft = publishing.draft_of(campaign)
    outcomes = tuple(
        replace(each, stock_limit=1) if each.reward_type == "points" else each for each in draft.outcomes
    )
    publishing.revise(campaign, replace(draft, outcomes=outcomes), TESTER)
    other = EndUserFactory(environment=environment)

    with sessions(2) as (first, second):
        one = Held(first, lambda: play(other, campaign))
        two = second.run(play, person, campaign)
        wait_until_blocked()
        one.commit() if ends == "commits" else one.roll_back()
        answer = two.result(20)

    assert answer["won"] is (ends == "rolls back")
    assert Reward.objects.count() == Stock.objects.get().issued == 1


def test_a_number_voided_while_a_play_waits_for_it_is_stepped_over(environment, person):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0), codes=3)
    pool = CouponPool.objects.get()

    with sessions(3) as (holder, marketer, player):
        held = Held(holder, lock("SELECT id FROM rewards_couponcursor FOR UPDATE"))
        answer = player.run(play, person, campaign)
        wait_until_blocked()
        marketer.run(coupons.void, pool, [1, 2], TESTER, now=timezone.now()).result(10)
        held.commit()
        result = answer.result(20)

    assert result["won"]
    assert CouponClaim.objects.get(kind="won").number == 3
    assert Participation.objects.get().plays == 1


def test_a_play_that_loses_to_another_one_reads_again_and_counts_on(environment, person):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0), plays_in_all=None)
    play(person, campaign, "before")

    with sessions(2) as (first, second):
        one = Held(first, lambda: play(person, campaign, "key-1"))
        two = second.run(play, person, campaign, "key-2")
        wait_until_blocked()
        answers = [one.commit(), two.result(20)]

    assert answers[0]["rewardUserId"] != answers[1]["rewardUserId"]
    assert sorted(Play.objects.values_list("attempt", flat=True)) == [1, 2, 3]
    assert given() == [3] * 5


def test_a_play_that_always_loses_gets_its_turn_behind_the_lock(environment, person, monkeypatch):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0))
    lost = []

    def always_late(*_, **__):
        lost.append(1)
        raise Outrun

    at_once = engine._at_once
    monkeypatch.setattr(engine, "_at_once", always_late)
    answer = play(person, campaign)
    monkeypatch.setattr(engine, "_at_once", at_once)

    assert len(lost) == engine.AT_ONCE
    assert answer["won"]
    assert answer == play(person, campaign)
    assert given() == [1] * 5


def test_first_plays_with_one_key_at_once_give_one_answer(environment, person):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0))
    start = threading.Barrier(THREADS)

    def run(_):
        try:
            start.wait(10)
            return play(person, campaign)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(run, range(THREADS)))

    assert all(answer == answers[0] for answer in answers)
    assert given() == [1] * 5


@pytest.mark.parametrize("plays_before", [0, 1])
def test_a_person_who_is_erased_meanwhile_wins_nothing(environment, person, plays_before):
    campaign = launched_campaign(environment, weights=(0, 0, 0, 1))
    for number in range(plays_before):
        play(person, campaign, f"before-{number}")

    with sessions(2) as (support, player):
        erasing = Held(support, lock("DELETE FROM users_enduser WHERE id = %s", person.id))
        answer = player.run(play, person, campaign)
        wait_until_blocked()
        erasing.commit()
        result = answer.result(20)

    assert result == "token_unknown_user"
    assert given() == [0] * 5


def test_first_plays_of_one_person_at_once_make_one_participation(environment, person):
    campaign = launched_campaign(environment)

    with ThreadPoolExecutor(6) as pool:

        def run(number):
            try:
                return play(person, campaign, f"key-{number}")
            finally:
                connection.close()

        answers = list(pool.map(run, range(6)))

    assert all(isinstance(each, dict) for each in answers)
    assert Participation.objects.get().plays == 6
    assert sorted(Play.objects.values_list("attempt", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("plays_before", [0, 1])
def test_a_play_that_meets_a_pause_in_the_making_waits_and_pays_nothing(environment, person, plays_before):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0))
    for number in range(plays_before):
        play(person, campaign, f"before-{number}")

    with sessions(2) as (marketer, player):
        pausing = Held(marketer, lambda: publishing.pause(campaign, TESTER))
        answer = player.run(play, person, campaign)
        wait_until_blocked()
        pausing.commit()
        result = answer.result(20)

    assert result == "campaign_paused"
    assert given() == [plays_before] * 5


def test_a_play_that_meets_a_pause_that_is_taken_back_goes_on(environment, person):
    campaign = launched_campaign(environment, weights=(1, 0, 0, 0))
    play(person, campaign, "before")

    with sessions(2) as (marketer, player):
        pausing = Held(marketer, lambda: publishing.pause(campaign, TESTER))
        answer = player.run(play, person, campaign)
        wait_until_blocked()
        pausing.roll_back()
        result = answer.result(20)

    assert result["won"]
    assert given() == [2] * 5


def test_a_pause_waits_for_the_play_that_was_there_first(environment, person):
    campaign = launched_campaign(environment)

    with sessions(2) as (player, marketer):
        playing = Held(player, lambda: play(person, campaign))
        pausing = marketer.run(publishing.pause, campaign, TESTER)
        wait_until_blocked()
        assert not pausing.done()
        answer = playing.commit()
        pausing.result(20)

    assert isinstance(answer, dict)
    assert Campaign.objects.get().status == "paused"
    assert play(person, campaign, "key-2") == "campaign_paused"
    assert Play.objects.count() == 1


@pytest.mark.parametrize("held_row", ["rewards_couponcursor", "campaigns_participation"])
def test_a_pause_between_the_steps_of_a_play_undoes_all_of_them(environment, person, held_row):
    campaign = launched_campaign(environment, weights=(0, 1, 0, 0))
    play(person, campaign, "before")
    publishing.revise(campaign, with_coupons(campaign), TESTER)
    before = given()

    with sessions(2) as (holder, player):
        held = Held(holder, lock(f"SELECT id FROM {held_row} FOR UPDATE"))
        answer = player.run(play, person, campaign)
        wait_until_blocked()
        publishing.pause(campaign, TESTER)
        held.commit()
        result = answer.result(20)

    assert result == "campaign_paused"
    assert given() == before


def with_coupons(campaign):
    """The same campaign, but that everybody wins the coupon."""
    draft = publishing.draft_of(campaign)
    return replace(
        draft,
        outcomes=tuple(replace(each, weight=int(each.reward_type == "coupons")) for each in draft.outcomes),
    )


def test_an_edit_while_a_play_is_decided_gives_the_new_odds(environment, person):
    campaign = launched_campaign(environment, weights=(0, 0, 0, 1))
    play(person, campaign, "before")

    with sessions(2) as (marketer, player):
        editing = Held(marketer, lambda: publishing.revise(campaign, with_coupons(campaign), TESTER))
        answer = player.run(play, person, campaign)
        wait_until_blocked()
        editing.commit()
        result = answer.result(20)

    assert result["won"]
    assert result["fairness"]["tableVersion"] == 2
    assert Play.objects.latest("played_at").campaign_version == 2


def test_plays_and_edits_of_stock_never_wait_for_each_other_in_a_circle(environment):
    campaign = launched_campaign(environment, weights=(0, 1, 0, 1))
    draft = publishing.draft_of(campaign)
    limited = tuple(
        replace(each, stock_limit=10_000) if each.reward_type == "points" else each for each in draft.outcomes
    )
    publishing.revise(campaign, replace(draft, outcomes=limited), TESTER)
    people = [EndUserFactory(environment=environment) for _ in range(40)]
    refused = []

    def run(mine):
        try:
            refused.extend(answer for each in mine if not isinstance(answer := play(each, campaign), dict))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(people[n::4],)) for n in range(4)]
    for each in threads:
        each.start()
    for edit in range(3):  # a play that meets an edit starts again, so many times and no more
        current = publishing.draft_of(Campaign.objects.get())
        outcomes = tuple(
            replace(each, stock_limit=10_000 + edit) if each.stock_limit else each
            for each in current.outcomes
        )
        publishing.revise(campaign, replace(current, outcomes=outcomes), TESTER)
    for each in threads:
        each.join(30)

    assert not refused
    assert Play.objects.count() == 40
