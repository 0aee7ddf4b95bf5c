"""Forged, foreign, old and broken tokens: each is a 401 of the one shape, and in Live of one text."""

import base64
import hashlib
import hmac
import json
import time
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from glu_admin import config
from glu_admin.workspaces import keys
from tests.api import decoders
from users.models import EndUser

KEY = b"k" * 32
NOW = int(time.time())
WHOAMI = "/reward/v1.1/whoami"


def b64(data):
    raw = data if isinstance(data, bytes) else json.dumps(data, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Forge:
    """Makes tokens: a genuine one, and any that differ from it."""

    def __init__(self, environment, person):
        self.opened = config.get(environment.id)
        self.secret = self.opened.signing_key.secret
        self.header = {"typ": "JWT", "alg": "HS256", "kid": self.opened.signing_key.kid}
        self.claims = {
            "userId": person.user_id,
            "gluId": str(person.glu_id),
            "client": str(environment.id),
            "deviceId": None,
            "deviceType": "ios",
            "iat": NOW,
            "exp": NOW + 3600,
            "tv": 1,
        }

    def token(self, header=None, claims=None, *, secret=None, without=(), raw_header=None, digest="sha256"):
        header = {k: v for k, v in (self.header | (header or {})).items() if k not in without}
        claims = {k: v for k, v in (self.claims | (claims or {})).items() if k not in without}
        signing = f"{b64(raw_header or header)}.{b64(claims)}"
        return f"{signing}.{b64(hmac.digest(secret or self.secret, signing.encode(), digest))}"

    @property
    def genuine(self):
        return self.token()


PUBLIC = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)
JWK = {"kty": "oct", "k": b64(KEY), "alg": "HS256"}


def swap(token, part, text):
    parts = token.split(".")
    parts[part] = text
    return ".".join(parts)


def flip(token, part, at=3):
    text = token.split(".")[part]
    return swap(token, part, f"{text[:at]}{'A' if text[at] != 'A' else 'B'}{text[at + 1 :]}")


