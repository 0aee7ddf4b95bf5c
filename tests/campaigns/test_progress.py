"""Events move people on: each counts once, for whom the campaign is, and earns what it should."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import earnings, progress, publishing, settlement, verification
from campaigns.models import Earning, Participation, Play
from glu_admin import config
from glu_admin.webhooks.models import OutboxMessage
from glu_admin.workspaces.audit import Actor
from rewards.models import Reward
from rewards.tables import OutcomeDraft
from tests.campaigns.programs import POINTS, did, program, send, step, work
from tests.factories import EndUserFactory
from users.events import drain, replay
from users.events.models import Event, ParkedEvent
from users.events.subscribers import Happened
from users.privacy import erasure, export
from users.registration import register
from users.registration_form import parse

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = Actor("a test")


@pytest.fixture
def environment(transactional_db, test_env):
    return test_env


@pytest.fixture
def person(environment):
    return EndUserFactory(environment=environment, user_id="u_1", user_name="Asha")


def verified():
    for name in ("plays", "draws", "ledger", "earnings", "people"):
        for finding in verification.run(name):
            assert finding.holds, finding


def rewards(person):
    rows = Reward.objects.filter(user=person).order_by("won_at", "variant__name")
    return list(rows.values_list("variant__name", flat=True))


def state_of(person, campaign):
    return Participation.objects.get(user=person, campaign=campaign)


def test_an_event_moves_a_person_on_and_earns_the_rewards_of_its_occasion(environment, person):
    campaign = program(environment)

    did(environment, person, "order")
    assert state_of(person, campaign).status == "in-progress"
    assert rewards(person) == ["10 points"]

    did(environment, person, "review")
    mine = state_of(person, campaign)
    assert (mine.status, mine.plays, mine.wins) == ("completed", 2, 2)
    assert sorted(rewards(person)) == ["10 points", "50 points"]
    assert OutboxMessage.objects.filter(kind="reward.won").count() == 2
    assert not Earning.objects.exists() and not ParkedEvent.objects.exists()
    verified()


def test_events_of_one_batch_are_asked_in_their_order(environment, person):
    campaign = program(environment, step("order", kind="count", count=3), step("review"))

    did(environment, person, "order", "review", "order", "order", "order")

    mine = state_of(person, campaign)
    assert mine.status == "completed"
    assert Play.objects.filter(participation=mine).count() == 2


def test_an_event_that_is_handed_on_twice_pays_once(environment, person):
    program(environment)
    did(environment, person, "order")

    replay.replay_event(environment, Event.objects.get(name="order").id, ACTOR)
    work()

    assert rewards(person) == ["10 points"]
    verified()


def test_an_event_that_means_nothing_enters_nobody(environment, person):
    program(environment, step("order", trigger={"event": "order", "where": [
        {"property": "amount", "operator": "at_least", "value": 500}]}))  # fmt: skip

    did(environment, person, "order", amount=499)
    assert not Participation.objects.exists()

    did(environment, person, "order", amount=500)
    assert Participation.objects.get().status == "completed"


def test_what_happened_before_the_beginning_or_after_the_end_does_not_count(environment, person):
    now = timezone.now()
    program(environment, starts_at=now + timedelta(hours=1))
    did(environment, person, "order")
    assert not Participation.objects.exists()

    ended = program(environment, ends_at=now + timedelta(hours=1))
    send(environment, person, "order", now=now + timedelta(hours=2))
    work()
    assert not Participation.objects.filter(campaign=ended).exists()


def test_whoever_is_not_in_the_audience_stays_where_they_are(environment, person):
    gold = EndUserFactory(environment=environment, user_id="u_2", attributes={"tier": "gold"})
    rule = {"field": "attributes.tier", "operator": "is", "value": "gold"}
    program(environment, audience=publishing.AudienceDraft(rule=rule))

    did(environment, person, "order")
    did(environment, gold, "order")

    assert list(Participation.objects.values_list("user_id", flat=True)) == [gold.pk]


def test_an_environment_in_which_nobody_listens_asks_the_database_nothing(
    environment, person, django_assert_num_queries
):
    now, opened = timezone.now(), config.get(environment.id)
    event = Happened(1, now, person.pk, "u_1", "e-1", "order", now, {})
    progress.heard(opened, [event])

    with django_assert_num_queries(0):
        progress.heard(opened, [event])


def test_a_paused_campaign_pays_what_was_earned_when_it_goes_on_and_an_ended_one_at_once(environment, person):
    campaign = program(environment)
    send(environment, person, "order")
    drain.drain(now=timezone.now())
    publishing.pause(campaign, ACTOR)
    config.forget()

    assert earnings.settle(now=timezone.now()) == 0
    assert rewards(person) == []

    campaign.refresh_from_db()
    publishing.end(campaign, ACTOR)
    config.forget()
    assert earnings.settle(now=timezone.now()) == 1
    assert rewards(person) == ["10 points"]


def test_what_has_run_out_gives_the_tables_fallback(environment, person):
    scarce = OutcomeDraft(name="A bag", weight=1, reward_type="freebie", occasion="end", stock_limit=1)
    spare = OutcomeDraft(name="5 points", weight=0, reward_type="points", amount=5, is_fallback=True)
    program(environment, step("order"), outcomes=(scarce, spare))
    other = EndUserFactory(environment=environment, user_id="u_2")

    did(environment, person, "order")
    did(environment, other, "order")

    assert (rewards(person), rewards(other)) == (["A bag"], ["5 points"])
    verified()


def test_an_occasion_without_outcomes_earns_nothing(environment, person):
    nothing = OutcomeDraft(name="Nothing", weight=0, reward_type="noReward", is_fallback=True)
    campaign = program(environment, outcomes=(POINTS, nothing))

    did(environment, person, "order")

    assert state_of(person, campaign).plays == 0
    assert not Earning.objects.exists()


def test_what_a_visitor_earned_is_paid_to_the_user_who_it_was(environment):
    program(environment, step("order"))
    EndUserFactory(environment=environment, user_id=None, anonymous_id="v_1")
    user = EndUserFactory(environment=environment, user_id="u_2")
    send(environment, "v_1", "order")
    drain.drain(now=timezone.now())

    register(config.get(environment.id), parse({"userId": "u_2", "anonymousId": "v_1"}), now=timezone.now())
    work()

    assert sorted(rewards(user)) == ["10 points", "50 points"]
    assert Reward.objects.count() == 2
    verified()


def test_whoever_is_erased_is_paid_nothing_and_leaves_no_trace(environment, person):
    program(environment, step("order"))
    send(environment, person, "order")
    drain.drain(now=timezone.now())
    told = json.loads(b"".join(export.stream(environment, person)))["earnings"]
    assert sorted(each["occasion"] for each in told) == ["end", "step-1"]
    assert erasure.preview(person)["removed"]["earnings"] == 2

    erasure.erase(person, ACTOR, now=timezone.now())
    work()

    assert not Earning.objects.exists() and not Reward.objects.exists()


def test_one_campaign_s_fault_keeps_no_other_from_settling(environment, person, monkeypatch):
    broken, sound = program(environment, step("order")), program(environment, step("order"))
    send(environment, person, "order")
    drain.drain(now=timezone.now())
    real = settlement.settle

    def settle(config, campaign, due, *, now):
        if campaign.id == broken.id:
            raise LookupError("a fault of this campaign alone")
        return real(config, campaign, due, now=now)

    monkeypatch.setattr(settlement, "settle", settle)
    with pytest.raises(LookupError):
        earnings.settle(now=timezone.now())

    assert set(Play.objects.values_list("campaign", flat=True)) == {sound.id}
    monkeypatch.undo()
    work()
    assert Play.objects.filter(campaign=broken.id).count() == 2


@pytest.mark.parametrize("fails_at", range(1, 40))
def test_a_worker_that_dies_between_any_two_steps_loses_and_doubles_nothing(environment, person, fails_at):
    """At the statement of this number the connection breaks, in the drain or in what settles."""
    program(environment, step("order"))
    send(environment, person, "order")
    left = [fails_at]

    def dies(execute, sql, params, many, context):
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(dies):
            work()
    except KeyboardInterrupt:
        pass
    work()

    assert sorted(rewards(person)) == ["10 points", "50 points"]
    assert Play.objects.count() == Reward.objects.count() == 2
    assert not Earning.objects.exists()
    verified()
