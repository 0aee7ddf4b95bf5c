"""What mobile SDKs ask at their start: configuration, entry points, states and slots."""

import pytest
from django.utils import timezone

from campaigns import lists
from campaigns.models import EntryPoint, EntryPointState, Slot
from campaigns.targeting import AudienceDraft
from tests.api import decoders
from tests.factories import EndUserFactory, launched_campaign, token_of

CONFIG = "/client/v1/sdk/config"
STATE = "/entrypoints/v1/user/state"
SLOTS = "/entrypoints/v1/config"
NO_SLOTS = {
    "activityIdList": {"android": [], "ios": []},
    "bannerIds": {"android": [], "ios": []},
    "embedIds": {"android": [], "ios": []},
}


def mobile(campaign_id="", **container):
    screens = {"allowedActitivityList": ["Home"], "disallowedActitivityList": []}
    return {
        "container": {
            "type": "BANNER",
            "bannerId": "top",
            "height": "120",
            "android": screens,
            "ios": screens,
        }
        | container,
        "conditions": {"backendValidations": "VALID", "priority": 1, "showCount": {"count": 9}},
        "content": [
            {"_id": "c1", "campaignId": campaign_id, "openLayout": "full-default", "url": "https://x/y"}
        ],
    }


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1")


@pytest.fixture
def bearer(person):
    return {"Authorization": f"Bearer {token_of(person)}"}


def point(environment, name="Home banner", *, visible=True, content=None):
    return EntryPoint.objects.create(
        environment=environment, name=name, visible=visible, content=content or mobile()
    )


def test_the_configuration_makes_real_sdks_load_campaigns(client, test_env, write_key):
    response = client.get(CONFIG, headers={"x-api-key": write_key})

    decoders.sdk_config(response.status_code, response.json(), "testserver")
    assert response.json()["data"]["mobile"] == {
        "allowUserRegistration": True,
        "allowAnonymousRegistration": True,
        "enableEntryPoints": True,
        "disableSdk": False,
        "enableAnalytics": False,
        "enableSentry": False,
        "enableSse": False,
        "enableMqtt": False,
        "forceUserRegistration": False,
        "enableDarkMode": False,
        "listenToSystemDarkLightMode": False,
        "isDiagnosticsEnabled": False,
        "isMetricsEnabled": False,
        "isCrashLoggingEnabled": False,
        "enableSslPinning": False,
        "allowProxy": False,
        "preloadWebView": False,
        "campaignCount": 1,
        "entryPointCount": 1,
        "allowedRetryCount": 3,
        "whiteListedDomains": ["testserver"],
        "errorCodeForDomain": 404,
        "errorMessageForDomain": "This page is not part of the app.",
        "loaderColor": test_env.workspace.brand_color,
        "loadScreenColor": "#FFFFFF",
        "lightBackground": "#FFFFFF",
        "darkBackground": "#000000",
        **NO_SLOTS,
    }


def test_the_key_may_stand_in_the_address(client, write_key):
    assert client.get(f"{CONFIG}?x-api-key={write_key}").status_code == 200


def test_the_counts_are_true_from_two_on(client, test_env, write_key):
    for _ in range(2):
        launched_campaign(test_env)
    for _ in range(3):
        point(test_env)

    found = client.get(CONFIG, headers={"x-api-key": write_key}).json()["data"]["mobile"]

    assert (found["campaignCount"], found["entryPointCount"]) == (2, 3)


def test_the_public_host_is_white_listed_without_its_port(client, write_key, settings):
    settings.PUBLIC_URL = "https://play.brewline.example:8443"

    found = client.get(CONFIG, headers={"x-api-key": write_key}).json()["data"]["mobile"]

    assert found["whiteListedDomains"] == ["play.brewline.example"]


def test_a_wrong_key_gets_no_configuration(client, db):
    response = client.get(CONFIG, headers={"x-api-key": "wk_test_nonsense"})

    decoders.refusal(response.status_code, response.json())
    assert response.status_code == 401


def test_without_entry_points_the_list_is_empty(client, test_env, bearer, write_key):
    by_token = client.get("/entrypoints/v1/list?consumer=MOBILE", headers=bearer)
    by_key = client.get(f"/entrypoints/v2/list/{write_key}?consumer=MOBILE&x-api-key={write_key}")

    for response in (by_token, by_key):
        decoders.entry_points(response.status_code, response.json())
        assert response.json() == {"success": True, "data": []}


def test_an_app_that_nobody_has_an_entry_point_for_gets_an_empty_list(client, test_env, bearer, write_key):
    point(test_env)

    for consumer in ("WEB", "%00", "x" * 300):
        for path in ("/entrypoints/v1/list", f"/entrypoints/v2/list/{write_key}"):
            response = client.get(f"{path}?consumer={consumer}", headers=bearer)
            assert (response.status_code, response.json()) == (200, {"success": True, "data": []})


