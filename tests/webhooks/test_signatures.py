"""Both signatures, against the published vector and the reference library."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from glu_admin.webhooks import signatures

TOKEN = "PbTJp694bmgrfJpJPQmrjGfjgq"
PUBLISHED = {
    "campaignId": "6bab1116-ae8e-4644-9cee-7a3d8ee9aff3",
    "type": "direct",
    "userId": "test-8-june-9",
    "rewardId": "acdc71c6-08ad-4cd9-8c1e-3c812487b854",
    "rewardName": "$15",
    "rewardAmount": 15,
    "details": {
        "currency": "USD",
        "value": 15,
        "reward_reason": "got_referred",
        "userAName": "Test Solve 7",
        "userAId": "test-8-june-7",
    },
}


def test_the_published_vector_gives_the_published_signature():
    body = signatures.compact(PUBLISHED)

    assert len(body) == 305
    assert signatures.cg_signature(TOKEN, body) == "f2719895b483fbf3f98e1936bc88271cbe74f138"
    assert signatures.cg_signature(TOKEN.encode(), body) == "f2719895b483fbf3f98e1936bc88271cbe74f138"


@pytest.mark.parametrize(
    "text",
    [
        "Kaffee für Zoë",
        "咖啡",
        "☕️ 20 % off",
        'a "quoted" \\ path/',
        "line\nbreak\tand\x01",
        "\u2028",
        "é" * 500,
    ],
)
def test_a_receiver_that_writes_the_json_again_gets_the_signed_bytes(text):
    sent = signatures.compact({"rewardName": text, "details": {text: [1, None, True, 0.5, -1, 10**20]}})

    again = json.dumps(json.loads(sent), ensure_ascii=False, separators=(",", ":")).encode()

    assert again == sent


def test_the_reference_library_accepts_our_headers():
    secret, now = signatures.new_secret(), datetime.now(UTC)
    body = signatures.compact({"rewardName": "Zoë"})

    headers = signatures.standard_headers([secret], "d-1", now, body)

    assert Webhook(secret).verify(body, headers) == {"rewardName": "Zoë"}
    assert headers["webhook-id"] == "d-1"
    assert headers["webhook-timestamp"] == str(int(now.timestamp()))


def test_during_a_rotation_the_old_and_the_new_secret_both_verify():
    old, new = signatures.new_secret(), signatures.new_secret()

    headers = signatures.standard_headers([new, old], "d-1", datetime.now(UTC), b"{}")

    assert Webhook(old).verify(b"{}", headers) == Webhook(new).verify(b"{}", headers) == {}


def mutants():
    secret, now = signatures.new_secret(), datetime.now(UTC)
    headers = signatures.standard_headers([secret], "d-1", now, b'{"a":1}')
    later = str(int(now.timestamp()) + 1)
    yield "another id", secret, headers | {"webhook-id": "d-2"}, b'{"a":1}'
    yield "another time", secret, headers | {"webhook-timestamp": later}, b'{"a":1}'
    yield "another body", secret, headers, b'{"a":2}'
    yield "another secret", signatures.new_secret(), headers, b'{"a":1}'
    yield "no time", secret, {k: v for k, v in headers.items() if k != "webhook-timestamp"}, b'{"a":1}'
    for bit in range(8):
        flipped = bytearray(b'{"a":1}')
        flipped[3] ^= 1 << bit
        if flipped[3] < 128:
            yield f"bit {bit}", secret, headers, bytes(flipped)
    old = signatures.standard_headers([secret], "d-1", now - timedelta(seconds=301), b'{"a":1}')
    yield "replayed after 301 s", secret, old, b'{"a":1}'
    for noise in ("v1", "v1,", "v1,!!!", "v2,AAAA", ",", " ", "v1,é"):
        yield f"noise {noise}", secret, headers | {"webhook-signature": noise}, b'{"a":1}'


@pytest.mark.parametrize(("secret", "headers", "body"), [pytest.param(*m, id=name) for name, *m in mutants()])
def test_a_forged_or_replayed_webhook_is_refused(secret, headers, body):
    with pytest.raises((WebhookVerificationError, ValueError)):
        Webhook(secret).verify(body, headers)
    assert signatures.check_standard([secret], headers, body) == "wrong"


def test_the_receivers_checks_tell_valid_wrong_and_missing_apart():
    body, secret = b"{}", signatures.new_secret()
    standard = signatures.standard_headers([secret], "d", datetime.now(UTC), body)
    cg = {"x-cg-signature": signatures.cg_signature(TOKEN, body)}

    assert signatures.check_cg([b"other", TOKEN.encode()], cg, body) == "valid"
    assert signatures.check_cg([b"other"], cg, body) == "wrong"
    assert signatures.check_cg([TOKEN.encode()], {"x-cg-signature": "é"}, body) == "wrong"
    assert signatures.check_cg([TOKEN.encode()], {}, body) == "missing"
    assert signatures.check_standard([signatures.new_secret(), secret], standard, body) == "valid"
    assert signatures.check_standard([], standard, body) == "wrong"
    assert signatures.check_standard([secret], {}, body) == "missing"


def test_secrets_are_long_and_never_the_same():
    made = {signatures.new_secret() for _ in range(100)}

    assert len(made) == 100
    assert all(each.startswith("whsec_") and len(each) == 50 for each in made)
