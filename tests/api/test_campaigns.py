"""Loading campaigns: what a person may see now, in the shapes that apps decode."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns import catalog, engine, publishing
from campaigns.entries import campaign_of, reward_user_id
from campaigns.models import Participation
from glu_admin import config
from glu_admin.pictures import keeping, names
from glu_admin.pictures.reading import Use
from glu_admin.workspaces.audit import Actor
from rewards import shown
from rewards.models import Reward
from tests.api import decoders
from tests.campaigns.programs import program, step
from tests.factories import EndUserFactory, identity_of, launched_campaign, token_of
from tests.pictures.drawing import file, photo
from users import people
from users.tokens import read

TESTER = Actor("a test")
PATH = "/reward/v1.1/user"


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1")


@pytest.fixture
def load(client, person):
    """Load campaigns as the person; the answer, judged as apps judge it."""

    def call(query="", path=PATH, token=None, **headers):
        authorization = f"Bearer {token or token_of(person)}"
        response = client.get(f"{path}{query}", headers={"Authorization": authorization} | headers)
        decoders.wallet(response.status_code, response.json())
        return response

    return call


def ids(response):
    return [each["campaignId"] for each in response.json()["campaigns"]]


def play(person, campaign, key="key-1", now=None):
    now = now or timezone.now()
    return engine.act(identity_of(person), str(campaign.id), key=key, body={}, now=now)


def test_the_answer_is_exactly_the_contract_s(load, test_env, person):
    campaign = launched_campaign(
        test_env,
        tag="autumn",
        banner={"title": "Spin & win", "body": "A coupon a day", "imageUrl": "https://cdn.example/a.png"},
    )

    response = load()

    answer = response.json()
    token = parse_qs(urlsplit(answer["defaultUrl"]).query)["token"][0]
    attempt = reward_user_id(campaign.id, person.glu_id, 1)
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert json.dumps(answer) == json.dumps(
        {
            "success": True,
            "defaultUrl": f"http://testserver/wallet/?token={token}",
            "defaultBanner": {"liveCampaignCount": 1, "totalRewardCount": 0},
            "campaigns": [
                {
                    "campaignId": str(campaign.id),
                    "url": "http://testserver/reward/"
                    f"?token={token}&rewardUserId={attempt}&campaignId={campaign.id}",
                    "type": "spinthewheel",
                    "status": "pristine",
                    "banner": {
                        "title": "Spin & win",
                        "tag": "autumn",
                        "body": "A coupon a day",
                        "imageUrl": "https://cdn.example/a.png",
                        "userCampaignStatus": "pristine",
                    },
                }
            ],
        }
    )
    assert (read(token).glu_id, read(token).kind) == (person.glu_id, "page")


def test_an_environment_without_campaigns_still_has_a_wallet(load, test_env):
    answer = load().json()

    assert answer["campaigns"] == []
    assert answer["defaultBanner"] == {"liveCampaignCount": 0, "totalRewardCount": 0}


def test_a_card_that_nobody_wrote_shows_the_name_and_invents_nothing(load, test_env):
    launched_campaign(test_env, name="Autumn wheel")

    (campaign,) = load().json()["campaigns"]

    assert campaign["banner"] == {"title": "Autumn wheel", "tag": "", "userCampaignStatus": "pristine"}


def test_only_what_runs_now_is_listed_the_newest_first(load, test_env, live_env):
    now = timezone.now()
    older = launched_campaign(test_env, now=now - timedelta(days=2))
    newer = launched_campaign(test_env, now=now - timedelta(days=1))
    launched_campaign(test_env, starts_at=now + timedelta(days=1))
    launched_campaign(test_env, now=now - timedelta(days=2), ends_at=now - timedelta(days=1))
    publishing.pause(launched_campaign(test_env), TESTER)
    publishing.end(launched_campaign(test_env), TESTER)
    publishing.duplicate(newer, TESTER)
    launched_campaign(live_env)

    response = load()

    assert ids(response) == [str(newer.id), str(older.id)]
    assert response.json()["defaultBanner"]["liveCampaignCount"] == 2


def test_reading_writes_nothing(load, test_env):
    launched_campaign(test_env)

    load()

    assert not Participation.objects.exists()


def test_the_address_names_the_next_attempt(load, test_env, person):
    campaign = launched_campaign(test_env)
    play(person, campaign)

    (entry,) = load().json()["campaigns"]

    assert f"rewardUserId={reward_user_id(campaign.id, person.glu_id, 2)}&" in entry["url"]
    assert (entry["status"], entry["banner"]["userCampaignStatus"]) == ("in-progress", "in-progress")


def test_an_attempt_s_name_finds_its_campaign_again(test_env, person):
    wanted, other = launched_campaign(test_env), launched_campaign(test_env)
    play(person, wanted)
    opened = config.get(test_env.id)
    progress = engine.progress_of(opened, person.id)

    def found(attempt, campaign=wanted, whose=person):
        return campaign_of(opened, person, progress, reward_user_id(campaign.id, whose.glu_id, attempt))

    assert [found(n).id for n in (1, 2)] == [wanted.id] * 2
    assert found(1, other).id == other.id
    assert found(3) is None
    assert found(1, wanted, EndUserFactory(environment=test_env)) is None


def test_rewards_that_can_be_used_are_counted(load, test_env, person):
    campaign = launched_campaign(test_env, weights=(1, 0, 0, 0))
    play(person, campaign, "expired by now", now=timezone.now() - timedelta(days=30))
    play(person, campaign, "still good", now=timezone.now() - timedelta(days=29))
    play(person, campaign, "seen")
    play(EndUserFactory(environment=test_env), campaign)
    seen = Reward.objects.filter(user=person).latest("won_at")
    shown.mark_seen(config.get(test_env.id), person.id, seen.id, now=timezone.now())

    assert load().json()["defaultBanner"]["totalRewardCount"] == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status=pristine", {"new"}),
        ("?status=in-progress", {"played"}),
        ("?status=pristine&status=in-progress", {"new", "played"}),
        ("?status=pristine,in-progress", {"new", "played"}),
        ("?status=pristine,%20completed", {"new", "done"}),
        ("?status=COMPLETED", {"done"}),
        ("?status=unheard-of", set()),
        ("?status=", {"new", "played", "done"}),
        ("?type=spinthewheel", {"new", "played", "done"}),
        ("?type=quiz", set()),
        ("?type=quiz,spinthewheel&status=completed", {"done"}),
        ("?campaignId=tag-new", {"new"}),
        ("?campaignId=TAG-NEW,tag-done", {"new", "done"}),
        ("?colour=blue", {"new", "played", "done"}),
    ],
)
def test_filters_narrow_the_list(load, test_env, person, query, found):
    campaigns = {
        "new": launched_campaign(test_env, tag="tag-new"),
        "played": launched_campaign(test_env),
        "done": launched_campaign(test_env, tag="tag-done", plays_in_all=1),
    }
    play(person, campaigns["played"])
    play(person, campaigns["done"])

    response = load(query)

    assert set(ids(response)) == {str(campaigns[name].id) for name in found}
    assert response.json()["defaultBanner"]["liveCampaignCount"] == 3


def test_one_campaign_is_found_by_id_in_any_spelling_and_by_tag(load, test_env):
    campaign = launched_campaign(test_env, tag="Autumn")
    launched_campaign(test_env)

    for name in (str(campaign.id), str(campaign.id).upper(), "Autumn"):
        assert ids(load(f"?campaignId={name}", path=f"{PATH}/{name}")) == [str(campaign.id)]


@pytest.mark.parametrize("name", ["no-such", "00000000-0000-4000-8000-000000000000", "%00", "a%20b"])
def test_an_unknown_campaign_leaves_the_wallet_to_open(load, test_env, name):
    launched_campaign(test_env)

    answer = load(path=f"{PATH}/{name}").json()

    assert answer["campaigns"] == []
    assert "/wallet/?token=" in answer["defaultUrl"]


def test_addresses_are_the_public_ones_where_they_are_set(load, test_env, settings):
    settings.PUBLIC_URL = "https://play.brewline.example"
    launched_campaign(test_env)

    answer = load().json()

    assert answer["defaultUrl"].startswith("https://play.brewline.example/wallet/?token=")
    assert answer["campaigns"][0]["url"].startswith("https://play.brewline.example/reward/?token=")


def test_the_token_of_a_page_may_load_too(load, test_env, person):
    launched_campaign(test_env)

    assert len(ids(load(token=token_of(person, kind="page")))) == 1


def test_the_token_of_a_page_is_handed_on_and_never_traded_for_a_fresh_one(load, test_env, person):
    launched_campaign(test_env)
    token = token_of(person, kind="page", now=timezone.now() - timedelta(hours=23))

    answer = load(token=token).json()

    for address in (answer["defaultUrl"], answer["campaigns"][0]["url"]):
        assert parse_qs(urlsplit(address).query)["token"] == [token]


def test_one_statement_reads_the_person_and_all_campaigns(load, test_env, person):
    for campaign in [launched_campaign(test_env) for _ in range(3)]:
        play(person, campaign)
    token = token_of(person)
    identity = identity_of(person)
    catalog.of(identity.config)

    with CaptureQueriesContext(connection) as queries:
        load(token=token)

    # the test reads the environment anew each time; served from memory, one statement is left
    assert len([each for each in queries if "users_enduser" in each["sql"]]) == 1


def refused(response, status, code):
    decoders.refusal(response.status_code, response.json())
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_a_blocked_person_is_refused_without_a_wallet(client, person):
    token = token_of(person)
    person.blocked_at = timezone.now()
    person.save()

    refused(client.get(PATH, headers={"Authorization": f"Bearer {token}"}), 403, "user_blocked")


def test_no_token_is_refused_without_a_wallet(client, db):
    refused(client.get(PATH), 401, "token_missing")


def test_the_first_opening_is_marked_once_and_never_undone(test_env, person):
    campaign, now = launched_campaign(test_env), timezone.now()
    opened = config.get(test_env.id)
    known = people.load(identity_of(person))
    compiled = catalog.of(opened).by_id(campaign.id)

    assert engine.opened(opened, known, compiled, now=now).status == "clicked"
    play(person, campaign)

    assert engine.opened(opened, known, compiled, now=now).status == "in-progress"
    assert Participation.objects.get().plays == 1


def test_opening_what_does_not_run_leaves_no_trace(test_env, person):
    campaign = publishing.pause(launched_campaign(test_env), TESTER)
    opened = config.get(test_env.id)

    progress = engine.opened(
        opened, people.load(identity_of(person)), catalog.of(opened).by_id(campaign.id), now=timezone.now()
    )

    assert progress.status == "pristine"
    assert not Participation.objects.exists()


def test_a_picture_that_was_uploaded_is_told_with_the_host_that_the_app_reached(load, test_env):
    name = keeping.keep(test_env, file(photo((200, 100)), "PNG"), Use.CARD, TESTER)
    launched_campaign(test_env, banner={"picture": name, "imageUrl": "https://cdn.example/a.png"})

    shown = load().json()["campaigns"][0]["banner"]["imageUrl"]

    assert shown == f"http://testserver{names.shown(test_env.workspace_id, name).address}"


def test_a_locked_campaign_is_listed_once_what_opens_it_is_completed(load, test_env, person):
    first = launched_campaign(test_env, name="The first")
    follows = {"after": {"campaign": str(first.id), "gives": "unlock"}, "tracking": "fetch"}
    second = launched_campaign(test_env, earning=follows)

    answer = load()
    assert ids(answer) == [str(first.id)]
    assert answer.json()["defaultBanner"]["liveCampaignCount"] == 1
    assert ids(load(path=f"{PATH}/{second.id}")) == []
    assert not Participation.objects.filter(campaign=second).exists()

    Participation.objects.create(environment=test_env, user=person, campaign=first, status="completed")
    assert ids(load()) == [str(second.id), str(first.id)]


@pytest.mark.parametrize(("late", "is_listed"), [("ends", False), ("again", True)])
def test_what_is_over_for_this_person_is_not_listed(load, test_env, person, late, is_listed):
    settings = {"title": "Two", "order": "free", "hours": 1, "late": late}
    steps = program(test_env, config=settings | {"steps": [step("order"), step("review")]})
    done = {"1": {"n": 1, "done": "2026-01-01T10:00:00+00:00"}}
    state = {"begun": "2026-01-01T09:00:00+00:00", "steps": done, "paid": ["step-1"]}
    Participation.objects.create(
        environment=test_env, user=person, campaign=steps, status="in-progress", state=state
    )

    assert ids(load()) == ([str(steps.id)] if is_listed else [])
