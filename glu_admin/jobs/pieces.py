"""Files of jobs in the database: cut into pieces, sealed, written and read as a stream.

Whatever their size, one piece is in memory. A piece opens only at its own place. Only who has
the job adds to its files: the upload that is being received, the attempt that holds the lease.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Length

from glu_admin import crypto
from glu_admin.jobs import leases
from glu_admin.jobs.models import Job, JobFile

SILENT_FOR = 600  # seconds after the last piece of an upload, for one that broke off
PIECE_BYTES = 256 * 1024
SEAL_BYTES = 28  # what sealing adds to a piece

Side = JobFile.Side

# The job's row is written, so that whoever takes it over meanwhile comes before this or after it.
_STORE = """
WITH held AS (
    UPDATE jobs_job SET leased_until = statement_timestamp() + make_interval(secs => %(lease)s)
    WHERE environment_id = %(environment)s AND id = %(job)s AND status = %(status)s
        AND attempts = %(attempts)s
    RETURNING environment_id, id
)
INSERT INTO jobs_jobfile (environment_id, job_id, side, position, content)
SELECT environment_id, id, %(side)s, %(position)s, %(content)s FROM held
"""


class Gone(Exception):
    """The job is not the caller's any more: its files are left alone."""


class Writer:
    """Takes chunks of any size; `close` writes the rest. Both raise Gone."""

    def __init__(self, job: Job, side: Side) -> None:
        self._job, self._side = job, side
        self._key = _key(job)
        self._hold: dict[str, Any] = {
            "environment": job.environment_id,
            "job": job.id,
            "attempts": job.attempts,
        }
        self._hold |= {"side": side, "status": Job.Status.RUNNING, "lease": leases.LEASE_SECONDS}
        if side == Side.INPUT:
            self._hold |= {"status": Job.Status.RECEIVING, "lease": SILENT_FOR}
        self._rest = bytearray()
        self._position = 0
        self.size = 0

    def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._rest += chunk
        while len(self._rest) >= PIECE_BYTES:
            self._store(bytes(self._rest[:PIECE_BYTES]))
            del self._rest[:PIECE_BYTES]

    def close(self) -> None:
        if self._rest:
            self._store(bytes(self._rest))
            self._rest.clear()

    def _store(self, piece: bytes) -> None:
        content = crypto.seal(self._key, piece, _place(self._job, self._side, self._position))
        with connection.cursor() as cursor:
            cursor.execute(_STORE, self._hold | {"position": self._position, "content": content})
            if not cursor.rowcount:
                raise Gone(self._job.id)
        self._position += 1


def write(job: Job, side: Side, chunks: Iterable[bytes]) -> int:
    """Store a stream; how many bytes it held. Raises Gone."""
    writer = Writer(job, side)
    for chunk in chunks:
        writer.write(chunk)
    writer.close()
    return writer.size


def read(job: Job, side: Side) -> Iterator[bytes]:
    """The pieces in order, one statement each."""
    key = _key(job)
    mine = JobFile.objects.filter(environment_id=job.environment_id, job=job, side=side)
    position = 0
    while (content := mine.filter(position=position).values_list("content", flat=True).first()) is not None:
        yield crypto.unseal(key, bytes(content), _place(job, side, position))
        position += 1


def size(job: Job, side: Side) -> int:
    """How many bytes a file holds; 0 if there is none."""
    mine = JobFile.objects.filter(environment_id=job.environment_id, job=job, side=side)
    stored = mine.aggregate(bytes=Sum(Length("content")))["bytes"] or 0
    return int(stored) - SEAL_BYTES * mine.count()


def has(job: Job, side: Side) -> bool:
    return JobFile.objects.filter(environment_id=job.environment_id, job=job, side=side).exists()


def with_output(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """The same jobs, each with `has_output`: whether it has a file to fetch."""
    made = JobFile.objects.filter(
        environment_id=OuterRef("environment_id"), job_id=OuterRef("pk"), side=Side.OUTPUT
    )
    return jobs.annotate(has_output=Exists(made))


def uploaded(environment_id: UUID) -> int:
    """How many bytes of uploads are stored, which is those of jobs that have not ended."""
    sent = JobFile.objects.filter(environment_id=environment_id, side=Side.INPUT)
    jobs = Job.objects.filter(environment_id=environment_id)
    stored = sent.filter(job__in=jobs).aggregate(bytes=Sum(Length("content")))["bytes"]
    return int(stored or 0)


def forget(job: Job, side: Side) -> None:
    JobFile.objects.filter(environment_id=job.environment_id, job=job, side=side).delete()


def _key(job: Job) -> bytes:
    return crypto.environment_key(job.environment_id, bytes(job.environment.wrapped_key))


def _place(job: Job, side: Side, position: int) -> str:
    return f"job-file:{job.id}:{side}:{position}"
