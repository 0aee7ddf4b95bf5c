"""Erasures beside whatever else is written of the same person, in every order that matters."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import engine
from campaigns.models import Participation, Play
from glu_admin import config as configs
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.webhooks import delivery, endpoints, fanout, leases
from glu_admin.webhooks.models import Attempt, Delivery
from glu_admin.webhooks.sending import Answer
from glu_admin.workspaces import keys
from rewards.models import LedgerEntry, Reward
from tests.campaigns.racing import Held, sessions, wait_until_blocked
from tests.factories import EndUserFactory, identity_of, launched_campaign
from tests.privacy.conftest import SUPPORT, rows_with
from users.events import forms, ingest
from users.models import EndUser, Erasure
from users.privacy import erasure
from users.registration import register
from users.registration_form import parse

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment(transactional_db):
    return keys.create_workspace("Brewline").environments.get(kind="test")


@pytest.fixture
def campaign(environment):
    endpoints.create(environment, "https://shop.example/hooks", ["reward.won"])
    return launched_campaign(environment, weights=(1, 0, 0, 0), codes=20)


@pytest.fixture
def person(environment):
    return EndUserFactory(environment=environment, user_id="c4nary", attributes={"a": "c4nary"})


def play(person, campaign, key):
    """The answer, or the code of the refusal."""
    try:
        return engine.act(identity_of(person), str(campaign.id), key=key, body={}, now=timezone.now())
    except (ApiError, Unauthorized) as refusal:
        return refusal.code


def erase(person):
    try:
        return erasure.erase(person, SUPPORT, now=timezone.now())
    except ApiError as refusal:
        return refusal.code


def given():
    return [table.objects.count() for table in (Play, Reward, LedgerEntry)]


@pytest.mark.parametrize("has_played", [False, True])
def test_a_win_that_ends_first_stays_without_the_person_and_is_not_told(person, campaign, has_played):
    if has_played:
        play(person, campaign, "before")

    with sessions(2) as (one, two):
        winning = Held(one, lambda: play(person, campaign, "key"))
        erasing = two.run(erase, person)
        wait_until_blocked()
        assert winning.commit()["won"]
        receipt = erasing.result(20)

    assert given() == [1 + has_played] * 3
    assert len(receipt.cancelled) == 1 + has_played
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    assert rows_with("c4nary") == {}


def test_a_play_that_comes_second_is_refused(person, campaign):
    play(person, campaign, "before")

    with sessions(2) as (one, two):
        erasing = Held(one, lambda: erase(person))
        playing = two.run(play, person, campaign, "key")
        wait_until_blocked()
        erasing.commit()

        assert playing.result(20) in ("token_revoked", "token_unknown_user")

    assert given() == [1, 1, 1]
    assert rows_with("c4nary") == {}


def test_a_first_play_that_comes_second_is_refused(person, campaign):
    with sessions(2) as (one, two):
        erasing = Held(one, lambda: erase(person))
        playing = two.run(play, person, campaign, "key")
        wait_until_blocked()
        erasing.commit()

        assert playing.result(20) in ("token_revoked", "token_unknown_user")

    assert given() == [0, 0, 0]
    assert not Participation.objects.exclude(plays=0).exists()


def test_an_erasure_that_is_undone_leaves_the_play_its_win(person, campaign):
    play(person, campaign, "before")

    with sessions(2) as (one, two):
        erasing = Held(one, lambda: erase(person))
        playing = two.run(play, person, campaign, "key")
        wait_until_blocked()
        erasing.roll_back()

        assert playing.result(20)["won"]

    assert given() == [2, 2, 2]


def test_a_webhook_in_flight_changes_nothing_when_it_comes_back(person, campaign):
    play(person, campaign, "key")
    fanout.fan_out()
    [lease] = leases.take(1)
    parcel = delivery.prepare(lease, timezone.now())
    assert b"c4nary" in parcel.body

    receipt = erase(person)
    late = delivery.conclude(lease, Answer(200, "", b"thanks, c4nary", 5), started=timezone.now(), jitter=0.0)

    assert late is None
    assert [each["mayHaveArrived"] for each in receipt.cancelled] == [True]
    assert Delivery.objects.get().state == "cancelled"
    assert not Attempt.objects.exists()


def test_a_webhook_that_is_leased_meanwhile_is_not_sent(person, campaign):
    play(person, campaign, "key")
    fanout.fan_out()

    with sessions(2) as (one, two):
        erasing = Held(one, lambda: erase(person))
        assert two.run(leases.take, 10).result(10) == []
        erasing.commit()
        assert two.run(leases.take, 10, at=timezone.now() + timedelta(hours=1)).result(10) == []

    assert Delivery.objects.get().state == "cancelled"


def test_a_lease_that_is_taken_first_is_waited_for_and_told(person, campaign):
    play(person, campaign, "key")
    fanout.fan_out()

    with sessions(2) as (one, two):
        leasing = Held(one, lambda: leases.take(1))
        erasing = two.run(erase, person)
        wait_until_blocked()
        leasing.commit()
        receipt = erasing.result(20)

    assert [each["mayHaveArrived"] for each in receipt.cancelled] == [True]
    assert Delivery.objects.get().state == "cancelled"


def test_a_fan_out_beside_it_makes_nothing_that_is_sent(person, campaign):
    play(person, campaign, "key")

    with sessions(2) as (one, two):
        spreading = Held(one, fanout.fan_out)
        erasing = two.run(erase, person)
        wait_until_blocked()
        spreading.commit()
        receipt = erasing.result(20)

    assert len(receipt.cancelled) == 1
    assert Delivery.objects.get().state == "cancelled"


def test_of_two_erasures_at_once_one_is_told_that_it_is_done(person):
    with sessions(2) as (one, two):
        first = Held(one, lambda: erase(person))
        second = two.run(erase, person)
        wait_until_blocked()
        assert isinstance(first.commit(), Erasure)

        assert second.result(20) == "user_erased"

    assert Erasure.objects.count() == 1


def test_a_registration_that_comes_second_makes_somebody_new(environment, person):
    form = parse({"userId": "c4nary", "customAttributes": {"b": 1}})

    with sessions(2) as (one, two):
        erasing = Held(one, lambda: erase(person))
        registering = two.run(register, configs.get(environment.id), form, now=timezone.now())
        wait_until_blocked()
        erasing.commit()
        again = registering.result(20)

    assert again.created
    assert (again.record.id != person.pk, again.record.attributes) == (True, {"b": 1})
    assert EndUser.objects.get(pk=person.pk).attributes == {}


def test_a_visitor_who_is_merged_first_is_erased_too(environment, person):
    config = configs.get(environment.id)
    register(config, parse({"anonymousId": "c4nary-visitor"}), now=timezone.now())
    both = parse({"userId": "c4nary", "anonymousId": "c4nary-visitor"})

    with sessions(2) as (one, two):
        merging = Held(one, lambda: register(config, both, now=timezone.now()))
        erasing = two.run(erase, person)
        wait_until_blocked()
        merging.commit()
        receipt = erasing.result(20)

    assert receipt.counts["people"] == 2
    assert rows_with("c4nary") == {}


def test_an_event_under_way_is_gone_after_the_sweep(environment, person):
    config = configs.get(environment.id)
    now = timezone.now()
    raw = {
        "event_id": "e",
        "event_name": "order",
        "user_id": "c4nary",
        "timestamp": now.isoformat(),
        "event_properties": {"note": "c4nary"},
    }
    events = [forms.read(raw, now=now)]

    with sessions(2) as (one, two):
        erasing = Held(one, lambda: erase(person))
        taking = two.run(ingest.take, config, events, source="server", now=now)
        wait_until_blocked()
        erasing.commit()
        taking.result(20)

    erasure.sweep(now=timezone.now())

    assert rows_with("c4nary") == {}
