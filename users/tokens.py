"""The tokens of people: HS256 JSON Web Tokens, signed with a key of their environment.

A user token is what an app gets from register; a page token travels in the address of a
player page, for a day, and says so in its type. Reading one asks no database: whether the
person is still known, or blocked, is for `people.load` to find out.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hmac import HMAC, compare_digest
from hmac import new as keyed_hmac
from typing import Any, NoReturn
from uuid import UUID

import orjson
from django.http import HttpRequest
from django.utils import timezone
from jwt.utils import base64url_decode, base64url_encode
from rest_framework.request import Request

from glu_admin import config as configs
from glu_admin.api.auth import bearer, remember
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.api.throttles import limit
from glu_admin.config import EnvironmentConfig, NoSigningKey

ALGORITHM = "HS256"
PAGE_LIFE = timedelta(hours=24)
LEEWAY = 60  # seconds that the clocks of two of our machines may differ
LAST_SECOND = 2**31 - 1  # Android reads `exp` into 32 bits
MOST_CLAIMS = 20
KEPT = 2048  # tokens taken apart
LONGEST = 8192  # characters; our own are some 450, and 4,600 for the longest ids
TYPES = {"user": "JWT", "page": "glu-page+jwt"}
# a header may choose among our keys by name; it may never bring a key or new rules along
HEADERS = {"alg", "typ", "kid"}

# The three parts are put together and taken apart here, because pyjwt's own way of doing that
# takes seven times as long, and every call of every app would pay for it.


@dataclass(frozen=True)
class Subject:
    """Whom a token is for, and the device it was asked from."""

    glu_id: UUID
    user_id: str | None
    anonymous_id: str | None
    token_version: int
    device_id: str | None = None
    device_type: str | None = None


@dataclass(frozen=True)
class Identity:
    """What a genuine token says. Nothing was looked up in the users' table yet."""

    config: EnvironmentConfig
    glu_id: UUID
    user_id: str | None
    anonymous_id: str | None
    token_version: int
    kind: str  # "user" or "page"
    token: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True)
class _Unverified:
    """A token taken apart, its environment found; nothing in it may be believed yet."""

    token: str
    header: dict[str, Any]
    claims: dict[str, Any]
    config: EnvironmentConfig

    def refuse(self, code: str, message: str) -> NoReturn:
        raise Unauthorized(code, message, tell=self.config.is_test)


def issue(config: EnvironmentConfig, subject: Subject, *, kind: str = "user", now: datetime) -> str:
    """A new token. A visitor's `userId` equals the `anonymousId`: so clients know visitors."""
    issued = int(now.timestamp())
    life = PAGE_LIFE if kind == "page" else timedelta(days=config.environment.token_days)
    claims: dict[str, Any] = {
        "userId": subject.user_id or subject.anonymous_id,
        "gluId": str(subject.glu_id),
        "client": config.id_as_text,
        "iat": issued,
        "exp": min(issued + int(life.total_seconds()), LAST_SECOND),
        "tv": subject.token_version,
    }
    if subject.anonymous_id and subject.anonymous_id != subject.user_id:
        claims["anonymousId"] = subject.anonymous_id
    if kind == "page":  # of no device; it stands in every address of a list, so it is kept short
        claims["use"] = "page"
    else:
        claims |= {"deviceId": subject.device_id, "deviceType": subject.device_type}
    try:
        key = config.signing_key
    except NoSigningKey:
        raise ApiError(
            "no_token_key",
            "This environment has no key to sign tokens with. Rotate it in the console.",
            status=503,
        ) from None
    signed = _header(kind, key.kid) + b"." + base64url_encode(orjson.dumps(claims))
    return f"{signed.decode()}.{_signature(signed, key.secret)}"


@lru_cache(maxsize=256)
def _header(kind: str, kid: str) -> bytes:
    return base64url_encode(orjson.dumps({"typ": TYPES[kind], "alg": ALGORITHM, "kid": kid}))


def page_token(identity: Identity, *, now: datetime) -> str:
    """A token for the addresses of pages. One that came from a page is given back as it is, so
    that whoever finds an address can't make its day last for ever."""
    if identity.kind == "page":
        return identity.token
    subject = Subject(identity.glu_id, identity.user_id, identity.anonymous_id, identity.token_version)
    return issue(identity.config, subject, kind="page", now=now)


def _signature(signed: bytes, secret: bytes) -> str:
    keyed = _keyed(secret).copy()
    keyed.update(signed)
    return base64url_encode(keyed.digest()).decode()


@lru_cache(maxsize=256)
def _keyed(secret: bytes) -> HMAC:
    """A copy of this costs half of what it takes to begin with the key."""
    return keyed_hmac(secret, digestmod="sha256")


def read(token: str, *, now: datetime | None = None) -> Identity:
    """Whom a genuine, current token names; raises Unauthorized with the cause."""
    return _verify(_take_apart(token), now or timezone.now())


def identify(request: HttpRequest | Request) -> Identity:
    """Whom the request's Bearer token names; raises Unauthorized, or ApiError if asked too often."""
    unverified = _take_apart(bearer(request))
    remember(request, unverified.config)  # before any refusal, so that a browser app can read it
    identity = _verify(unverified, timezone.now())
    limit("user", str(identity.glu_id), path=request.path)
    return identity


