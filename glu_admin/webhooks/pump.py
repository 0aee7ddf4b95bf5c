"""The threads of a worker process that send what is due.

A sweep only starts them and returns, so a receiver that hangs holds one thread for 15 s and
never the worker. A thread that is done takes the next due delivery, until none is left.
"""

import threading
import time

import structlog
from django.db import OperationalError

from glu_admin.webhooks import delivery, leases
from glu_admin.webhooks.fanout import BATCH, fan_out
from glu_admin.webhooks.leases import Lease
from glu_admin.webhooks.sending import Answer
from glu_admin.webhooks.turns import turn

THREADS = 24
log = structlog.get_logger("glu.webhooks")


class Pump:
    """At most `threads` deliveries at once in this process."""

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = threads
        self._busy = 0
        self._stopped = False
        self._changed = threading.Condition()

    def sweep(self) -> int:
        """Fan out what waits and start a thread for each due delivery that there is room for."""
        with turn():
            while fan_out() == BATCH:
                pass
        room = self._reserve()
        if not room:
            return 0
        taken: list[Lease] = []
        try:
            with turn():
                taken = leases.take(room)
        finally:
            self._release(room - len(taken))
        for lease in taken:
            threading.Thread(target=self._run, args=(lease,), name="webhook", daemon=True).start()
        return len(taken)

    def finish(self, seconds: float) -> bool:
        """Take nothing new and wait for what is being sent; whether everything ended in time."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._stopped = True
            return self._changed.wait_for(lambda: not self._busy, max(0.0, deadline - time.monotonic()))

    def _reserve(self) -> int:
        with self._changed:
            room = 0 if self._stopped else self._threads - self._busy
            self._busy += room
            return room

    def _release(self, count: int) -> None:
        with self._changed:
            self._busy -= count
            self._changed.notify_all()

    def _run(self, lease: Lease | None) -> None:
        try:
            while lease is not None:
                _deliver(lease)
                lease = None if self._stopped else _next()
        except OperationalError as error:
            # nothing can be written down now; the lease runs out and it is sent again
            log.warning("webhook.database_gone", error=str(error).partition("\n")[0])
        finally:
            self._release(1)


def _next() -> Lease | None:
    with turn():
        return next(iter(leases.take(1)), None)


def _deliver(lease: Lease) -> None:
    try:
        delivery.deliver(lease)
    except OperationalError:
        raise
    except Exception as error:  # the outermost loop: one bad webhook must not stop the others
        log.exception("webhook.fault", delivery=str(lease.delivery_id), kind=lease.kind)
        problem = f"The webhook could not be made ({type(error).__name__}); see the worker's log."
        with turn():
            delivery.conclude(lease, Answer(None, problem, b"", 0), started=delivery.utc_now(), jitter=0)
