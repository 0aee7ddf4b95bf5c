"""A client's addresses: made, changed and switched off, with an audit entry each.

Secrets are sealed with the environment's key and shown once. The built-in receiver is an
endpoint whose URL is a path: only the Test environment has it, and only its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from glu_admin import crypto
from glu_admin.config import EnvironmentConfig
from glu_admin.webhooks import destination, outbox
from glu_admin.webhooks.addresses import OWN_NETWORKS, Network
from glu_admin.webhooks.destination import Destination, DestinationError
from glu_admin.webhooks.models import Delivery, Endpoint
from glu_admin.webhooks.signatures import new_secret
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment

OVERLAP = timedelta(hours=24)  # an old secret signs beside the new one this long
SYSTEM = Actor("Glu Admin")


class EndpointError(ValueError):
    """The endpoint can't be saved like this; `field` names what to mend."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class SigningKeys:
    """What signs for an endpoint now: the newest secret first, and the contract's token."""

    secrets: list[str] = field(repr=False)
    token: bytes | None = field(repr=False)


def create(
    environment: Environment,
    url: str,
    kinds: Sequence[str],
    token: str | None = None,
    *,
    actor: Actor = SYSTEM,
) -> tuple[Endpoint, str]:
    """The endpoint and its secret, which is shown now and never again; raises EndpointError."""
    secret = new_secret()
    endpoint = Endpoint(environment=environment, url=_checked_url(environment, url))
    endpoint.kinds = _checked_kinds(kinds)
    key = _key(environment)
    endpoint.sealed_secret = crypto.seal(key, secret.encode(), _secret_place(endpoint))
    if token:
        endpoint.sealed_token = crypto.seal(key, token.encode(), _token_place(endpoint))
    with transaction.atomic():
        endpoint.save(force_insert=True)
        changes = {"url": [None, endpoint.url], "kinds": [None, endpoint.kinds]}
        audit.record(environment, actor, "endpoint.create", endpoint, changes)
    return endpoint, secret


def revise(endpoint: Endpoint, *, url: str, kinds: Sequence[str], actor: Actor) -> Endpoint:
    """Another address or other kinds; raises EndpointError."""
    before = {"url": endpoint.url, "kinds": endpoint.kinds}
    endpoint.url = _checked_url(endpoint.environment, url)
    endpoint.kinds = _checked_kinds(kinds)
    changes = {name: [old, getattr(endpoint, name)] for name, old in before.items()}
    changes = {name: values for name, values in changes.items() if values[0] != values[1]}
    with transaction.atomic():
        endpoint.save(update_fields=["url", "kinds"])
        audit.record(endpoint.environment, actor, "endpoint.revise", endpoint, changes)
    return endpoint


def rotate(endpoint: Endpoint, *, actor: Actor, now: datetime | None = None) -> str:
    """A new secret, shown once; the one before signs beside it for a day."""
    secret, environment = new_secret(), endpoint.environment
    key = _key(environment)
    with transaction.atomic():
        locked = Endpoint.objects.select_for_update(no_key=True).get(environment=environment, id=endpoint.pk)
        locked.sealed_old_secret = locked.sealed_secret
        locked.old_secret_until = (now or timezone.now()) + OVERLAP
        locked.sealed_secret = crypto.seal(key, secret.encode(), _secret_place(endpoint))
        locked.save(update_fields=["sealed_secret", "sealed_old_secret", "old_secret_until"])
        audit.record(environment, actor, "endpoint.rotate", endpoint)
    return secret


def set_token(endpoint: Endpoint, token: str | None, *, actor: Actor) -> None:
    """The contract's signing token; without one X-CG-SIGNATURE is not sent."""
    environment = endpoint.environment
    key = _key(environment)
    endpoint.sealed_token = crypto.seal(key, token.encode(), _token_place(endpoint)) if token else None
    with transaction.atomic():
        endpoint.save(update_fields=["sealed_token"])
        audit.record(environment, actor, "endpoint.set_token" if token else "endpoint.remove_token", endpoint)


def disable(endpoint: Endpoint, *, actor: Actor) -> None:
    """Switch it off. What it would have got is held, and goes out when it is enabled again."""
    _disable(endpoint.environment_id, endpoint.pk, actor)
    endpoint.status = Endpoint.Status.DISABLED


def disable_gone(environment_id: UUID, endpoint_id: UUID) -> None:
    """The receiver said 410: it wants no more."""
    _disable(environment_id, endpoint_id, SYSTEM, reason="410 Gone")