def test_an_entry_point_is_listed_as_sdks_read_it(client, test_env, bearer):
    shown = point(test_env)

    response = client.get("/entrypoints/v1/list?consumer=MOBILE", headers=bearer)

    decoders.entry_points(response.status_code, response.json())
    assert response.json()["data"] == [
        {
            "_id": str(shown.id),
            "name": "Home banner",
            "client": str(test_env.id),
            "consumer": "MOBILE",
            "visible": True,
            "createdAt": shown.created_at.isoformat(),
            "updatedAt": shown.updated_at.isoformat(),
            "__v": 0,
            "mobile": mobile(),
        }
    ]


def test_an_entry_point_that_only_leads_where_a_person_may_not_play_is_not_shown(
    client, test_env, person, bearer
):
    campaign = launched_campaign(test_env, audience=AudienceDraft(only_listed=True))
    point(test_env, "Of the campaign", content=mobile(str(campaign.pk)))
    point(test_env, "Of the wallet")

    def shown():
        listed = client.get("/entrypoints/v1/list?consumer=MOBILE", headers=bearer).json()["data"]
        return [each["name"] for each in listed]

    before = shown()
    lists.put(test_env.pk, campaign.pk, person.pk, included=True, now=timezone.now())

    assert (before, shown()) == (["Of the wallet"], ["Of the campaign", "Of the wallet"])


def test_what_is_hidden_foreign_or_undecodable_is_left_out(client, test_env, live_env, bearer):
    point(test_env, visible=False)
    point(live_env)
    for broken in (
        {},
        {"container": {"type": "BANNER"}},
        mobile(type="BILLBOARD"),
        mobile() | {"content": [{}]},
    ):
        EntryPoint.objects.create(environment=test_env, name="Broken", visible=True, content=broken)

    response = client.get("/entrypoints/v1/list", headers=bearer)

    assert response.json()["data"] == []


SCREENS = {"allowedActitivityList": ["Home"], "disallowedActitivityList": []}
COUNTED = {"priority": 1, "delay": 0, "showCount": {"count": 9, "dailyRefresh": False}}


@pytest.mark.parametrize(
    "broken",
    [
        mobile(height=120),
        mobile(bannerId=7),
        mobile(ios={"allowedActitivityList": ["Home"]}),
        mobile(android={"allowedActitivityList": [1], "disallowedActitivityList": []}),
        mobile(ios=[]),
        mobile() | {"conditions": {"priority": "1"}},
        mobile() | {"conditions": {"priority": True}},
        mobile() | {"conditions": {"draggable": 1}},
        mobile() | {"conditions": {"showCount": 9}},
        mobile() | {"conditions": []},
        mobile() | {"content": [mobile()["content"][0] | {"absoluteHeight": "50"}]},
        mobile(type="FLOATING"),
        mobile(type="POPUP") | {"conditions": COUNTED | {"showCount": None}},
        mobile(type="POPUP", ios=None) | {"conditions": COUNTED},
        mobile(type="PIP") | {"conditions": {"priority": 1, "showCount": {"count": 1}}},
        mobile(type="AD_POPUP") | {"conditions": None},
    ],
)
def test_an_entry_point_that_would_break_an_app_keeps_no_other_from_it(client, test_env, bearer, broken):
    point(test_env, "broken", content=broken)
    point(test_env, "pop-up", content=mobile(type="POPUP", ios=SCREENS) | {"conditions": COUNTED})
    point(test_env, "plain", content={key: mobile()[key] for key in ("container", "content")})

    response = client.get("/entrypoints/v1/list", headers=bearer)

    decoders.entry_points(response.status_code, response.json())
    assert [each["name"] for each in response.json()["data"]] == ["pop-up", "plain"]


def test_the_list_by_key_is_narrowed_to_the_person_s_campaigns(client, test_env, write_key):
    point(test_env, "wallet", content=mobile(""))
    point(test_env, "page", content=mobile("https://shop.example"))
    point(test_env, "mine", content=mobile("c-1"))
    point(test_env, "other", content=mobile("c-2"))

    def names(query):
        answer = client.get(f"/entrypoints/v2/list/{write_key}{query}").json()
        return [each["name"] for each in answer["data"]]

    assert names("?campaignIds=c-1,%20c-9") == ["wallet", "page", "mine"]
    assert names("") == ["wallet", "page", "mine", "other"]


def test_one_entry_point_is_asked_for_by_id(client, test_env, bearer):
    point(test_env)
    wanted = point(test_env, "wanted")

    answer = client.get(f"/entrypoints/v1/list?id={wanted.id}", headers=bearer).json()

    assert [each["name"] for each in answer["data"]] == ["wanted"]


