"""Kombu's PostgreSQL transport, without its pause after each handful of messages.

The original looks at a worker with all hands full as at an empty queue and sleeps a
whole polling interval. Here a finished task ends that wait at once.
"""

import threading
from typing import Any

from kombu.transport import pgmq

LONGEST_WAIT = 1.0


class Channel(pgmq.Channel):
    """Wakes when a hand is free, as well as when a message comes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._hand_free = threading.Event()
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]  # kombu has no types here

    def drain_events(self, timeout: float | None = None, callback: Any = None, **options: Any) -> Any:
        self._hand_free.clear()
        if self._consumers and not self.qos.can_consume():
            self._hand_free.wait(timeout if timeout is not None else 1.0)
        drain: Any = super().drain_events
        return drain(timeout=timeout, callback=callback, **options)

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        acknowledge: Any = super().basic_ack
        acknowledge(delivery_tag, multiple)
        self._hand_free.set()

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        reject: Any = super().basic_reject
        reject(delivery_tag, requeue)
        self._hand_free.set()


class Transport(pgmq.Transport):
    """Looks up from its wait each second, so that a worker asked to stop soon does."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **options: Any) -> None:
        drain: Any = super().drain_events
        drain(connection, timeout=min(timeout or LONGEST_WAIT, LONGEST_WAIT), **options)
