"""The built-in receiver: a stand-in for the client's server, in test environments only.

It checks both signatures as a client would, keeps the newest requests, sealed because their
bodies hold coupon codes, and answers what it was told to answer.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from django.db import connection
from django.utils import timezone

from glu_admin import crypto
from glu_admin.config import EnvironmentConfig
from glu_admin.webhooks import endpoints, signatures
from glu_admin.webhooks.models import Endpoint, Received, ReceiverSettings

KEPT = 200
MOST_HANGING = 2  # a thread each; the rest of the server must stay awake
Behaviour = ReceiverSettings.Behaviour

_hanging = threading.BoundedSemaphore(MOST_HANGING)


@dataclass(frozen=True)
class Shown:
    """One request as people read it."""

    at: datetime
    answered: str
    cg_signature: str
    webhook_signature: str
    headers: dict[str, str]
    body: str = field(repr=False)

    @property
    def pretty(self) -> str:
        """The body's JSON, indented; the body itself if it is none."""
        try:
            return orjson.dumps(orjson.loads(self.body), option=orjson.OPT_INDENT_2).decode()
        except orjson.JSONDecodeError:
            return self.body

    @property
    def message_id(self) -> str:
        return self.headers.get("webhook-id", "")

    @property
    def attempt(self) -> str:
        return self.headers.get("webhook-attempt", "")


def behaviour(environment: EnvironmentConfig) -> Behaviour:
    """What it answers next."""
    row = ReceiverSettings.objects.filter(environment=environment.id).first()
    return Behaviour(row.behaviour) if row else Behaviour.OK


def behave(environment: EnvironmentConfig, wanted: Behaviour) -> None:
    ReceiverSettings.objects.update_or_create(
        environment_id=environment.id, defaults={"behaviour": wanted.value}
    )


@contextmanager
def room_to_hang() -> Iterator[bool]:
    """Whether this thread may hang, until the block ends."""
    free = _hanging.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            _hanging.release()


def keep(environment: EnvironmentConfig, headers: Mapping[str, str], body: bytes, answered: str) -> Received:
    """Store one request with what its signatures prove; the oldest beyond the newest 200 go."""
    names = {name.lower(): value for name, value in headers.items()}
    tokens, secrets = _keys(environment)
    content = orjson.dumps({"headers": names, "body": body.decode("utf-8", "replace")})
    row = Received.objects.create(
        environment_id=environment.id,
        sealed_request=crypto.seal(environment.key, content, _place(environment)),
        cg_signature=signatures.check_cg(tokens, names, body),
        webhook_signature=signatures.check_standard(secrets, names, body),
        answered=answered,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM webhooks_received WHERE environment_id = %(environment)s AND id <= ("
            " SELECT id FROM webhooks_received WHERE environment_id = %(environment)s"
            " ORDER BY id DESC OFFSET %(kept)s LIMIT 1)",
            {"environment": environment.id, "kept": KEPT},
        )
    return row


def newest(environment: EnvironmentConfig, limit: int = KEPT) -> list[Shown]:
    """What arrived, newest first."""
    rows = Received.objects.filter(environment=environment.id).order_by("-id")[:limit]
    return [_show(environment, row) for row in rows]


def body_of(environment: EnvironmentConfig, row: Received) -> str:
    """What one kept request said."""
    return _show(environment, row).body


def _show(environment: EnvironmentConfig, row: Received) -> Shown:
    content = crypto.unseal(environment.key, bytes(row.sealed_request), _place(environment))
    request = orjson.loads(content)
    return Shown(
        at=row.at,
        answered=row.answered,
        cg_signature=row.cg_signature,
        webhook_signature=row.webhook_signature,
        headers=request["headers"],
        body=request["body"],
    )


def _keys(environment: EnvironmentConfig) -> tuple[list[bytes], list[str]]:
    now = timezone.now()
    rows = Endpoint.objects.filter(environment=environment.id)
    keys = [endpoints.signing_keys(environment, endpoint, now) for endpoint in rows]
    tokens = [each.token for each in keys if each.token is not None]
    return tokens, [secret for each in keys for secret in each.secrets]


def _place(environment: EnvironmentConfig) -> str:
    return f"received:{environment.id}"
