"""Who invited whom: said once, by id or by code, never of oneself."""

from tests.api import decoders


def user_of(response):
    answer = response.json()
    decoders.registration(response.status_code, answer)
    return answer["data"]["user"]


def test_a_referrer_is_recorded_once(register):
    register(userId="u_1")
    register(userId="u_1", referredBy="u_0")

    user = user_of(register(userId="u_1", referredBy="u_9"))

    assert user["referredBy"] == "u_0"


def test_nobody_refers_themselves(register):
    code = user_of(register(userId="u_1"))["referralCode"]

    by_id, by_code = register(userId="u_1", referredBy="u_1"), register(userId="u_1", referralCode=code)

    for response, field in ((by_id, "referredBy"), (by_code, "referralCode")):
        assert user_of(response)["referredBy"] is None
        assert response.json()["warnings"] == [
            {
                "field": field,
                "code": "self_referral",
                "message": "Nobody can refer themselves; it was ignored.",
            }
        ]


def test_a_referral_code_stands_for_its_owner(register):
    code = user_of(register(userId="u_0"))["referralCode"]

    user = user_of(register(userId="u_1", referralCode=code))

    assert user["referredBy"] == "u_0"
    assert user["referralCode"] != code
    assert code.startswith("GLU-") and len(code) == 12


def test_an_unknown_referral_code_is_a_warning(register):
    response = register(userId="u_1", referralCode="GLU-NOBODY22")

    assert user_of(response)["referredBy"] is None
    assert response.json()["warnings"][0]["code"] == "referral_code_unknown"


def test_the_referral_link_leads_to_the_environments_page_with_the_code(register, test_env):
    test_env.referral_url = "https://brewline.example/join?from=app"
    test_env.save()

    user = user_of(register(userId="u_1"))

    assert (
        user["referralLink"] == f"https://brewline.example/join?from=app&referralCode={user['referralCode']}"
    )
