"""Who is calling: a write key, an API key, or (users/tokens.py) a person's token.

The key chooses the environment; whatever a `sandbox` header says is ignored.
"""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from glu_admin import config
from glu_admin.api.errors import ApiError, Unauthorized
from glu_admin.api.throttles import limit
from glu_admin.config import EnvironmentConfig
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.keys import hash_api_key
from glu_admin.workspaces.models import ApiKey


@dataclass(frozen=True)
class Caller:
    """A server of the client's: the environment of its API key, and its name in the audit log."""

    config: EnvironmentConfig
    actor: Actor
    scopes: frozenset[str] = frozenset()


def open_with_write_key(request: HttpRequest | Request, key: object) -> EnvironmentConfig:
    """The environment of a write key; raises Unauthorized with the cause, ApiError beyond its limit."""
    if not isinstance(key, str) or not key:
        raise Unauthorized("key_missing", "No writeKey was sent. Send the environment's write key.")
    found = config.by_write_key(key)
    if found is None:
        raise Unauthorized(
            "key_unknown",
            "This write key does not exist. Yours starts with wk_test_ or wk_live_.",
            tell=not key.startswith("wk_live_"),
        )
    environment_id, revoked = found
    opened = _open(request, environment_id)
    if revoked:
        raise Unauthorized("key_revoked", "This write key has been revoked.", tell=opened.is_test)
    limit("key", key, path=request.path)
    return opened


def open_with_api_key(request: HttpRequest | Request, scope: str) -> EnvironmentConfig:
    """The environment of the `X-API-KEY` header's secret; raises as `server`."""
    return server(request, scope).config


def server(request: HttpRequest | Request, scope: str) -> Caller:
    """Who calls with the `X-API-KEY` header's secret; raises Unauthorized, or ApiError 403."""
    secret = header(request, "X-API-KEY")
    if not secret:
        raise Unauthorized("key_missing", "No API key was sent. Send it as X-API-KEY.")
    row = ApiKey.objects.filter(key_hash=hash_api_key(secret)).first()
    if row is None:
        raise Unauthorized(
            "key_unknown", "This API key does not exist.", tell=not secret.startswith("sk_live_")
        )
    opened = _open(request, row.environment_id)
    if row.revoked_at or (row.expires_at and row.expires_at <= timezone.now()):
        raise Unauthorized("key_revoked", "This API key was revoked or has expired.", tell=opened.is_test)
    if scope not in row.scopes:
        raise ApiError(
            "scope_missing",
            f"This API key lacks the scope {scope}. Make a key with it in the console.",
            status=403,
        )
    limit("key", row.key_hash, path=request.path)
    return Caller(opened, Actor(f"API key {row.name}"), frozenset(row.scopes))


def _open(request: HttpRequest | Request, environment_id: UUID) -> EnvironmentConfig:
    opened = config.get(environment_id)
    if opened is None:
        raise Unauthorized("key_unknown", "This key's environment does not exist any more.")
    remember(request, opened)
    return opened


def remember(request: HttpRequest | Request, config: EnvironmentConfig) -> None:
    """Leave the environment on Django's own request, where Cors and the request log find it."""
    plain = request._request if isinstance(request, Request) else request
    plain.glu_config = config  # type: ignore[attr-defined]  # a mark of ours


def header(request: HttpRequest | Request, name: str) -> str:
    """A header's text, "" if none was sent. `request.headers` would first make a mapping of all of them
    and of the process's environment: 25 µs."""
    plain = request._request if isinstance(request, Request) else request
    return str(plain.META.get(f"HTTP_{name.upper().replace('-', '_')}", ""))


def bearer(request: HttpRequest | Request) -> str:
    """The token of the Authorization header; raises Unauthorized."""
    sent = header(request, "Authorization")
    if not sent:
        raise Unauthorized("token_missing", "Send the header Authorization: Bearer <token>.")
    word, _, token = sent.partition(" ")
    if word.lower() != "bearer" or not token.strip():
        raise Unauthorized(
            "token_not_bearer", "The Authorization header must be the word Bearer, a space, and the token."
        )
    return token.strip()
