"""Broken and hostile bodies of register: a refusal of the one shape, never a fault, nothing half-written."""

import json
import random

import pytest

from tests.api import decoders
from users.models import EndUser

REGISTER = "/user/v1/user/sdk"

# name -> (body with KEY for the write key, status, code)
RAW = {
    "nothing": (b"", 401, "key_missing"),
    "blanks": (b" \n\t", 401, "key_missing"),
    "no JSON": (b"userId=u_1&writeKey=KEY", 400, "malformed_json"),
    "half an object": (b'{"userId": "u_1", ', 400, "malformed_json"),
    "a trailing comma": (b'{"userId": "u_1", "writeKey": "KEY",}', 400, "malformed_json"),
    "single quotes": (b"{'userId': 'u_1'}", 400, "malformed_json"),
    "a list": (b'[{"userId": "u_1", "writeKey": "KEY"}]', 400, "malformed_json"),
    "a text": (b'"u_1"', 400, "malformed_json"),
    "a number": (b"1", 400, "malformed_json"),
    "null": (b"null", 400, "malformed_json"),
    "NaN": (b'{"userId": "u_1", "writeKey": "KEY", "customAttributes": {"a": NaN}}', 400, "malformed_json"),
    "Infinity": (
        b'{"userId": "u_1", "writeKey": "KEY", "customAttributes": {"a": -Infinity}}',
        400,
        "malformed_json",
    ),
    "1e400": (
        b'{"userId": "u_1", "writeKey": "KEY", "customAttributes": {"a": 1e400}}',
        400,
        "malformed_json",
    ),
    "400 digits": (
        b'{"userId": "u_1", "writeKey": "KEY", "customAttributes": {"a": %s}}' % (b"9" * 400),
        400,
        "malformed_json",
    ),
    "two values": (b'{"userId": "u_1", "writeKey": "KEY"} {}', 400, "malformed_json"),
    "UTF-16": ('{"userId": "u_1", "writeKey": "KEY"}'.encode("utf-16"), 400, "malformed_json"),
    "Latin-1": (b'{"userId": "J\xf6rg", "writeKey": "KEY"}', 400, "malformed_json"),
    "overlong UTF-8": (b'{"userId": "\xc0\xaf", "writeKey": "KEY"}', 400, "malformed_json"),
    "a byte order mark": (b'\xef\xbb\xbf{"userId": "u_1", "writeKey": "KEY"}', 400, "malformed_json"),
    "a NUL byte": (b'{"userId": "u\x00", "writeKey": "KEY"}', 400, "malformed_json"),
    "an escaped NUL in the id": (b'{"userId": "u\\u0000", "writeKey": "KEY"}', 400, "nul_character"),
    "an escaped NUL in an attribute": (
        b'{"userId": "u_1", "writeKey": "KEY", "customAttributes": {"a": ["\\u0000"]}}',
        400,
        "nul_character",
    ),
    "an escaped NUL in a name": (
        b'{"userId": "u_1", "writeKey": "KEY", "customAttributes": {"a\\u0000": 1}}',
        400,
        "nul_character",
    ),
    "an escaped NUL in an unknown key": (
        b'{"userId": "u_1", "writeKey": "KEY", "\\u0000": 1}',
        400,
        "nul_character",
    ),
    "half a surrogate": (b'{"userId": "u_\\ud800", "writeKey": "KEY"}', 400, "malformed_json"),
    "the other half": (b'{"userId": "u_\\udc00", "writeKey": "KEY"}', 400, "malformed_json"),
    "a surrogate in bytes": (b'{"userId": "u_\xed\xa0\x80", "writeKey": "KEY"}', 400, "malformed_json"),
    "33 levels": (
        b'{"userId": "u_1", "writeKey": "KEY", "customAttributes": {"a": %s%s}}' % (b"[" * 31, b"]" * 31),
        400,
        "nested_too_deep",
    ),
    "33 levels and a value": (
        b'{"userId": "u_1", "writeKey": "KEY", "customAttributes": {"a": %s1%s}}' % (b"[" * 31, b"]" * 31),
        400,
        "nested_too_deep",
    ),
    "900 levels": (
        b'{"userId": "u_1", "writeKey": "KEY", "customAttributes": {"a": %s%s}}' % (b"[" * 900, b"]" * 900),
        400,
        "nested_too_deep",
    ),
    "900 levels with a NUL at the bottom": (
        b'{"userId": "u_1", "writeKey": "KEY", "x": %s"\\u0000"%s}' % (b"[" * 900, b"]" * 900),
        400,
        "nested_too_deep",
    ),
    "100,000 levels": (b"[" * 100_000, 400, "malformed_json"),
    "a megabyte": (b'{"userId": "%s"}' % (b"x" * 1_000_000), 413, "body_too_large"),
    "a byte too many": (b" " * (256 * 1024 + 1), 413, "body_too_large"),
}

