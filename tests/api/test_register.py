"""Registering: the exact answer, and what repeated, partial and anonymous calls do."""

import json
import uuid
from io import BytesIO

import pytest
from django.db import connection

from tests.api import decoders
from users.api import RegisterView
from users.models import EndUser
from users.tokens import read

NOBODY = {
    "userName": None,
    "email": None,
    "phone": None,
    "cookieId": None,
    "appVersion": None,
}
NO_PROFILE = {
    "firstName": None,
    "lastName": None,
    "age": None,
    "city": None,
    "country": None,
    "timezone": None,
}
NO_IDENTITIES = {
    "facebook_id": None,
    "google_id": None,
    "android_id": None,
    "ios_id": None,
    "clevertap_id": None,
    "mparticle_id": None,
    "segment_id": None,
    "moengage_id": None,
}
ROW_VERSION = "SELECT xmin::text, ctid::text FROM users_enduser"


def row_version():
    with connection.cursor() as cursor:
        cursor.execute(ROW_VERSION)
        return cursor.fetchall()


def user_of(response):
    answer = response.json()
    decoders.registration(response.status_code, answer)
    return answer["data"]["user"]


def test_the_smallest_registration_answers_every_key_in_order(register, test_env):
    response = register(userId="u_1")

    person = EndUser.objects.get()
    answer = response.json()
    token = answer["data"].pop("token")
    assert response.headers["Content-Type"] == "application/json"
    assert json.dumps(answer) == json.dumps(
        {
            "success": True,
            "data": {
                "user": {
                    "id": person.glu_id.hex[:24],
                    "userId": "u_1",
                    "anonymousId": None,
                    "gluId": str(person.glu_id),
                    **NOBODY,
                    "client": str(test_env.id),
                    "referralLink": None,
                    "referredBy": None,
                    "referralCode": person.referral_code,
                    "profile": NO_PROFILE,
                    "identities": NO_IDENTITIES,
                    "sessionId": None,
                    "deviceId": None,
                    "deviceType": None,
                    "deviceName": None,
                }
            },
        }
    )
    assert read(token).glu_id == person.glu_id


def test_everything_that_was_sent_comes_back_as_text(register):
    response = register(
        userId="u_1",
        anonymousId="visit-9",
        userName="Asha",
        email="asha@example.com",
        phone="+911234567890",
        deviceId="pixel-7",
        deviceType="android",
        deviceName="Pixel 7",
        firebaseToken="fcm",
        apnsDeviceToken="",
        cookieId="c1",
        appVersion="4.2.0",
        sessionId="s1",
        referredBy="u_0",
        customAttributes={"tier": "gold", "orders": 3},
        profile={
            "firstName": "Asha",
            "lastName": "Rao",
            "age": 27,
            "city": "Pune",
            "timezone": "Asia/Kolkata",
        },
        identities={"facebook_id": "f", "mparticle_d": "m"},
        someNewKey={"the": "future"},
    )

    user = user_of(response)
    assert {key: user[key] for key in ("id", "gluId", "client", "referralCode")} | user == user
    assert [user[key] for key in ("userId", "anonymousId", "userName", "email", "phone", "referredBy")] == [
        "u_1",
        "visit-9",
        "Asha",
        "asha@example.com",
        "+911234567890",
        "u_0",
    ]
    assert [
        user[key] for key in ("cookieId", "appVersion", "sessionId", "deviceId", "deviceType", "deviceName")
    ] == [
        "c1",
        "4.2.0",
        "s1",
        "pixel-7",
        "android",
        "Pixel 7",
    ]
    assert user["profile"] == NO_PROFILE | {
        "firstName": "Asha",
        "lastName": "Rao",
        "age": "27",
        "city": "Pune",
        "timezone": "Asia/Kolkata",
    }
    assert user["identities"] == NO_IDENTITIES | {"facebook_id": "f", "mparticle_id": "m"}
    assert "customAttributes" not in user
    stored = EndUser.objects.get()
    assert stored.attributes == {"tier": "gold", "orders": 3}
    assert stored.profile["age"] == 27
    assert (stored.device["firebaseToken"], stored.device["apnsDeviceToken"]) == ("fcm", "")


def test_the_token_carries_the_device_it_was_asked_from(register):
    response = register(userId="u_1", deviceId="d-1", deviceType="ios")

    claims = decoders.token(response.json()["data"]["token"])

    assert (claims["deviceId"], claims["deviceType"]) == ("d-1", "ios")


@pytest.mark.parametrize(
    "path",
    [
        "/user/v1/user/sdk",
        "/user/v1/user/sdk?token=true",
        "/user/v1/user/sdk?token=false",
        "/user/v1/user/sdk/generateusertoken?token=true",
        "/user/v1/user/sdk/updateuser?token=true",
    ],
)
def test_all_paths_of_the_contract_do_the_same(register, path):
    first, second = register(path, userId="u_1", userName="A"), register(path, userId="u_1", email="a@x.io")

    assert user_of(first)["gluId"] == user_of(second)["gluId"]
    assert (user_of(second)["userName"], user_of(second)["email"]) == ("A", "a@x.io")
    assert EndUser.objects.count() == 1


