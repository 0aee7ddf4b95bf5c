"""`/segment/{campaignId}/user/…`: the exact answers of the contract, and who may ask."""

import pytest

from campaigns.targeting import AudienceDraft
from glu_admin.workspaces.keys import create_api_key
from tests.factories import EndUserFactory, launched_campaign, token_of

pytestmark = pytest.mark.django_db
ADDED = {"success": True, "message": "User added to campaign successfully"}
REMOVED = {"success": True, "message": "User removed from campaign successfully"}


def told(is_present):
    return {"success": True, "data": {"isPresent": is_present}}


@pytest.fixture
def campaign(test_env):
    return launched_campaign(test_env, tag="autumn", audience=AudienceDraft(only_listed=True))


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1")


@pytest.fixture
def ask(client, test_env):
    _, secret = create_api_key(test_env, "server", ["segments:read", "segments:write"])

    def ask(verb, action, campaign, body=None, key=secret):
        return client.generic(
            verb,
            f"/segment/{campaign}/user/{action}",
            '{"userId": "u_1"}' if body is None else body,
            content_type="application/json",
            headers={"X-API-KEY": key},
        )

    return ask


def seen(client, person):
    answer = client.get("/reward/v1.1/user", headers={"Authorization": f"Bearer {token_of(person)}"})
    return len(answer.json()["campaigns"])


def test_an_added_person_sees_the_campaign_at_once_and_a_removed_one_no_more(ask, client, campaign, person):
    said, saw = [], [seen(client, person)]
    for verb, action in (("POST", "status"), ("POST", "add"), ("POST", "status"), ("DELETE", "delete")):
        answer = ask(verb, action, campaign.pk)
        assert answer.status_code == 200
        said.append(answer.json())
        saw.append(seen(client, person))

    assert said == [told(False), ADDED, told(True), REMOVED]
    assert saw == [0, 0, 1, 1, 0]
    assert ask("POST", "status", campaign.pk).json() == told(False)


def test_a_call_may_be_repeated_and_the_tag_will_do(ask, campaign, person):
    assert [ask("POST", "add", "autumn").json() for _ in range(2)] == [ADDED, ADDED]
    assert ask("POST", "status", "autumn").json() == told(True)


def test_a_campaign_for_everybody_can_be_taken_from_one(ask, client, test_env, person):
    campaign = launched_campaign(test_env)

    assert (ask("POST", "status", campaign.pk).json(), seen(client, person)) == (told(True), 1)
    ask("DELETE", "delete", campaign.pk)
    assert (ask("POST", "status", campaign.pk).json(), seen(client, person)) == (told(False), 0)


@pytest.mark.usefixtures("campaign", "person")
@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (("7b1d7b8e-9a55-4f2e-8f0a-2f6f3d0c9a11", None), 404, "campaign_not_found"),
        (("no such", None), 404, "campaign_not_found"),
        (("autumn", '{"userId": "u_2"}'), 404, "user_not_found"),
        (("autumn", '{"userId": "\\u0000"}'), 400, "nul_character"),
        (("autumn", '{"userId": 5}'), 400, "user_id_missing"),
        (("autumn", "{}"), 400, "user_id_missing"),
        (("autumn", ""), 400, "user_id_missing"),
        (("autumn", "[]"), 400, "malformed_json"),
    ],
)
def test_what_can_not_be_done_is_refused_in_words(ask, sent, status, code):
    for verb, action in (("POST", "add"), ("POST", "status"), ("DELETE", "delete")):
        answer = ask(verb, action, *sent)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_an_ended_campaign_is_not_active(ask, campaign, person):
    campaign.status = "ended"
    campaign.save()

    assert ask("POST", "add", campaign.pk).status_code == 404


def test_a_key_without_the_scope_or_unknown_changes_nothing(ask, campaign, person, test_env):
    _, reads = create_api_key(test_env, "reader", ["segments:read"])

    assert ask("POST", "add", campaign.pk, key="sk_test_nothing").status_code == 401
    assert ask("POST", "add", campaign.pk, key=reads).status_code == 403
    assert ask("POST", "status", campaign.pk, key=reads).json() == told(False)