# what is sent beside writeKey and a good userId -> (the field that is named, the code)
WRONG = [
    *(({"userId": value}, "userId", "wrong_type") for value in (123, 1.5, True, [], {}, ["u_1"])),
    *(({"userId": value}, "userId", "user_id_missing") for value in (None, "", "   ")),
    ({"userId": "x" * 256}, "userId", "too_long"),
    ({"userId": "a\nb"}, "userId", "control_character"),
    ({"anonymousId": 5}, "anonymousId", "wrong_type"),
    ({"anonymousId": "y" * 256}, "anonymousId", "too_long"),
    ({"userName": 5}, "userName", "wrong_type"),
    ({"userName": "x" * 256}, "userName", "too_long"),
    ({"email": ["a@x.io"]}, "email", "wrong_type"),
    ({"email": "x" * 321}, "email", "too_long"),
    ({"phone": 911234567890}, "phone", "wrong_type"),
    ({"deviceType": "windows"}, "deviceType", "unknown_value"),
    ({"deviceType": "Android"}, "deviceType", "unknown_value"),
    ({"deviceType": 1}, "deviceType", "wrong_type"),
    ({"deviceId": {"a": 1}}, "deviceId", "wrong_type"),
    ({"appVersion": 4.2}, "appVersion", "wrong_type"),
    ({"firebaseToken": "x" * 4097}, "firebaseToken", "too_long"),
    ({"referredBy": 7}, "referredBy", "wrong_type"),
    ({"referralCode": []}, "referralCode", "wrong_type"),
    *(({"customAttributes": value}, "customAttributes", "wrong_type") for value in ("a", 1, [], True)),
    ({"profile": []}, "profile", "wrong_type"),
    ({"profile": {"age": [27]}}, "profile.age", "wrong_type"),
    ({"profile": {"city": {"name": "Pune"}}}, "profile.city", "wrong_type"),
    ({"profile": {"city": "x" * 256}}, "profile.city", "too_long"),
    ({"identities": "f"}, "identities", "wrong_type"),
    ({"identities": {"mparticle_d": []}}, "identities.mparticle_d", "wrong_type"),
]


def refused(response):
    answer = response.json()
    decoders.refusal(response.status_code, answer)
    return answer["error"]


@pytest.mark.parametrize("name", RAW)
def test_a_broken_body_is_refused_and_writes_nothing(post, write_key, name):
    body, status, code = RAW[name]

    response = post(REGISTER, body.replace(b"KEY", write_key.encode()))

    assert (response.status_code, refused(response)["code"]) == (status, code)
    assert not EndUser.objects.exists()


@pytest.mark.parametrize(("wrong", "field", "code"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_value_is_refused_by_the_name_of_its_field(register, wrong, field, code):
    response = register(**{"userId": "u_1", "userName": "Asha"} | wrong)

    error = refused(response)
    assert (response.status_code, error["field"], error["code"]) == (400, field, code)
    assert field.rpartition(".")[2] in error["message"]
    assert not EndUser.objects.exists()


@pytest.mark.parametrize(
    "extra",
    [
        {"customAttributes": {"__proto__": {"a": 1}, "constructor": 1}},
        {"customAttributes": {"a'; DROP TABLE users_enduser; --": "%s %(a)s {0} \\"}},
        {"customAttributes": {"deep": json.loads("[" * 30 + "1" + "]" * 30)}},
        {"customAttributes": {"n": 10**15, "f": 1e308, "tiny": 5e-324, "z": -0.0, "big": 2**64}},
        {"userName": "𝕬𝖘𝖍𝖆 🏳️‍🌈 עברית \u202e"},
        {"userName": "Robert'); DROP TABLE Students;--", "email": "%s", "phone": "\\"},
        {"profile": {"age": -1, "unknown": {"a": []}}, "identities": {"unknown": 5}},
        {"is_test": True, "token_version": 99, "blocked_at": None, "environment_id": "x", "attributes": 1},
        {"success": False, "data": [], "token": 5, "gluId": "x", "id": 1, "client": "y"},
    ],
    ids=lambda value: str(value)[:40],
)
def test_strange_but_harmless_bodies_register(register, extra):
    for _ in range(2):
        response = register(userId="u_1", **extra)
        decoders.registration(response.status_code, response.json())

    person = EndUser.objects.get()
    assert (person.token_version, person.is_test, person.blocked_at) == (1, False, None)
    assert str(person.glu_id) == response.json()["data"]["user"]["gluId"] != "x"


def test_a_repeated_strange_body_still_writes_nothing(register):
    attributes = {"f": 1e308, "tiny": 5e-324, "z": -0.0, "big": 2**64, "s": "\u2028", "e": "é", "n": 1.10}
    register(userId="u_1", customAttributes=attributes)
    before = EndUser.objects.get().updated_at

    register(userId="u_1", customAttributes=attributes)

    assert EndUser.objects.get().updated_at == before


def test_five_hundred_random_bodies_never_meet_a_fault(post, write_key):
    chance = random.Random(7)  # noqa: S311  # the same bodies each time
    whole = json.dumps(
        {
            "writeKey": write_key,
            "userId": "u_1",
            "customAttributes": {"a": [1, None, {"b": "é"}], "c": 1.5},
            "profile": {"age": 27},
            "deviceType": "ios",
        }
    ).encode()
    for _ in range(500):
        body = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(body))
            match chance.randrange(3):
                case 0:
                    body[at] = chance.randrange(256)
                case 1:
                    del body[at : at + chance.randint(1, 9)]
                case 2:
                    body[at:at] = chance.choice(
                        [b"\\u0000", b"[", b"{", b'"', b"null", b"1e400", b"\\ud83d", b"\xff"]
                    )

        response = post(REGISTER, bytes(body))

        assert response.status_code in {200, 400, 401}, bytes(body)
        if response.status_code != 200:
            refused(response)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_another_method_is_refused_in_the_one_shape(client, method):
    response = getattr(client, method)(REGISTER)

    assert (response.status_code, refused(response)["code"]) == (405, "method_not_allowed")