def _disable(environment_id: UUID, endpoint_id: UUID, actor: Actor, reason: str = "") -> None:
    with transaction.atomic():
        changed = Endpoint.objects.filter(
            environment=environment_id, id=endpoint_id, status=Endpoint.Status.ACTIVE
        ).update(status=Endpoint.Status.DISABLED)
        if not changed:
            return
        _waiting(environment_id, endpoint_id, Delivery.State.PENDING).update(state=Delivery.State.HELD)
        endpoint = Endpoint.objects.select_related("environment").get(
            environment=environment_id, id=endpoint_id
        )
        changes = {"status": ["active", "disabled"], **({"reason": [None, reason]} if reason else {})}
        audit.record(endpoint.environment, actor, "endpoint.disable", endpoint, changes)


def enable(endpoint: Endpoint, *, actor: Actor, now: datetime | None = None) -> None:
    """Switch it on again; what was held is due now, the oldest first."""
    environment_id = endpoint.environment_id
    with transaction.atomic():
        # waits for whoever is just holding one back because the endpoint was switched off
        Endpoint.objects.select_for_update().get(environment=environment_id, id=endpoint.pk)
        endpoint.status = Endpoint.Status.ACTIVE
        endpoint.save(update_fields=["status"])
        held = _waiting(environment_id, endpoint.pk, Delivery.State.HELD)
        # those out of tries get one more; `next_at` keeps its old order
        held.update(state=Delivery.State.PENDING)
        audit.record(
            endpoint.environment, actor, "endpoint.enable", endpoint, {"status": ["disabled", "active"]}
        )
        transaction.on_commit(outbox.ring)


def _waiting(environment_id: UUID, endpoint_id: UUID, state: Delivery.State) -> QuerySet[Delivery]:
    return Delivery.objects.filter(environment=environment_id, endpoint=endpoint_id, state=state)


def signing_keys(environment: EnvironmentConfig, endpoint: Endpoint, now: datetime) -> SigningKeys:
    """The opened secrets; the old one only while it still overlaps."""
    sealed = [endpoint.sealed_secret]
    if endpoint.sealed_old_secret and endpoint.old_secret_until and now < endpoint.old_secret_until:
        sealed.append(endpoint.sealed_old_secret)
    key, place = environment.key, _secret_place(endpoint)
    secrets = [crypto.unseal(key, bytes(each), place).decode() for each in sealed]
    token = endpoint.sealed_token
    return SigningKeys(secrets, crypto.unseal(key, bytes(token), _token_place(endpoint)) if token else None)


def receiver_path(environment_id: UUID) -> str:
    """The built-in receiver of a test environment."""
    return f"/dev/receiver/{environment_id}/"


def destination_of(endpoint: Endpoint, *, is_test: bool) -> tuple[Destination, tuple[Network, ...]]:
    """Where it leads now, and which private networks it may use; raises DestinationError."""
    allowed = destination.allowed_networks()
    if not endpoint.url.startswith("/"):
        return destination.parse(endpoint.url, https_only=not is_test, allowed=allowed), allowed
    if not is_test or endpoint.url != receiver_path(endpoint.environment_id):
        raise DestinationError("Only Test has a built-in receiver, and only its own.")
    own = settings.INTERNAL_URL or settings.PUBLIC_URL
    if not own:
        raise DestinationError("GLU_PUBLIC_URL is not set, so the built-in receiver has no address.")
    # the operator chose this address and nobody else can: it may be a private one
    allowed += OWN_NETWORKS
    return destination.parse(own + endpoint.url, https_only=False, allowed=allowed), allowed


def _checked_url(environment: Environment, url: str) -> str:
    path = receiver_path(environment.id)
    own = {path, f"{settings.PUBLIC_URL}{path}", f"{settings.INTERNAL_URL}{path}"}
    if url in own and environment.is_test:
        return path
    try:
        destination.parse(url, https_only=not environment.is_test, allowed=destination.allowed_networks())
    except DestinationError as error:
        raise EndpointError("url", str(error)) from None
    return url


def _checked_kinds(kinds: Sequence[str]) -> list[str]:
    known = outbox.kinds()
    unknown = sorted(set(kinds) - set(known))
    if unknown or not kinds:
        wrong = f"There is no kind {', '.join(unknown)}." if unknown else "Choose at least one kind."
        raise EndpointError("kinds", f"{wrong} There are: {', '.join(known) or 'none yet'}.")
    return sorted(set(kinds))


def _key(environment: Environment) -> bytes:
    return crypto.environment_key(environment.id, bytes(environment.wrapped_key))


def _secret_place(endpoint: Endpoint) -> str:
    return f"endpoint-secret:{endpoint.pk}"


def _token_place(endpoint: Endpoint) -> str:
    return f"endpoint-token:{endpoint.pk}"
