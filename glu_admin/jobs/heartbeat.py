"""Keeps a job while its worker says nothing, for instance in one long statement.

A thread renews the lease on a connection of its own, as long as the work lasts. When the job is
not the worker's any more, the statement under way is stopped.
"""

import threading
from types import TracebackType

import psycopg
import structlog
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections

from glu_admin.jobs import leases
from glu_admin.jobs.models import Job

BEATS_A_LEASE = 3

log = structlog.get_logger("glu.jobs")


class Heartbeat:
    """`with Heartbeat(job) as heart:` around the work, in the thread that does it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="job-heartbeat", daemon=True)
        self._worker = connections[DEFAULT_DB_ALIAS]  # of this thread, which is the worker's
        self.is_lost = False

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """After this nothing is renewed and nothing is stopped any more."""
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._ended.wait(leases.LEASE_SECONDS / BEATS_A_LEASE) and self._is_kept():
                pass
        finally:
            connection.close()

    def _is_kept(self) -> bool:
        try:
            if leases.keep(self._job):
                return True
            self.is_lost = True
            if not self._ended.is_set() and (open_ := self._worker.connection) is not None:
                open_.cancel_safe()
        except (OperationalError, InterfaceError, psycopg.Error) as problem:
            # nobody can take the job either while the database is away; the worker's own words decide
            log.warning("job.heartbeat", job=str(self._job.id), error=str(problem).partition("\n")[0])
            connection.close()
        return not self.is_lost
