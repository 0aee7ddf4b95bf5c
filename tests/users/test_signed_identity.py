"""Signed identity: off, reported or enforced; the hash of one user opens nobody else."""

import hashlib
import hmac

import pytest

from glu_admin import config
from glu_admin.observability import metrics
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry
from tests.api import decoders
from users.identity import signed
from users.models import EndUser

ACTOR = Actor("Ops")
REGISTER = "/user/v1/user/sdk?token=true"


@pytest.fixture
def send(client):
    def call(environment, **body):
        key = environment.write_keys.first().key
        return client.post(REGISTER, {"writeKey": key} | body, content_type="application/json")

    return call


@pytest.fixture
def secret(test_env):
    return signed.rotate(test_env, ACTOR)


def proof(secret, user_id):
    return hmac.new(secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()


def code_of(response):
    return response.status_code, response.json()["error"]["code"]


def test_nothing_is_asked_for_by_default(send, test_env):
    response = send(test_env, userId="u_1", userHash="nonsense")

    assert response.status_code == 200
    assert "warnings" not in response.json()


def test_the_hash_is_the_hex_hmac_sha256_of_the_user_id():
    assert signed.user_hash(b"key", "u_1") == hmac.new(b"key", b"u_1", "sha256").hexdigest()


@pytest.mark.parametrize(
    ("sent", "cause"), [({}, "user_hash_missing"), ({"userHash": "0" * 64}, "user_hash_wrong")]
)
def test_reported_a_missing_or_wrong_hash_is_a_warning_and_counted(send, test_env, secret, sent, cause):
    signed.switch(test_env, "report", ACTOR)
    before = metrics.UNSIGNED.labels(cause)._value.get()

    response = send(test_env, userId="u_1", **sent)

    decoders.registration(response.status_code, response.json())
    [warning] = response.json()["warnings"]
    assert (warning["field"], warning["code"]) == ("userHash", cause)
    assert metrics.UNSIGNED.labels(cause)._value.get() == before + 1


@pytest.mark.parametrize("mode", ["report", "enforce"])
def test_a_right_hash_passes_in_silence(send, test_env, secret, mode):
    signed.switch(test_env, mode, ACTOR)

    for right in (proof(secret, "u_1"), proof(secret, "u_1").upper()):
        response = send(test_env, userId="u_1", userHash=right)
        assert response.status_code == 200
        assert "warnings" not in response.json()


@pytest.mark.parametrize("wrong", [None, "", "x", "é", "0" * 64, "of another user", "of an older secret"])
def test_enforced_whoever_cannot_prove_it_is_refused_and_nothing_is_written(send, test_env, secret, wrong):
    signed.switch(test_env, "enforce", ACTOR)
    if wrong == "of another user":
        wrong = proof(secret, "u_2")
    elif wrong == "of an older secret":
        wrong = proof(secret, "u_1")
        signed.rotate(test_env, ACTOR)

    response = send(test_env, userId="u_1", **({} if wrong is None else {"userHash": wrong}))

    assert code_of(response) == (401, "user_hash_wrong" if wrong else "user_hash_missing")
    assert response.json()["success"] is False
    assert not EndUser.objects.exists()


def test_the_hash_of_another_environment_opens_nothing(send, test_env, live_env, secret):
    signed.rotate(live_env, ACTOR)
    signed.switch(live_env, "enforce", ACTOR)

    response = send(live_env, userId="u_1", userHash=proof(secret, "u_1"))

    assert code_of(response) == (401, "unauthorized")  # in Live the cause stays in the log


def test_enforced_without_a_secret_nobody_passes(send, test_env):
    signed.switch(test_env, "enforce", ACTOR)

    assert code_of(send(test_env, userId="u_1", userHash="x")) == (401, "identity_secret_missing")


def test_a_visitor_claims_to_be_nobody_and_needs_no_proof(send, test_env, secret):
    signed.switch(test_env, "enforce", ACTOR)

    assert send(test_env, anonymousId="v").status_code == 200
    assert send(test_env, anonymousId="v", userId="v").status_code == 200


def test_enforced_a_visitor_is_linked_by_the_users_hash_only(send, test_env, secret):
    signed.switch(test_env, "enforce", ACTOR)
    send(test_env, userId="u_1", userHash=proof(secret, "u_1"))
    send(test_env, anonymousId="v")

    refused = send(test_env, userId="u_1", anonymousId="v")
    assert (refused.status_code, EndUser.objects.filter(merged_into=None).count()) == (401, 2)

    send(test_env, userId="u_1", anonymousId="v", userHash=proof(secret, "u_1"))
    assert EndUser.objects.filter(merged_into=None).count() == 1


def test_enforced_a_direct_link_needs_the_hash_too(client, send, test_env, secret):
    signed.switch(test_env, "enforce", ACTOR)
    send(test_env, userId="u_1", userHash=proof(secret, "u_1"))
    link = f"/wallet/?writekey={test_env.write_keys.get().key}&userId=u_1"

    assert client.get(link).status_code == 401
    opened = client.get(f"{link}&userHash={proof(secret, 'u_1')}")
    assert opened.status_code in (200, 302, 303)
    assert "userHash" not in opened.headers.get("Location", "")


def test_the_secret_is_sealed_and_its_making_audited_without_it(test_env, secret):
    test_env.refresh_from_db()
    opened = config.get(test_env.id)

    assert secret.encode() not in bytes(test_env.sealed_identity_secret)
    assert signed.secret_of(opened) == secret.encode()
    entry = AuditEntry.objects.get(action="identity_secret.rotate")
    assert secret not in str(entry.changes)


def test_switching_is_audited_once(test_env):
    signed.switch(test_env, "report", ACTOR)
    signed.switch(test_env, "report", ACTOR)

    assert AuditEntry.objects.get(action="signed_identity.switch").changes == {
        "signed_identity": ["off", "report"]
    }
