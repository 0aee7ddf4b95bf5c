"""Files of jobs in the database: cut into pieces, sealed, written and read as a stream.

Whatever their size, one piece is in memory. A piece opens only at its own place.
"""

from collections.abc import Iterable, Iterator

from django.db.models import Sum
from django.db.models.functions import Length

from glu_admin import crypto
from glu_admin.jobs.models import Job, JobFile

PIECE_BYTES = 256 * 1024
SEAL_BYTES = 28  # what sealing adds to a piece

Side = JobFile.Side


class Writer:
    """Takes chunks of any size; `close` writes the rest."""

    def __init__(self, job: Job, side: Side) -> None:
        self._job, self._side = job, side
        self._key = _key(job)
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
        JobFile.objects.create(
            environment_id=self._job.environment_id,
            job=self._job,
            side=self._side,
            position=self._position,
            content=crypto.seal(self._key, piece, _place(self._job, self._side, self._position)),
        )
        self._position += 1


def write(job: Job, side: Side, chunks: Iterable[bytes]) -> int:
    """Store a stream; how many bytes it held."""
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


def forget(job: Job, side: Side) -> None:
    JobFile.objects.filter(environment_id=job.environment_id, job=job, side=side).delete()


def _key(job: Job) -> bytes:
    return crypto.environment_key(job.environment_id, bytes(job.environment.wrapped_key))


def _place(job: Job, side: Side, position: int) -> str:
    return f"job-file:{job.id}:{side}:{position}"
