"""Jobs: long work that somebody asks for, and that a worker does.

Parts of the product say how a kind of work is done (`register`), anybody starts it (`create`)
or stops it (`cancel`). What a job reads and makes are streams; a job whose worker died is
taken up again from its beginning, so `run` must bear that.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from glu_admin.doorbell import Doorbell
from glu_admin.jobs import leases, pieces
from glu_admin.jobs.models import Job, JobFile
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment

KEPT = timedelta(days=7)
SENT_WITHIN = timedelta(hours=1)
BETWEEN_LOOKS = 0.5  # seconds between two looks whether the job was cancelled

_bell = Doorbell("glu_admin.jobs.tasks.sweep", queue="bulk")


class JobFailed(Exception):
    """The work can't be done; the message says in words why, and what to mend."""


class Cancelled(Exception):
    """Somebody cancelled the job, or another worker has it: stop and leave no half step."""


class PutBack(Exception):
    """This worker is stopping; the next one starts the job again."""


@dataclass
class Run:
    """One attempt at a job, as the kind's own code sees it. What it puts into `report` is kept."""

    job: Job
    is_stopping: Callable[[], bool] = lambda: False
    _out: pieces.Writer | None = None
    _looked_at: float = float("-inf")

    def pieces(self) -> Iterator[bytes]:
        """The file that came with the job; raises Cancelled if it was taken away meanwhile."""
        size = 0
        for piece in pieces.read(self.job, JobFile.Side.INPUT):
            size += len(piece)
            yield piece
        if size != self.job.report.get("bytes", 0):
            raise Cancelled(self.job.id)

    def write(self, chunk: bytes) -> None:
        """Add to the file that the job makes."""
        if self._out is None:
            pieces.forget(self.job, JobFile.Side.OUTPUT)  # of an attempt that broke off
            self._out = pieces.Writer(self.job, JobFile.Side.OUTPUT)
        self._out.write(chunk)

    def progress(
        self, *, done: int, failed: int = 0, total: int | None = None, keep: dict[str, object] | None = None
    ) -> None:
        """Say how far it is; raises Cancelled or PutBack. Call it at least every few seconds.

        `keep` adds to the job's report; inside a transaction it is kept if that is.
        """
        job = self.job
        job.done, job.failed = done, failed
        job.total = job.total if total is None else total
        job.report |= keep or {}
        if self.is_stopping():
            raise PutBack(job.id)
        if keep is None and time.monotonic() - self._looked_at < BETWEEN_LOOKS:
            return
        self._looked_at = time.monotonic()
        if not leases.renew(job):
            raise Cancelled(job.id)

    def close(self) -> None:
        if self._out is not None:
            self._out.close()


@dataclass(frozen=True)
class Kind:
    """One kind of work. `scope` is what an API key needs to start it and to see what it made."""

    name: str
    run: Callable[[Run], None]
    scope: str


_kinds: dict[str, Kind] = {}


def register(kind: str, run: Callable[[Run], None], *, scope: str = "") -> None:
    """Say how a kind of work is done; call it from AppConfig.ready()."""
    _kinds[kind] = Kind(kind, run, scope)


def kinds() -> dict[str, Kind]:
    return dict(_kinds)


def create(
    environment: Environment,
    kind: str,
    *,
    options: dict[str, object],
    actor: Actor,
    content: Iterable[bytes] = (),
) -> Job:
    """Queue a job with the file that it will read; whatever `content` raises leaves no job behind."""
    if kind not in _kinds:
        raise LookupError(f"Nothing was registered for jobs of the kind {kind}.")
    job = Job(environment=environment, kind=kind, options=options, actor=actor.name)
    job.status, job.leased_until = Job.Status.RECEIVING, timezone.now() + SENT_WITHIN
    job.save(force_insert=True)
    is_whole = False
    try:
        size = pieces.write(job, JobFile.Side.INPUT, content)
        is_whole = True
    finally:
        if not is_whole and not connection.needs_rollback:
            _delete(job)
    with transaction.atomic():
        if not _queue(job, size):
            raise Cancelled(job.id)
        audit.record(environment, actor, f"{kind}.create", job, {"options": [None, options]})
        transaction.on_commit(_bell.ring)
    return job


def _queue(job: Job, size: int) -> bool:
    """Let workers see a job whose file is there; False if it was cancelled meanwhile."""
    job.status, job.leased_until, job.report = Job.Status.QUEUED, None, {"bytes": size}
    receiving = Job.objects.filter(environment_id=job.environment_id, id=job.id, status=Job.Status.RECEIVING)
    return bool(receiving.update(status=job.status, leased_until=None, report=job.report))


def cancel(job: Job, actor: Actor) -> bool:
    """Stop a job that has not ended; its worker notices at its next step. False if it had ended."""
    mine = Job.objects.filter(environment_id=job.environment_id, id=job.id)
    stopped = {"status": Job.Status.CANCELLED, "ended_at": timezone.now(), "leased_until": None}
    with transaction.atomic():
        waited = mine.filter(status__in=(Job.Status.QUEUED, Job.Status.RECEIVING)).update(**stopped)
        ran = not waited and mine.filter(status=Job.Status.RUNNING).update(**stopped)
        if waited:  # what runs is cleared away by its worker
            pieces.forget(job, JobFile.Side.INPUT)
        if waited or ran:
            audit.record(job.environment, actor, f"{job.kind}.cancel", job)
    job.refresh_from_db()
    return bool(waited or ran)


def give_up(environment: Environment, kind: str, *, begun_before: datetime, why: str) -> int:
    """Fail what runs on ground that moved; its worker notices at its next step, and clears away."""
    running = Job.objects.filter(environment=environment, kind=kind, status=Job.Status.RUNNING)
    return running.filter(started_at__lt=begun_before).update(
        status=Job.Status.FAILED, error=why, ended_at=timezone.now(), leased_until=None
    )


def how_ended(job: Job) -> str | None:
    """The last word on a job as the database has it; None while it is not spoken."""
    mine = Job.objects.filter(environment_id=job.environment_id, id=job.id, ended_at__isnull=False)
    return mine.values_list("status", flat=True).first()


def forget_old(*, now: datetime) -> int:
    """Drop jobs a week after they ended, with their files, and uploads that never ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM jobs_job WHERE ended_at < %s OR (status = %s AND leased_until < %s)",
            [now - KEPT, Job.Status.RECEIVING, now],
        )
        return int(cursor.rowcount)


def _delete(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM jobs_job WHERE environment_id = %s AND id = %s", [job.environment_id, job.id]
        )