def test_a_click_is_remembered_for_this_person_alone(client, post, test_env, person, bearer):
    shown = point(test_env)
    body = {
        "entrypointId": str(shown.id),
        "userId": "someone-else",
        "campaignId": "c-1",
        "entryPointClicked": True,
    }

    posted = post(STATE, body, **bearer)

    decoders.entry_point_state(posted.status_code, posted.json())
    state = EntryPointState.objects.get()
    assert posted.json() == {
        "success": True,
        "data": [
            {
                "id": str(state.id),
                "entrypointId": str(shown.id),
                "userId": "u_1",
                "campaignId": "c-1",
                "client": str(test_env.id),
                "entryPointClicked": True,
                "entryPointCompleteStateViewed": False,
                "v": 0,
            }
        ],
    }
    assert client.get(STATE, headers=bearer).json() == posted.json()
    other = EndUserFactory(environment=test_env)
    fresh = client.get(STATE, headers={"Authorization": f"Bearer {token_of(other)}"})
    decoders.entry_point_state(fresh.status_code, fresh.json())
    assert fresh.json()["data"] == []


def test_a_click_is_never_taken_back(post, test_env, bearer):
    shown = point(test_env)
    for clicked in (True, False):
        answer = post(STATE, {"entrypointId": str(shown.id), "entryPointClicked": clicked}, **bearer).json()

    assert [each["entryPointClicked"] for each in answer["data"]] == [True]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"entrypointId": "nonsense"}, 404, "entry_point_not_found"),
        ({}, 404, "entry_point_not_found"),
        ({"entrypointId": 7}, 400, "invalid_field"),
        (
            {"entrypointId": "00000000-0000-4000-8000-000000000000", "campaignId": "x" * 65},
            400,
            "invalid_field",
        ),
        (b"[1]", 400, "malformed_json"),
    ],
)
def test_a_state_that_makes_no_sense_is_refused_with_empty_data(post, bearer, body, status, code):
    response = post(STATE, body, **bearer)

    decoders.refusal(response.status_code, response.json(), entry_point=True)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_another_environment_s_entry_point_is_not_found(post, live_env, bearer):
    response = post(STATE, {"entrypointId": str(point(live_env).id)}, **bearer)

    assert response.status_code == 404
    assert not EntryPointState.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/entrypoints/v1/list"),
        ("get", "/entrypoints/v2/list/wk_test_nonsense"),
        ("get", STATE),
        ("post", STATE),
        ("post", SLOTS),
    ],
)
def test_every_refusal_of_an_entry_point_path_holds_empty_data(client, db, method, path):
    response = getattr(client, method)(path)

    decoders.refusal(response.status_code, response.json(), entry_point=True)
    assert response.status_code == 401


def test_a_blocked_person_sees_no_entry_points(client, person, bearer):
    person.blocked_at = timezone.now()
    person.save()

    response = client.get("/entrypoints/v1/list", headers=bearer)

    decoders.refusal(response.status_code, response.json(), entry_point=True)
    assert response.status_code == 403


def test_an_app_reports_its_slots_and_hears_all_that_are_known(post, client, test_env, write_key):
    body = {"activityIdList": ["Home", "Cart"], "bannerIds": ["top"], "embedIds": []}

    android = post(SLOTS, body, **{"x-api-key": write_key, "platform": "android"})
    ios = post(SLOTS, {"activityIdList": ["Home"]}, **{"x-api-key": write_key, "platform": "ios"})

    assert (android.status_code, ios.status_code) == (200, 200)
    known = {
        "activityIdList": {"android": ["Cart", "Home"], "ios": ["Home"]},
        "bannerIds": {"android": ["top"], "ios": []},
        "embedIds": {"android": [], "ios": []},
    }
    assert ios.json() == {"success": True, "data": known}
    found = client.get(CONFIG, headers={"x-api-key": write_key}).json()["data"]["mobile"]
    assert known.items() <= found.items()


def test_a_slot_that_is_reported_again_is_seen_again_not_twice(post, test_env, write_key):
    for _ in range(2):
        post(SLOTS, {"bannerIds": ["top", "top"]}, **{"x-api-key": write_key})

    assert Slot.objects.count() == 1


def test_a_flood_of_slots_stops_at_a_limit_but_known_ones_go_on(post, test_env, write_key, monkeypatch):
    monkeypatch.setattr("campaigns.entry_points.MOST_SLOTS", 3)
    post(SLOTS, {"bannerIds": ["a", "b"]}, **{"x-api-key": write_key})

    response = post(SLOTS, {"bannerIds": ["b", "c", "d"]}, **{"x-api-key": write_key})

    assert response.json()["data"]["bannerIds"]["android"] == ["a", "b"]


@pytest.mark.parametrize(
    "body", [{"bannerIds": "top"}, {"bannerIds": [1]}, {"embedIds": [""]}, {"activityIdList": ["x" * 201]}]
)
def test_names_that_are_no_names_are_refused(post, write_key, body):
    response = post(SLOTS, body, **{"x-api-key": write_key})

    decoders.refusal(response.status_code, response.json(), entry_point=True)
    assert response.status_code == 400
    assert not Slot.objects.exists()


def test_an_unknown_platform_is_refused(post, write_key):
    response = post(SLOTS, {}, **{"x-api-key": write_key, "platform": "toaster"})

    assert response.json()["error"]["code"] == "unknown_platform"
