"""Who is told what people did.

A subscriber gets the events of one environment, a person's in the order in which they were
received, inside the drain's transaction: what it writes is kept exactly once. What it raises
is taken as the fault of an event, which is parked for it while the others pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glu_admin.config import EnvironmentConfig


@dataclass(frozen=True, slots=True)
class Happened:
    """An accepted event. `user_pk` is the person as known now, also if a visitor did it."""

    id: int
    received_at: datetime
    user_pk: int
    client_id: str
    event_id: str
    name: str
    happened_at: datetime
    properties: dict[str, Any]


Handler = Callable[[EnvironmentConfig, Sequence[Happened]], None]


@dataclass(frozen=True, slots=True)
class Subscriber:
    name: str
    handler: Handler
    shared: bool


class UnknownSubscriberError(LookupError):
    """Nobody of this name takes events."""


_subscribers: dict[str, Subscriber] = {}


def subscribe(name: str, handler: Handler, *, shared: bool = False) -> None:
    """Let `handler` have all events from now on; call it from AppConfig.ready().

    `shared` says that many people's events change the same rows. Such a handler comes last, so
    that the locks which it takes, in the order of their keys, are short.
    """
    _subscribers[name] = Subscriber(name, handler, shared)


def subscribers() -> list[Subscriber]:
    """In the order in which they are told."""
    return sorted(_subscribers.values(), key=lambda each: each.shared)


def named(name: str) -> Subscriber:
    """Raises UnknownSubscriberError."""
    try:
        return _subscribers[name]
    except KeyError:
        raise UnknownSubscriberError(f"Nothing called {name} takes events any more.") from None
