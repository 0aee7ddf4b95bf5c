"""The queue of record for whatever must leave the process.

A fact is put in the transaction that made it true, as a reference; its body is made when it
is sent, by the renderer that the fact's own part registered. The bell only hurries the
workers: without it they find the fact within a second.
"""

from collections.abc import Callable
from uuid import UUID

from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from glu_admin.doorbell import Doorbell

Body = dict[str, object]
Renderer = Callable[[EnvironmentConfig, UUID], Body | None]

_renderers: dict[str, Renderer] = {}
_bell = Doorbell("glu_admin.webhooks.tasks.sweep", queue="delivery")


_PUT = """
    INSERT INTO webhooks_outboxmessage (environment_id, kind, subject_id, created_at)
    VALUES (%(environment)s, %(kind)s, %(subject)s, clock_timestamp())
    ON CONFLICT (kind, subject_id) DO NOTHING
"""


class UnknownKindError(LookupError):
    """Nobody registered how the body of this kind of fact is made."""


def put(environment_id: UUID, kind: str, subject_id: UUID) -> None:
    """Write one fact, in the caller's transaction. Telling the same fact twice tells it once."""
    hot.rows(_PUT, {"environment": environment_id, "kind": kind, "subject": subject_id})


def part(source: str, kind: str, subject: str) -> str:
    """The same as a part of a larger statement: one fact for each row of `source`.

    `kind` and `subject` name values of that statement, which has one called `environment` too.
    """
    return f"""
    message AS (
        INSERT INTO webhooks_outboxmessage (environment_id, kind, subject_id, created_at)
        SELECT %(environment)s, %({kind})s, %({subject})s, clock_timestamp() FROM {source}
        ON CONFLICT (kind, subject_id) DO NOTHING
    )"""


def parts(source: str, kind: str, column: str) -> str:
    """The same for facts whose subjects stand in a column of `source`."""
    return f"""
    message AS (
        INSERT INTO webhooks_outboxmessage (environment_id, kind, subject_id, created_at)
        SELECT %(environment)s, %({kind})s, {column}, clock_timestamp() FROM {source}
        ON CONFLICT (kind, subject_id) DO NOTHING
    )"""


def ring() -> None:
    """Wake the workers, through transaction.on_commit. Never waits and never raises."""
    _bell.ring()


def register_body(kind: str, render: Renderer) -> None:
    """Say how the body of a kind is made; call it from AppConfig.ready().

    `render` returns None for a fact that is no longer to be told: its delivery is cancelled.
    """
    _renderers[kind] = render


def kinds() -> list[str]:
    """What an endpoint can subscribe to."""
    return sorted(_renderers)


def body_of(config: EnvironmentConfig, kind: str, subject_id: UUID) -> Body | None:
    """The body as it is now; raises UnknownKindError."""
    try:
        render = _renderers[kind]
    except KeyError:
        raise UnknownKindError(f"Nothing renders {kind}.") from None
    return render(config, subject_id)
