"""A server gives a campaign's reward without a game: once a key, told in full, paid like any other."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from campaigns import publishing, verification
from campaigns.models import Play
from campaigns.types import get_type
from glu_admin import config
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from rewards.models import Reward
from rewards.tables import OutcomeDraft
from tests.campaigns.programs import NOTHING, program, step, work
from tests.factories import EndUserFactory

pytestmark = pytest.mark.django_db(transaction=True)
POINTS = OutcomeDraft(
    name="50 points", weight=1, reward_type="points", amount=50, details={"why": "thanks", "from": "us"}
)


@pytest.fixture
def secret(transactional_db, test_env):
    return keys.create_api_key(test_env, "Shop", ["rewards:write"])[1]


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1")


@pytest.fixture
def direct(test_env, person):
    settings = get_type("direct").defaults() | {"most": 2}
    return program(test_env, type="direct", config=settings, outcomes=(POINTS, NOTHING))


def give(secret, campaign, key="order-1", **body):
    answer = Client().post(
        f"/api/v1/campaigns/{campaign.id}/awards",
        json.dumps({"userId": "u_1"} | body),
        content_type="application/json",
        headers={"X-API-KEY": secret} | ({"Idempotency-Key": key} if key else {}),
    )
    return answer.status_code, answer.json()


def code_of(answer):
    return answer[0], answer[1]["error"]["code"]


def test_a_direct_reward_is_given_and_paid(secret, direct, person):
    answer = give(secret, direct, details={"from": "the shop", "orderId": "1"})
    work()

    told = {"campaignId": str(direct.id), "userId": "u_1", "occasion": "", "isNew": True}
    assert answer == (200, {"success": True, "data": told})
    reward = Reward.objects.get(user=person)
    assert reward.variant.name == "50 points"
    assert reward.details == {"why": "thanks", "from": "the shop", "orderId": "1"}
    for name in ("plays", "draws", "earnings", "ledger"):
        assert all(finding.holds for finding in verification.run(name))


def test_a_key_gives_once_before_and_after_it_is_paid(secret, direct, person):
    assert give(secret, direct)[1]["data"]["isNew"] is True
    assert give(secret, direct)[1]["data"]["isNew"] is False
    work()
    assert give(secret, direct)[1]["data"]["isNew"] is False
    work()

    assert Play.objects.count() == Reward.objects.count() == 1


def test_of_many_calls_of_one_key_at_once_one_gives(secret, direct, person):
    def call(_):
        try:
            return give(secret, direct)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(16)))
    work()

    assert {status for status, _ in answers} == {200}
    assert sum(body["data"]["isNew"] for _, body in answers) == 1
    assert Reward.objects.count() == 1


def test_a_direct_reward_is_given_no_more_often_than_it_says(secret, direct, person):
    assert [give(secret, direct, key)[0] for key in ("a", "b")] == [200, 200]

    assert code_of(give(secret, direct, "c")) == (409, "all_given")
    work()
    assert Reward.objects.count() == 2


def test_any_occasion_of_any_campaign_can_be_given(secret, test_env, person):
    campaign = program(test_env, step("order"))

    assert give(secret, campaign, occasion="end")[0] == 200
    assert code_of(give(secret, campaign, occasion="step-1")) == (422, "idempotency_key_reused")
    assert code_of(give(secret, campaign, "order-2", occasion="no-such")) == (422, "occasion_unknown")
    work()

    assert Reward.objects.get().variant.occasion == "end"


def test_an_ended_campaign_gives_nothing_more(secret, direct, person):
    publishing.end(direct, Actor("a test"))
    config.forget()

    assert code_of(give(secret, direct)) == (409, "campaign_ended")


@pytest.mark.parametrize(
    ("key", "body", "expected"),
    [
        ("", {}, (400, "idempotency_key_missing")),
        ("k", {"userId": 5}, (400, "user_id_missing")),
        ("k", {"userId": "nobody"}, (404, "user_not_found")),
        ("k", {"occasion": 5}, (400, "invalid_occasion")),
        ("k", {"details": "x"}, (400, "invalid_details")),
        ("k", {"details": {"a": "x" * 17_000}}, (400, "invalid_details")),
        ("k", {"amount": 5}, (400, "unknown_field")),
    ],
)
def test_what_can_not_be_given_is_said(secret, direct, key, body, expected):
    assert code_of(give(secret, direct, key, **body)) == expected


def test_a_key_without_the_scope_is_told_which_one_it_lacks(direct, test_env):
    lacking = keys.create_api_key(
        test_env, "Others", [each for each in keys.SCOPES if each != "rewards:write"]
    )
    status, body = give(lacking[1], direct)

    assert (status, body["error"]["code"]) == (403, "scope_missing")
    assert "rewards:write" in body["message"]
