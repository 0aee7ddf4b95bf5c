"""Jobs: long work that somebody asks for, and that a worker does.

Parts of the product say how a kind of work is done (`register`), anybody starts it (`create`)
or stops it (`cancel`). What a job reads and makes are streams; a job whose worker died is
taken up again from its beginning, so `run` must bear that. Uploads are kept while their job
waits or runs, and an environment keeps so many bytes of them.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from glu_admin.api.errors import ApiError
from glu_admin.doorbell import Doorbell
from glu_admin.jobs import leases, pieces
from glu_admin.jobs.models import Job, JobFile
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment

KEPT = timedelta(days=7)
MOST_UPLOADED = 4 << 30  # bytes an environment
MEASURED_EACH = 16 << 20  # bytes of an upload between two looks whether there is room
BETWEEN_LOOKS = 0.5  # seconds between two looks whether the job was cancelled

# what a worker that died between two statements could not clear away
_FORGET_FILES = """
DELETE FROM jobs_jobfile file USING jobs_job job
WHERE job.environment_id = file.environment_id AND job.id = file.job_id AND job.ended_at IS NOT NULL
    AND (file.side = 'input' OR job.status <> %s)
"""

_bell = Doorbell("glu_admin.jobs.tasks.sweep", queue="bulk")


class JobFailed(Exception):
    """The work can't be done; the message says in words why, and what to mend."""


class Cancelled(pieces.Gone):
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
        """Add to the file that the job makes; raises pieces.Gone if another worker has the job."""
        if self._out is None:
            self._begin_anew()
            self._out = pieces.Writer(self.job, JobFile.Side.OUTPUT)
        self._out.write(chunk)

    def _begin_anew(self) -> None:
        """Throw away what an attempt that broke off had made, and not what a faster one has."""
        with transaction.atomic():
            if not leases.keep(self.job):
                raise Cancelled(self.job.id)
            pieces.forget(self.job, JobFile.Side.OUTPUT)

    def progress(
        self, *, done: int, failed: int = 0, total: int | None = None, keep: dict[str, object] | None = None
    ) -> None:
        """Say how far it is; raises Cancelled or PutBack. Call it between steps.

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
    """Queue a job with the file that it will read; whatever `content` raises leaves no job behind.

    Raises ApiError for a file that there is no room for, or that was cancelled on its way.
    """
    if kind not in _kinds:
        raise LookupError(f"Nothing was registered for jobs of the kind {kind}.")
    job = Job(environment=environment, kind=kind, options=options, actor=actor.name)
    job.status = Job.Status.RECEIVING
    job.leased_until = timezone.now() + timedelta(seconds=pieces.SILENT_FOR)
    job.save(force_insert=True)
    size = _receive(job, content)
    with transaction.atomic():
        if not _queue(job, size):
            raise _ended()
        audit.record(environment, actor, f"{kind}.create", job, {"options": [None, options]})
        transaction.on_commit(_bell.ring)
    return job


def _receive(job: Job, content: Iterable[bytes]) -> int:
    """Store the file as it comes; how many bytes it held."""
    is_whole = False
    try:
        size = pieces.write(job, JobFile.Side.INPUT, _while_there_is_room(job, content))
        is_whole = True
    except pieces.Gone:
        raise _ended() from None
    finally:
        if not is_whole and not connection.needs_rollback:
            _delete(job)
    return size


def _while_there_is_room(job: Job, content: Iterable[bytes]) -> Iterator[bytes]:
    unmeasured = MEASURED_EACH
    for chunk in content:
        if unmeasured >= MEASURED_EACH:
            _make_room(job.environment_id)
            unmeasured = 0
        unmeasured += len(chunk)
        yield chunk


def _make_room(environment_id: UUID) -> None:
    """Raises ApiError if the environment's uploads are as many as they may be."""
    if pieces.uploaded(environment_id) < MOST_UPLOADED:
        return
    forget_old(now=timezone.now())
    if pieces.uploaded(environment_id) >= MOST_UPLOADED:
        told = (
            f"The uploads of this environment hold {MOST_UPLOADED >> 30} GiB, as many as it may keep. Wait"
            " until a job that waits has ended, or cancel one; then send the file again."
        )
        raise ApiError("uploads_full", told, status=409)


def _ended() -> ApiError:
    told = (
        "This upload was cancelled, or nothing of it came for"
        f" {pieces.SILENT_FOR // 60} minutes. Send the file again."
    )
    return ApiError("upload_ended", told, status=409)


def _queue(job: Job, size: int) -> bool:
    """Let workers see a job whose file is there; False if it was cancelled meanwhile."""
    job.status, job.leased_until, job.report = Job.Status.QUEUED, None, {"bytes": size}
    receiving = Job.objects.filter(environment_id=job.environment_id, id=job.id, status=Job.Status.RECEIVING)
    return bool(receiving.update(status=job.status, leased_until=None, report=job.report))


def cancel(job: Job, actor: Actor) -> bool:
    """Stop a job that has not ended; its worker notices at its next step. False if it had ended.

    What it was to read and what it has made goes at once: its worker may be dead.
    """
    mine = Job.objects.filter(environment_id=job.environment_id, id=job.id)
    stopped = {"status": Job.Status.CANCELLED, "ended_at": timezone.now(), "leased_until": None}
    with transaction.atomic():
        is_stopped = bool(mine.filter(ended_at__isnull=True).update(**stopped))
        if is_stopped:
            pieces.forget(job, JobFile.Side.INPUT)
            pieces.forget(job, JobFile.Side.OUTPUT)
            audit.record(job.environment, actor, f"{job.kind}.cancel", job)
    job.refresh_from_db()
    return is_stopped


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
    """Drop jobs a week after they ended, with their files, and uploads that fell silent."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_FILES, [Job.Status.DONE])
        cursor.execute(
            "DELETE FROM jobs_job WHERE ended_at < %s OR (status = %s AND leased_until < %s)",
            [now - KEPT, Job.Status.RECEIVING, now],
        )
        return int(cursor.rowcount)


def _delete(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM jobs_job WHERE environment_id = %s AND id = %s AND status = %s",
            [job.environment_id, job.id, Job.Status.RECEIVING],
        )