# name -> (how to forge it, the cause that Test tells)
FORGED = {
    "not a token": (lambda f: "hello", "token_malformed"),
    "empty parts": (lambda f: "..", "token_malformed"),
    "two parts": (lambda f: f.genuine.rpartition(".")[0], "token_malformed"),
    "four parts": (lambda f: f.genuine + ".x", "token_malformed"),
    "a JWE's five parts": (lambda f: "a.b.c.d.e", "token_malformed"),
    "not base64": (lambda f: swap(f.genuine, 1, "%%%%"), "token_malformed"),
    "not ASCII": (lambda f: f.genuine + "é", "token_malformed"),
    "claims that are no JSON": (lambda f: swap(f.genuine, 1, b64(b"{")), "token_malformed"),
    "claims that are a list": (lambda f: swap(f.genuine, 1, b64([1])), "token_malformed"),
    "claims nested without end": (lambda f: swap(f.genuine, 1, b64(b"[" * 3000)), "token_malformed"),
    "a header that is text": (lambda f: swap(f.genuine, 0, b64('"x"')), "token_malformed"),
    "a header with half a surrogate": (
        lambda f: swap(f.genuine, 0, b64(b'{"kid":"\\ud800"}')),
        "token_malformed",
    ),
    "very long": (lambda f: f.token(claims={"userId": "x" * 9000}), "token_malformed"),
    "no environment": (lambda f: f.token(without=["client"]), "token_malformed"),
    "a claim that is a list": (lambda f: f.token(claims={"a": [{}] * 900}), "token_malformed"),
    "hundreds of claims": (lambda f: f.token(claims={str(n): 1 for n in range(500)}), "token_malformed"),
    "a header that is nested": (lambda f: f.token(header={"a": {}}), "token_malformed"),
    "an environment that is no UUID": (lambda f: f.token(claims={"client": "1 OR 1=1"}), "token_malformed"),
    "an environment that is a number": (lambda f: f.token(claims={"client": 7}), "token_malformed"),
    "an environment that is a list": (lambda f: f.token(claims={"client": ["x"]}), "token_malformed"),
    "an unknown environment": (
        lambda f: f.token(claims={"client": str(uuid4())}),
        "token_unknown_environment",
    ),
    "no signature": (lambda f: swap(f.genuine, 2, ""), "token_bad_signature"),
    "a signature of zeros": (lambda f: swap(f.genuine, 2, b64(bytes(32))), "token_bad_signature"),
    "half a signature": (lambda f: f.genuine[:-20], "token_bad_signature"),
    "a changed signature": (lambda f: flip(f.genuine, 2), "token_bad_signature"),
    "a signature with a loose last bit": (
        lambda f: f.genuine[:-1] + chr(ord(f.genuine[-1]) + 1),
        "token_bad_signature",
    ),
    "changed claims": (
        lambda f: swap(f.genuine, 1, b64(f.claims | {"userId": "victim"})),
        "token_bad_signature",
    ),
    "a longer life": (
        lambda f: swap(f.genuine, 1, b64(f.claims | {"exp": NOW + 10**6})),
        "token_bad_signature",
    ),
    "another key": (lambda f: f.token(secret=KEY), "token_bad_signature"),
    "an empty key": (lambda f: f.token(secret=b"\0"), "token_bad_signature"),
    "the kid as the key": (lambda f: f.token(secret=f.header["kid"].encode()), "token_bad_signature"),
    "the environment's id as the key": (
        lambda f: f.token(secret=f.claims["client"].encode()),
        "token_bad_signature",
    ),
    "a public key as the key": (lambda f: f.token(secret=PUBLIC), "token_bad_signature"),
    "HMAC by SHA-512 under the right name": (lambda f: f.token(digest=hashlib.sha512), "token_bad_signature"),
    "alg none": (lambda f: f.token({"alg": "none"}), "token_malformed"),
    "alg none without a signature": (
        lambda f: jwt.encode(f.claims, None, "none", headers={"kid": f.header["kid"]}),
        "token_malformed",
    ),
    "alg NONE": (lambda f: f.token({"alg": "NONE"}), "token_malformed"),
    "alg hs256": (lambda f: f.token({"alg": "hs256"}), "token_malformed"),
    "alg HS384": (lambda f: f.token({"alg": "HS384"}, digest=hashlib.sha384), "token_malformed"),
    "alg HS512": (lambda f: f.token({"alg": "HS512"}, digest=hashlib.sha512), "token_malformed"),
    "alg RS256 signed by HMAC": (lambda f: f.token({"alg": "RS256"}, secret=PUBLIC), "token_malformed"),
    "alg ES256": (lambda f: f.token({"alg": "ES256"}), "token_malformed"),
    "alg as a list": (lambda f: f.token({"alg": ["HS256"]}), "token_malformed"),
    "no alg": (lambda f: f.token(without=["alg"]), "token_malformed"),
    "expired an hour ago": (
        lambda f: f.token(claims={"iat": NOW - 7200, "exp": NOW - 3600}),
        "token_expired",
    ),
    "expired in 1970": (lambda f: f.token(claims={"iat": 0, "exp": 0}), "token_expired"),
    "expired before there was time": (
        lambda f: f.token(claims={"iat": 0, "exp": -(10**15)}),
        "token_expired",
    ),
    "no exp": (lambda f: f.token(without=["exp"]), "token_malformed"),
    "exp as text": (lambda f: f.token(claims={"exp": str(NOW + 60)}), "token_malformed"),
    "exp as a fraction": (lambda f: f.token(claims={"exp": NOW + 60.5}), "token_malformed"),
    "exp as truth": (lambda f: f.token(claims={"exp": True}), "token_malformed"),
    "exp as null": (lambda f: f.token(claims={"exp": None}), "token_malformed"),
    "no iat": (lambda f: f.token(without=["iat"]), "token_malformed"),
    "iat as text": (lambda f: f.token(claims={"iat": "now"}), "token_malformed"),
    "issued tomorrow": (lambda f: f.token(claims={"iat": NOW + 86400, "exp": NOW + 90000}), "clock_skew"),
    "issued in the year 3000": (lambda f: f.token(claims={"iat": 2**35, "exp": 2**36}), "clock_skew"),
    "a page's use in a user's type": (lambda f: f.token(claims={"use": "page"}), "token_wrong_use"),
    "a page's type without its use": (lambda f: f.token({"typ": "glu-page+jwt"}), "token_wrong_use"),
    "an unknown type": (lambda f: f.token({"typ": "at+jwt"}), "token_wrong_use"),
    "no type": (lambda f: f.token(without=["typ"]), "token_wrong_use"),
    "an unknown use": (lambda f: f.token(claims={"use": "admin"}), "token_wrong_use"),
    "no gluId": (lambda f: f.token(without=["gluId"]), "token_malformed"),
    "a gluId that is no UUID": (lambda f: f.token(claims={"gluId": "x"}), "token_malformed"),
    "no userId": (lambda f: f.token(without=["userId"]), "token_malformed"),
    "a userId that is a number": (lambda f: f.token(claims={"userId": 5}), "token_malformed"),
    "an anonymousId that is a list": (lambda f: f.token(claims={"anonymousId": []}), "token_malformed"),
    "no version": (lambda f: f.token(without=["tv"]), "token_malformed"),
    "an earlier version": (lambda f: f.token(claims={"tv": 0}), "token_revoked"),
    "a later version": (lambda f: f.token(claims={"tv": 2}), "token_revoked"),
    "somebody who does not exist": (lambda f: f.token(claims={"gluId": str(uuid4())}), "token_unknown_user"),
}