def test_a_call_that_changes_nothing_writes_nothing(register):
    body = {
        "userId": "u_1",
        "userName": "Asha",
        "email": None,
        "customAttributes": {
            "a": 1,
            "b": [1, None, "c", False],
            "d": 1.5,
            "wide": 1e16,
            "narrow": -1.25e-7,
            "wider": [1e17, 1e300, -1e16],
            "big": 12345678901234567890123,
            "gone": None,
        },
        "profile": {"age": 27},
        "deviceType": "ios",
        "referredBy": "u_0",
    }
    first = register(**body)
    before = row_version()

    second = register(**body)

    assert row_version() == before
    assert user_of(second) == user_of(first)


@pytest.mark.parametrize(
    ("stored", "sent"), [(1, True), (1, 1.0), (0, False), ("1", 1), ([1], [True]), ([1, 2], [1])]
)
def test_an_attribute_that_only_looks_the_same_is_a_change(register, stored, sent):
    register(userId="u_1", customAttributes={"a": stored})
    before = row_version()

    register(userId="u_1", customAttributes={"a": sent})

    assert row_version() != before
    kept = EndUser.objects.get().attributes["a"]
    assert json.dumps(kept) == json.dumps(sent)


def test_a_partial_update_keeps_what_is_not_sent(register):
    register(
        userId="u_1",
        userName="Asha",
        phone="1",
        deviceId="d",
        profile={"city": "Pune", "age": "27"},
        identities={"google_id": "g"},
        customAttributes={"a": 1, "b": 2},
    )

    register(userId="u_1", phone="2", profile={"age": "28"}, customAttributes={"b": 3, "c": ["d"]})

    person = EndUser.objects.get()
    assert (person.user_name, person.phone) == ("Asha", "2")
    assert person.device == {"deviceId": "d"}
    assert person.profile == {"city": "Pune", "age": "28"}
    assert person.identities == {"google_id": "g"}
    assert person.attributes == {"a": 1, "b": 3, "c": ["d"]}


def test_null_forgets_a_field_an_attribute_or_a_part_of_the_profile(register):
    register(
        userId="u_1",
        email="a@x.io",
        firebaseToken="f",
        profile={"city": "Pune", "age": 1},
        customAttributes={"a": 1, "b": 2},
    )

    user = user_of(
        register(
            userId="u_1",
            email=None,
            firebaseToken=None,
            profile={"city": None},
            customAttributes={"a": None, "never": None},
        )
    )

    person = EndUser.objects.get()
    assert user["email"] is None
    assert (person.email, person.device, person.profile) == (None, {}, {"age": 1})
    assert person.attributes == {"b": 2}


def test_null_for_a_whole_part_says_nothing(register):
    register(userId="u_1", profile={"city": "Pune"}, customAttributes={"a": 1})

    register(userId="u_1", profile=None, customAttributes=None, identities=None, referredBy=None)

    person = EndUser.objects.get()
    assert (person.profile, person.attributes) == ({"city": "Pune"}, {"a": 1})


def test_the_same_id_in_two_environments_is_two_people(register, post, live_env):
    here = user_of(register(userId="u_1"))

    there = user_of(post("/user/v1/user/sdk", {"userId": "u_1", "writeKey": live_env.write_keys.get().key}))

    assert here["gluId"] != there["gluId"]
    assert (there["client"], EndUser.objects.count()) == (str(live_env.id), 2)


def test_headers_of_the_sdks_change_nothing(client, write_key):
    response = client.post(
        "/user/v1/user/sdk/generateusertoken?token=true",
        json.dumps({"userId": "u_1", "writeKey": write_key}),
        content_type="text/plain; charset=utf-8",
        headers={
            "Accept": "text/html",
            "Authorization": "Bearer of.an.old-user",
            "X-GLU-AUTH": "Bearer x",
            "x-api-key": "wk_live_of_somebody_else",
            "sandbox": "true",
            "platform": "ios",
            "x-app-name": "Brewline",
            "cg-sdk-version": "3.1.6",
            "cg-app-platform": "flutter",
        },
    )

    assert user_of(response)["userId"] == "u_1"


def test_the_header_names_the_key_when_the_body_does_not(post, write_key):
    assert (
        user_of(post("/user/v1/user/sdk", {"userId": "u_1"}, **{"x-api-key": write_key}))["userId"] == "u_1"
    )


def test_a_form_content_type_is_read_as_json_all_the_same(client, write_key):
    response = client.post(
        "/user/v1/user/sdk",
        json.dumps({"userId": "u_1", "writeKey": write_key}),
        content_type="application/x-www-form-urlencoded",
    )

    assert user_of(response)["userId"] == "u_1"


def test_a_body_that_comes_in_chunks_without_a_length_is_read(rf, write_key):
    request = rf.generic("POST", "/user/v1/user/sdk")
    body = json.dumps({"userId": "u_1", "writeKey": write_key}).encode()
    request.META |= {"CONTENT_LENGTH": "", "wsgi.input_terminated": True, "wsgi.input": BytesIO(body)}

    response = RegisterView.as_view()(request)

    assert json.loads(response.content)["data"]["user"]["userId"] == "u_1"


def test_the_id_is_the_beginning_of_the_glu_id(register):
    user = user_of(register(userId="u_1"))

    assert user["id"] == uuid.UUID(user["gluId"]).hex[:24]


def test_an_empty_device_type_is_no_reason_to_refuse(register):
    assert register(userId="u_1", deviceType="").status_code == 200