def _take_apart(token: str) -> _Unverified:
    header, claims, environment_id = _parts(token)
    config = configs.get(environment_id)
    if config is None:
        raise Unauthorized(
            "token_unknown_environment",
            "The token's environment does not exist here. Register the user at this very server.",
        )
    return _Unverified(token, header, claims, config)


@lru_cache(maxsize=KEPT)
def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], UUID]:
    """The header, the claims and the environment that they name. Kept, as a person's app and pages send
    the same token again and again: nobody may change them, and nothing in them was checked."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > LONGEST or not token.isascii():
        raise Unauthorized(
            "token_malformed", "This is not a token: it must have three parts with dots between."
        )
    header, claims = _segment(parts[0]), _segment(parts[1])
    try:
        return header, claims, UUID(claims["client"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unauthorized(
            "token_malformed", "The token's claim client must be an environment's UUID."
        ) from None


def _segment(text: str) -> dict[str, Any]:
    """One of the first two parts of a token, decoded."""
    try:
        content = orjson.loads(base64url_decode(text))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise Unauthorized(
            "token_malformed", "This is not a token: its parts must be JSON objects in base64url."
        )
    # ours are small and flat; what a stranger sends must not be kept at twenty times its size
    if len(content) > MOST_CLAIMS or any(isinstance(each, dict | list) for each in content.values()):
        raise Unauthorized("token_malformed", "This is not a token of ours: its parts are small and flat.")
    return content


def _verify(unverified: _Unverified, now: datetime) -> Identity:
    _check_signature(unverified, now)
    _check_times(unverified, int(now.timestamp()))
    return _identity(unverified)


def _check_signature(unverified: _Unverified, now: datetime) -> None:
    header, config = unverified.header, unverified.config
    if header.get("alg") != ALGORITHM or not header.keys() <= HEADERS:
        unverified.refuse(
            "token_malformed", f"The token's header must hold alg {ALGORITHM}, typ and kid, and nothing else."
        )
    kid = header.get("kid")
    if not isinstance(kid, str):
        unverified.refuse("token_malformed", "The token's header must name its key as kid.")
    if kid in config.revoked_kids:
        unverified.refuse(
            "token_key_revoked", "The key that signed this token was revoked. Register the user again."
        )
    key = config.verifying_keys.get(kid)
    if key is None:
        unverified.refuse("token_key_unknown", "This environment has no key of the token's kid.")
    if key.retires_at is not None and key.retires_at <= now:
        unverified.refuse("token_key_retired", "The key of this token has retired. Register the user again.")
    try:
        _check_signed(unverified.token, key.secret)
    except _NotSigned:
        unverified.refuse("token_bad_signature", "The token's signature is not this environment's.")


class _NotSigned(Exception):
    """The signature is not the secret's."""


@lru_cache(maxsize=KEPT)
def _check_signed(token: str, secret: bytes) -> None:
    """Raises _NotSigned, which is not kept. Whether the key may still sign is asked each time."""
    signed, _, signature = token.rpartition(".")
    # compared as text: a signature has one way to be written, not several
    if not compare_digest(_signature(signed.encode(), secret), signature):
        raise _NotSigned


def _check_times(unverified: _Unverified, now: int) -> None:
    issued, expires = unverified.claims.get("iat"), unverified.claims.get("exp")
    if type(issued) is not int or type(expires) is not int:  # true is no time
        unverified.refuse("token_malformed", "The token's claims iat and exp must be whole seconds.")
    if issued > now + LEEWAY:
        unverified.refuse(
            "clock_skew",
            f"The token was issued {issued - now} s in the future. Compare the clocks of the servers.",
        )
    if expires <= now - LEEWAY:
        at = f"{datetime.fromtimestamp(expires, UTC):%Y-%m-%dT%H:%M:%SZ}" if expires > 0 else str(expires)
        unverified.refuse(
            "token_expired",
            f"The token expired {now - expires} s ago, at {at}. Register the user again for a new one.",
        )


def _identity(unverified: _Unverified) -> Identity:
    claims = unverified.claims
    kind = "page" if claims.get("use") == "page" else "user"
    if unverified.header.get("typ") != TYPES[kind] or claims.get("use", "page") != "page":
        unverified.refuse("token_wrong_use", "The token's type and its use do not agree.")
    user_id, anonymous_id = claims.get("userId"), claims.get("anonymousId")
    if not isinstance(user_id, str) or not isinstance(anonymous_id, str | None):
        unverified.refuse("token_malformed", "The token's claim userId must be a string.")
    version = claims.get("tv")
    if type(version) is not int:
        unverified.refuse("token_malformed", "The token's claim tv must be a whole number.")
    try:
        glu_id = UUID(claims["gluId"])
    except (KeyError, TypeError, ValueError, AttributeError):
        unverified.refuse("token_malformed", "The token's claim gluId must be a UUID.")
    return Identity(
        config=unverified.config,
        glu_id=glu_id,
        user_id=None if user_id == anonymous_id else user_id,
        anonymous_id=anonymous_id,
        token_version=version,
        kind=kind,
        token=unverified.token,
    )