# what a header may never bring: keys, addresses of keys, new rules, strange names of keys
HEADER_MUTANTS = [
    *({"jwk": JWK}, {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example/cert"}),
    *({"x5c": ["MIIB"]}, {"x5t": "abc"}, {"x5t#S256": "abc"}, {"crit": ["exp"]}, {"crit": []}),
    *({"b64": False}, {"b64": False, "crit": ["b64"]}, {"zip": "DEF"}, {"cty": "JWT"}, {"enc": "A128GCM"}),
    *({"alg": "HS256 "}, {"alg": ""}, {"alg": None}, {"alg": 256}, {"iss": "x"}, {"epk": JWK}),
    *({"kid": "../../../../dev/null"}, {"kid": "/dev/null"}, {"kid": "' OR '1'='1"}, {"kid": "x\0y"}),
    *({"kid": "' UNION SELECT 'k'--"}, {"kid": "|whoami"}, {"kid": "https://evil.example/k"}),
    *({"kid": ""}, {"kid": None}, {"kid": 1}, {"kid": ["a"]}, {"kid": {"$gt": ""}}, {"kid": "k" * 2000}),
]


# every address of the product that a person's token opens
ADDRESSES = [
    ("get", "/reward/v1.1/user"),
    ("get", "/reward/v1.1/user/x?campaignId=x"),
    ("post", "/api/v1/campaigns/x/play"),
    ("post", "/api/v1/rewards/x/seen"),
    ("get", "/entrypoints/v1/list?consumer=MOBILE"),
    ("get", "/entrypoints/v1/user/state"),
    ("post", "/entrypoints/v1/user/state"),
]


@pytest.fixture
def whoami(settings):
    settings.ROOT_URLCONF = "tests.security.whoami_urls"


def person_of(environment):
    return EndUser.objects.create(environment=environment, user_id="u_1", referral_code="GLU-1")


@pytest.fixture
def forge(test_env):
    return Forge(test_env, person_of(test_env))


@pytest.fixture
def live_forge(live_env):
    return Forge(live_env, person_of(live_env))


@pytest.fixture
def ask(client, whoami):
    return lambda token: client.get(WHOAMI, headers={"Authorization": f"Bearer {token}"})


def refused(response):
    answer = response.json()
    assert response.status_code == 401
    decoders.refusal(response.status_code, answer)
    assert list(answer) == ["success", "message", "error"]
    assert list(answer["error"]) == ["code", "message", "requestId"]
    assert answer["error"]["requestId"] == response.headers["X-Request-Id"]
    return answer["error"]["code"]


def test_the_genuine_token_is_accepted(ask, forge):
    assert ask(forge.genuine).json() == {"success": True, "userId": "u_1"}


def test_a_page_token_is_accepted(ask, forge):
    assert ask(forge.token({"typ": "glu-page+jwt"}, {"use": "page"})).status_code == 200


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused_with_its_cause_in_test(ask, forge, name):
    make, cause = FORGED[name]

    assert refused(ask(make(forge))) == cause


@pytest.mark.parametrize("name", [name for name, (_, cause) in FORGED.items() if cause != "token_malformed"])
def test_in_live_no_cause_is_told(ask, live_forge, name):
    make, cause = FORGED[name]
    if cause == "token_unknown_environment":
        return

    answer = ask(make(live_forge)).json()

    assert (answer["error"]["code"], answer["message"]) == (
        "unauthorized",
        "Unauthorized. Check the key or token that was sent.",
    )


@pytest.mark.parametrize("mutant", HEADER_MUTANTS, ids=str)
def test_a_header_brings_no_key_and_no_rule_along(ask, forge, mutant):
    with_our_key = ask(forge.token(mutant))
    with_its_own = ask(forge.token(mutant, secret=KEY))

    assert refused(with_our_key) == refused(with_its_own)
    assert refused(with_our_key) in {"token_malformed", "token_key_unknown"}


def test_a_header_that_names_its_key_twice_is_judged_by_one_reading(ask, forge):
    twice = b'{"typ":"JWT","alg":"HS256","kid":"other","kid":"%s"}' % forge.header["kid"].encode()

    assert ask(forge.token(raw_header=twice)).status_code == 200
    assert refused(ask(forge.token(raw_header=twice, secret=KEY))) == "token_bad_signature"


def test_a_token_of_another_environment_opens_nothing_here(ask, forge, live_forge):
    stolen = forge.token(claims={"client": str(live_forge.opened.id)})
    foreign_key = forge.token({"kid": live_forge.header["kid"]}, secret=live_forge.secret)

    assert refused(ask(stolen)) == "unauthorized"  # Live tells nothing
    assert refused(ask(foreign_key)) == "token_key_unknown"


def test_a_genuine_signature_does_not_reach_into_another_workspace(ask, forge):
    other = keys.create_workspace("Other").environments.get(kind="test")
    stranger = person_of(other)

    assert refused(ask(forge.token(claims={"gluId": str(stranger.glu_id)}))) == "token_unknown_user"


def test_a_revoked_key_and_a_retired_one_are_refused(ask, forge, test_env):
    token = forge.genuine
    keys.rotate_token_key(test_env)
    old = test_env.token_keys.get(kid=forge.header["kid"])
    assert ask(token).status_code == 200

    old.retires_at = old.created_at
    old.save()
    assert refused(ask(token)) == "token_key_retired"

    keys.revoke(old)
    assert refused(ask(token)) == "token_key_revoked"


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("Bearer", "token_not_bearer"),
        ("Bearer ", "token_not_bearer"),
        ("Basic dXNlcjpwdw==", "token_not_bearer"),
        ("Token abc", "token_not_bearer"),
        ("Bearer abc", "token_malformed"),
        ("bearer a.b.c", "token_malformed"),
        ("Bearer undefined", "token_malformed"),
        ("Bearer null", "token_malformed"),
    ],
)
def test_a_header_without_a_token_says_what_to_send(client, db, whoami, header, cause):
    response = client.get(WHOAMI, headers={} if header is None else {"Authorization": header})

    assert refused(response) == cause


def test_a_blocked_person_gets_403_since_a_401_makes_apps_register_without_end(ask, forge):
    EndUser.objects.update(blocked_at="2026-11-20T12:00:00Z")

    response = ask(forge.genuine)

    assert (response.status_code, response.json()["error"]["code"]) == (403, "user_blocked")


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_every_address_behind_a_token_refuses_all_of_them(client, forge, method, path):
    for name, (make, cause) in FORGED.items():
        if path.endswith("/play") and cause in {"token_revoked", "token_unknown_user"}:
            continue  # a genuine token; the campaign is looked for before its person
        headers = {"Authorization": f"Bearer {make(forge)}", "Idempotency-Key": "k-1"}
        body = {} if method == "get" else {"data": b"{}", "content_type": "application/json"}
        response = getattr(client, method)(path, headers=headers, **body)

        answer = response.json()
        assert (response.status_code, answer["error"]["code"]) == (401, cause), name
        decoders.refusal(401, answer, entry_point=path.startswith("/entrypoints/"))
