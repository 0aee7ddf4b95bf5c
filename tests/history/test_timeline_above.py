"""What the parts above people put on a timeline: campaigns, plays, rewards and webhooks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import engine
from campaigns import timeline as of_campaigns
from campaigns.models import Participation
from glu_admin import config as configs
from glu_admin.webhooks import endpoints, fanout
from glu_admin.webhooks.models import Attempt, Delivery
from rewards import ledger
from rewards import timeline as of_rewards
from rewards.models import Reward
from tests.factories import EndUserFactory, identity_of, launched_campaign
from users.history import timeline

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(test_env):
    endpoints.create(test_env, "https://shop.example/hooks?token=secret", ["reward.won"])
    return launched_campaign(test_env, weights=(1, 0, 0, 0), codes=["BREW-7Q2M"] * 1 + ["BREW-1", "BREW-2"])


@pytest.fixture
def person(test_env):
    return EndUserFactory(
        environment=test_env, user_id="u_1", registered_at=timezone.now() - timedelta(days=1)
    )


def play(person, campaign, key="k"):
    return engine.act(identity_of(person), str(campaign.id), key=key, body={}, now=timezone.now())


def told(person, *kinds, pks=None):
    entries, _ = timeline.of_person(person.environment, pks or [person.pk], kinds=kinds or None)
    return entries


def test_a_win_is_told_from_the_play_to_the_webhook(person, campaign):
    play(person, campaign)
    fanout.fan_out()

    entries = told(person)

    assert sorted(entry.title for entry in entries) == sorted(
        [
            "Webhook reward.won to https://shop.example/hooks, waiting to be sent",
            "Won 20% off",
            "Played Autumn wheel",
            "Came into Autumn wheel",
            "Registered",
        ]
    )
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)


def test_a_code_is_never_shown_only_that_there_is_one(person, campaign):
    play(person, campaign)

    [reward] = told(person, "reward")

    assert reward.detail["hasCode"] is True
    assert reward.detail["rewardType"] == "coupons"
    assert "BREW" not in repr(told(person))


def test_what_became_of_a_reward_is_told_too(person, campaign, test_env):
    play(person, campaign)
    config, reward = configs.get(test_env.id), Reward.objects.get()
    ledger.see(config, person.pk, reward.id, now=timezone.now())
    ledger.move(config, reward.id, Reward.State.REDEEMED, now=timezone.now())
    ledger.move(config, reward.id, Reward.State.REVOKED, now=timezone.now())

    assert [entry.title for entry in told(person, "reward")] == [
        "20% off was revoked",
        "Redeemed 20% off",
        "Won 20% off",
    ]


def test_each_endpoint_tells_how_it_stands(person, campaign, test_env):
    endpoints.create(test_env, "https://crm.example/in", ["reward.won"])
    play(person, campaign)
    fanout.fan_out()
    delivery = Delivery.objects.get(endpoint__url__startswith="https://crm")
    Delivery.objects.filter(pk=delivery.pk).update(state="delivered", delivered_at=timezone.now(), tries=1)
    Attempt.objects.create(environment=test_env, delivery=delivery, number=1, milliseconds=5, status=201)

    entries = {entry.detail["endpoint"]: entry for entry in told(person, "webhook")}

    assert entries["https://crm.example/in"].title == (
        "Webhook reward.won to https://crm.example/in, delivered"
    )
    assert entries["https://crm.example/in"].detail["lastStatus"] == 201
    assert entries["https://shop.example/hooks"].detail["state"] == "pending"


def test_the_built_in_receiver_is_called_by_its_name(person, test_env):
    endpoints.create(test_env, endpoints.receiver_path(test_env.id), ["reward.won"])
    play(person, launched_campaign(test_env, weights=(1, 0, 0, 0)))
    fanout.fan_out()

    [entry] = told(person, "webhook")

    assert entry.title == "Webhook reward.won to the webhook receiver, waiting to be sent"


def test_a_campaign_that_is_completed_is_told_twice(person, campaign):
    play(person, campaign)
    later = timezone.now() + timedelta(minutes=1)
    Participation.objects.update(status="completed", updated_at=later)

    assert [entry.title for entry in told(person, "campaign")] == [
        "Completed Autumn wheel",
        "Came into Autumn wheel",
    ]


def test_a_visitors_plays_are_the_users(person, campaign, test_env):
    visitor = EndUserFactory(environment=test_env, user_id=None, anonymous_id="v")
    play(visitor, campaign)
    visitor.merged_into = person
    visitor.save()

    assert len(told(person, "play", "reward", pks=[person.pk, visitor.pk])) == 2
    assert told(person, "play", "reward") == []


def test_nobody_sees_anothers(person, campaign, test_env):
    other = EndUserFactory(environment=test_env)
    play(other, campaign)
    fanout.fan_out()

    assert [entry.title for entry in told(person)] == ["Registered"]


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_of_all_kinds_join_to_the_whole(person, campaign, limit):
    for number in range(3):
        play(person, campaign, f"k{number}")
    fanout.fan_out()
    Delivery.objects.update(created_at=timezone.now())  # three at one moment
    Participation.objects.update(status="completed")
    whole = told(person)

    pages, cursor = [], None
    while cursor is not None or not pages:
        page, cursor = timeline.of_person(person.environment, [person.pk], before=cursor, limit=limit)
        pages += page

    assert len(whole) == 3 + 3 + 3 + 2 + 1
    assert [entry.kind for entry in pages] != []
    assert {(entry.kind, entry.ref) for entry in pages} == {(entry.kind, entry.ref) for entry in whole}
    assert len(pages) == len(whole)


@pytest.mark.parametrize(
    ("module", "name"), [(of_campaigns, "_PLAYS"), (of_campaigns, "_STATES"), (of_rewards, "_ENTRIES")]
)
def test_no_walk_through_everybodys_rows(person, module, name, test_env):
    values = {
        "environment": test_env.id,
        "pks": [person.pk],
        "before": timezone.now() if module is of_campaigns else 10**9,
        "before_id": person.glu_id if name == "_PLAYS" else 10**9,
        "limit": 51,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {getattr(module, name)}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())

    scan = plan[plan.index("CTE mine") :].partition("CTE Scan")[0]
    assert "Index" in scan
    assert f"user_id = ANY ('{{{person.pk}}}'" in scan or f"user_id = {person.pk}" in scan
