"""Making, finding and revoking keys: write keys, API keys and the keys that sign tokens."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from glu_admin import crypto
from glu_admin.workspaces.models import ApiKey, Environment, TokenKey, Workspace, WriteKey

# what a server may do with an API key; each scope is here because an endpoint asks for it
SCOPES = {
    "users:read": "Find people and read all that is known of them, personal fields too",
    "users:write": "Change, block and import people, and declare attributes",
    "users:erase": "Erase people for good",
    "events:read": "Read the events that came, with their verdicts",
    "events:write": "Define events, and replay them",
    "segments:read": "Read segments, count them and ask who is in one",
    "segments:write": "Make and change segments, and say who may see a campaign",
    "rewards:read": "Read the rewards that webhooks brought to the test receiver",
    "rewards:write": "Give people rewards of campaigns",
}


def create_workspace(name: str, **fields: object) -> Workspace:
    """A workspace with its two environments, a write key and a token key in each."""
    with transaction.atomic():
        workspace = Workspace.objects.create(name=name, **fields)
        for kind in Environment.Kind:
            create_environment(workspace, kind)
    return workspace


def create_environment(workspace: Workspace, kind: Environment.Kind) -> Environment:
    environment = Environment(workspace=workspace, kind=kind)
    environment.wrapped_key = crypto.wrap_for_environment(environment.id, crypto.new_key())
    environment.allow_direct_links = environment.is_test
    environment.allowed_origins = ["*"] if environment.is_test else []
    environment.save(force_insert=True)
    create_write_key(environment, "First key")
    rotate_token_key(environment)
    return environment


def create_write_key(environment: Environment, name: str) -> WriteKey:
    key = f"wk_{environment.kind}_{secrets.token_hex(20)}"
    return WriteKey.objects.create(environment=environment, name=name, key=key)


def create_api_key(environment: Environment, name: str, scopes: Sequence[str]) -> tuple[ApiKey, str]:
    """The row and the secret, which is shown now and never again."""
    unknown = set(scopes) - set(SCOPES)
    if unknown:
        raise ValueError(f"There is no scope {', '.join(sorted(unknown))}.")
    secret = f"sk_{environment.kind}_{secrets.token_urlsafe(32)}"
    row = ApiKey.objects.create(
        environment=environment,
        name=name,
        prefix=secret[:12],
        key_hash=hash_api_key(secret),
        scopes=list(scopes),
    )
    return row, secret


def hash_api_key(secret: str) -> str:
    """SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def rotate_token_key(environment: Environment) -> TokenKey:
    """A new key signs from now on; the ones before verify for as long as their tokens live."""
    retires_at = timezone.now() + timedelta(days=environment.token_days)
    kid = secrets.token_hex(8)
    sealing_key = crypto.environment_key(environment.id, bytes(environment.wrapped_key))
    with transaction.atomic():
        environment.token_keys.filter(retires_at=None).update(retires_at=retires_at)
        return TokenKey.objects.create(
            environment=environment,
            kid=kid,
            sealed_secret=crypto.seal(sealing_key, crypto.new_key(), f"token-key:{kid}"),
        )


def revoke(key: WriteKey | ApiKey | TokenKey) -> None:
    """From now on (within a second in other processes) the key opens nothing.

    Revoking the token key that signs makes a new one first, so that there is always one.
    """
    with transaction.atomic():
        if isinstance(key, TokenKey) and key.retires_at is None and key.revoked_at is None:
            rotate_token_key(key.environment)
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
