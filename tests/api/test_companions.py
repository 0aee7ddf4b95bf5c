"""What mobile SDKs ask beside the campaigns: deep links, files to fetch ahead, holdings, crash reports."""

import hashlib
import io
import zipfile

import pytest

from tests.factories import EndUserFactory, launched_campaign, token_of
from users.models import SdkSignal

LINK = "/api/v1/wormhole/sdk/url"
ASSETS = "/reward/v1.1/client/assets"


@pytest.fixture
def person(test_env):
    return EndUserFactory(environment=test_env, user_id="u_1")


@pytest.fixture
def bearer(person):
    return {"Authorization": f"Bearer {token_of(person)}"}


@pytest.fixture
def wheel(test_env):
    return launched_campaign(test_env, weights=(1, 0, 0, 0), tag="autumn")


@pytest.fixture
def keyed(client, write_key):
    return lambda path, **query: client.get(path, query, headers={"x-api-key": write_key})


@pytest.mark.parametrize("name", ["autumn", "AUTUMN", "id"])
def test_a_deep_link_leads_to_the_campaign_that_its_key_names(keyed, test_env, wheel, name):
    answer = keyed(LINK, id=str(wheel.id) if name == "id" else name)

    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "message": "",
        "data": {
            "anonymous": True,
            "client": str(test_env.id),
            "container": {"type": "full-default", "absoluteHeight": 0, "relativeHeight": 100},
            "content": {
                "closeOnDeepLink": True, "type": "CAMPAIGN", "url": "", "campaignId": str(wheel.id),
            },
        },
    }  # fmt: skip


def test_a_deep_link_may_lead_to_the_wallet(keyed):
    content = keyed(LINK, id="wallet").json()["data"]["content"]

    assert content == {"closeOnDeepLink": True, "type": "WALLET", "url": "", "campaignId": ""}


@pytest.mark.parametrize("key", ["", "nothing", "0", "a\0b", "x" * 5000])
def test_a_deep_link_that_leads_nowhere_says_so(keyed, key):
    answer = keyed(LINK, id=key)

    assert answer.status_code == 404
    assert answer.json()["success"] is False
    assert answer.json()["error"]["code"] == "link_unknown"


@pytest.mark.parametrize("path", [LINK, ASSETS])
def test_a_wrong_key_is_refused(client, db, path):
    assert client.get(path, headers={"x-api-key": "wk_test_nobody"}).status_code == 401


def test_the_files_to_fetch_ahead_are_those_that_pages_load(client, keyed, bearer, wheel):
    data = keyed(ASSETS).json()["data"]
    file = client.get(data["compressedAssets"].removeprefix("http://testserver"))
    page = client.get("/reward/", {"token": bearer["Authorization"][7:], "campaignId": str(wheel.id)})

    assert hashlib.sha256(file.content).hexdigest() == data["hash"]
    assert "immutable" in file["Cache-Control"]
    names = zipfile.ZipFile(io.BytesIO(file.content)).namelist()
    for wanted in ("player/player.js", "player/player.css", "types/spinthewheel/game.css"):
        address = next(each for each in names if each.endswith(wanted))
        assert f"/{address}" in page.text


def test_another_name_of_the_files_is_not_kept_for_good(client, db):
    assert client.get(f"{ASSETS}.zip", {"v": "of-last-year"})["Cache-Control"] == "no-cache"


def test_programs_tell_how_far_the_person_is(post, bearer, wheel):
    answer = post("/reward/v2/user/program", {"filter": {"campaignId": {str(wheel.id): True}}}, **bearer)

    assert answer.status_code == 200
    assert answer.json() == {
        "success": True, "page": 1, "limit": 50, "total": 1,
        "data": [
            {"campaignId": str(wheel.id), "type": "spinthewheel", "status": "pristine",
             "title": "Autumn wheel", "tag": "autumn"},
        ],
    }  # fmt: skip


def test_rewards_come_newest_first_page_by_page(post, bearer, wheel):
    for key in ("a", "b", "c"):
        path = f"/api/v1/campaigns/{wheel.id}/play"
        assert post(path, {}, **bearer, **{"Idempotency-Key": key}).status_code == 200

    first = post("/reward/v2/user/reward", {"limit": 2}, **bearer).json()
    rest = post("/reward/v2/user/reward", {"limit": 2, "page": 2}, **bearer).json()

    assert (first["total"], len(first["data"]), len(rest["data"])) == (3, 2, 1)
    assert len({each["rewardId"] for each in first["data"] + rest["data"]}) == 3
    assert first["data"][0]["code"]
    assert first["data"][0]["campaignId"] == str(wheel.id)


def test_a_filter_leaves_other_campaigns_out(post, bearer, wheel):
    body = {"filter": {"campaignId": {"another": True, str(wheel.id): False}}}

    assert post("/reward/v2/user/program", body, **bearer).json()["data"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": True}, "limit"),
        ({"page": "2"}, "page"),
        ({"filter": []}, None),
        ({"filter": "all"}, "filter"),
        ({"filter": {"campaignId": ["x"]}}, "filter"),
    ],
)
def test_what_can_t_be_understood_is_refused_by_name(post, bearer, body, field):
    answer = post("/reward/v2/user/reward", body, **bearer)

    assert answer.status_code == (400 if field else 200)
    if field:
        assert answer.json()["error"]["field"] == field


def test_a_crash_report_is_kept_among_the_diagnostics(client, test_env, write_key):
    body = {"platform": "android", "user_id": "u_1", "stack_trace": "boom"}
    answer = client.put(
        "/api/v1/report", body, content_type="application/json", headers={"x-api-key": write_key}
    )

    assert answer.status_code == 200
    assert answer.json()["success"] is True
    kept = SdkSignal.objects.get(environment=test_env)
    assert (kept.kind, kept.client_id, kept.content) == ("diagnostics", "u_1", body)


def test_a_token_of_nobody_opens_no_holdings(post, person, wheel):
    token = token_of(person)
    person.delete()

    assert post("/reward/v2/user/reward", {}, Authorization=f"Bearer {token}").status_code == 401
