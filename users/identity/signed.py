"""Signed identity: a proof, made by the client's own server, that whoever says a userId is that user.

The write key of an app is public, so without it anybody may register as anybody. `userHash` is
the hex HMAC-SHA256 of the userId; its key is the environment's identity secret, as text. Rotating
the secret ends all older hashes at once.
"""

import hashlib
import hmac
import secrets
from dataclasses import replace

from django.db import transaction

from glu_admin import crypto
from glu_admin.api.errors import Unauthorized
from glu_admin.config import EnvironmentConfig
from glu_admin.observability import metrics
from glu_admin.workspaces import audit
from glu_admin.workspaces.models import Environment
from users.registration_form import RegistrationForm, warning

PLACE = "identity-secret"
_Mode = Environment.SignedIdentity
REASONS = {
    "user_hash_missing": "Send userHash: the hex HMAC-SHA256 of userId, made by your server with the"
    " identity secret.",
    "user_hash_wrong": "This userHash is not the HMAC-SHA256 of this userId with this environment's"
    " identity secret.",
    "identity_secret_missing": "This environment has no identity secret yet. Make one first.",
}


def user_hash(secret: bytes, user_id: str) -> str:
    return hmac.new(secret, user_id.encode(), hashlib.sha256).hexdigest()


def secret_of(config: EnvironmentConfig) -> bytes | None:
    """The environment's identity secret; None if none was made."""
    return config.part("identity secret", _opened)


def checked(config: EnvironmentConfig, form: RegistrationForm) -> RegistrationForm:
    """The form, with a warning if its proof fails and that is only reported; else raises Unauthorized."""
    problem = doubt(config, form.user_id, form.user_hash)
    if not problem:
        return form
    return replace(form, warnings=(*form.warnings, warning("userHash", problem, REASONS[problem])))


def doubt(config: EnvironmentConfig, user_id: str | None, sent: str | None) -> str:
    """Why the proof fails, for a report; "" if it holds or none is asked for. Enforced, it raises.

    A visitor claims to be nobody, so needs no proof.
    """
    mode = config.environment.signed_identity
    if mode == _Mode.OFF or user_id is None:
        return ""
    problem = _problem(secret_of(config), user_id, sent)
    if not problem:
        return ""
    metrics.count_unsigned(problem)
    if mode == _Mode.ENFORCE:
        raise Unauthorized(problem, REASONS[problem], tell=config.is_test)
    return problem


def rotate(environment: Environment, actor: audit.Actor) -> str:
    """A new secret, which is the only one from now on. It is shown to whoever made it."""
    secret = f"is_{environment.kind}_{secrets.token_hex(32)}"
    key = crypto.environment_key(environment.id, bytes(environment.wrapped_key))
    with transaction.atomic():
        environment.sealed_identity_secret = crypto.seal(key, secret.encode(), PLACE)
        environment.save(update_fields=["sealed_identity_secret"])
        audit.record(environment, actor, "identity_secret.rotate", environment)
    return secret


def switch(environment: Environment, mode: str, actor: audit.Actor) -> None:
    """Off, report or enforce (Environment.SignedIdentity)."""
    before, environment.signed_identity = environment.signed_identity, _Mode(mode).value
    if before == mode:
        return
    with transaction.atomic():
        environment.save(update_fields=["signed_identity"])
        changes = {"signed_identity": [before, environment.signed_identity]}
        audit.record(environment, actor, "signed_identity.switch", environment, changes)


def _problem(secret: bytes | None, user_id: str, sent: str | None) -> str:
    if secret is None:
        return "identity_secret_missing"
    if sent is None:
        return "user_hash_missing"
    right = user_hash(secret, user_id)
    return "" if hmac.compare_digest(right.encode(), sent.lower().encode()) else "user_hash_wrong"


def _opened(config: EnvironmentConfig) -> bytes | None:
    sealed = config.environment.sealed_identity_secret
    return None if sealed is None else crypto.unseal(config.key, bytes(sealed), PLACE)
