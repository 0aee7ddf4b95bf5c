"""The judges themselves: each must refuse what would break a client."""

import copy

import pytest

from tests.api import decoders

TOKEN = "e30.eyJleHAiOjE3OTc5Njg0OTMsInVzZXJJZCI6InUifQ.x"
WALLET = {
    "success": True,
    "defaultUrl": "https://x.io/wallet/?token=a",
    "defaultBanner": {"liveCampaignCount": 1, "totalRewardCount": 0},
    "campaigns": [
        {
            "campaignId": "c",
            "url": "https://x.io/reward/?token=a",
            "type": "spinthewheel",
            "status": "pristine",
            "banner": {"totalSteps": "3"},
        }
    ],
}
REGISTRATION = {
    "success": True,
    "data": {"token": TOKEN, "user": {"userId": "u", "profile": {"age": "27"}, "identities": {}}},
}
REFUSAL = {"success": False, "message": "No.", "error": {"code": "no", "message": "No."}, "data": []}
GONE = object()


def changed(answer, path, value):
    """A copy with the value at a path changed, or gone."""
    answer = copy.deepcopy(answer)
    *way, last = path
    part = answer
    for step in way:
        part = part[step]
    if value is GONE:
        del part[last]
    else:
        part[last] = value
    return answer


def test_answers_that_decode_pass():
    decoders.wallet(200, WALLET)
    decoders.registration(200, REGISTRATION)
    decoders.refusal(401, REFUSAL, entry_point=True)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["success"], "true"),
        (["defaultUrl"], "/wallet/?token=a"),
        (["defaultUrl"], "https://x.io/wallet/"),
        (["defaultUrl"], GONE),
        (["defaultBanner", "liveCampaignCount"], "1"),
        (["defaultBanner", "totalRewardCount"], True),
        (["campaigns"], {}),
        (["campaigns", 0, "status"], None),
        (["campaigns", 0, "campaignId"], 5),
        (["campaigns", 0, "url"], "https://x.io/reward/"),
        (["campaigns", 0, "banner", "totalSteps"], 3),
    ],
)
def test_a_wallet_that_breaks_a_client_is_refused(path, value):
    with pytest.raises((AssertionError, KeyError)):
        decoders.wallet(200, changed(WALLET, path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["success"], 1),
        (["data", "token"], "no-dots"),
        (["data", "token"], None),
        (["data", "user", "userId"], 5),
        (["data", "user", "profile"], None),
        (["data", "user", "profile", "age"], 27),
        (["data", "user", "identities"], []),
    ],
)
def test_a_registration_that_breaks_a_client_is_refused(path, value):
    with pytest.raises((AssertionError, KeyError)):
        decoders.registration(200, changed(REGISTRATION, path, value))


@pytest.mark.parametrize("status", [201, 202, 204])
def test_only_exactly_200_is_success(status):
    for judge, answer in ((decoders.wallet, WALLET), (decoders.registration, REGISTRATION)):
        with pytest.raises(AssertionError):
            judge(status, answer)


@pytest.mark.parametrize(
    ("status", "path", "value"),
    [
        (200, ["message"], "No."),
        (408, ["message"], "No."),
        (429, ["message"], "No."),
        (502, ["message"], "No."),
        (400, ["success"], GONE),
        (400, ["success"], "false"),
        (400, ["message"], ""),
        (400, ["error"], {}),
        (400, ["defaultUrl"], "https://x.io/?"),
        (400, ["data"], GONE),
    ],
)
def test_a_refusal_that_breaks_a_client_is_refused(status, path, value):
    with pytest.raises((AssertionError, KeyError)):
        decoders.refusal(status, changed(REFUSAL, path, value), entry_point=True)
