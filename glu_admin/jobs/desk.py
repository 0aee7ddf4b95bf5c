"""The thread of a worker process that does jobs, one after the other.

A sweep only starts it and returns, so work of an hour never holds up a worker's other tasks
and knows no limit of a task's time.
"""

import threading

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from glu_admin.jobs import leases, pieces, work
from glu_admin.jobs.heartbeat import Heartbeat
from glu_admin.jobs.models import Job, JobFile

log = structlog.get_logger("glu.jobs")


class Desk:
    """At most one job at once in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def sweep(self) -> None:
        """Start the thread, unless it is at work or the process is ending."""
        with self._lock:
            if self._stopped.is_set() or (self._thread and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
            self._thread.start()

    def finish(self, seconds: float) -> None:
        """Take nothing new; what is under way goes back into the queue."""
        self._stopped.set()
        if self._thread:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while not self._stopped.is_set() and work_once(self._stopped):
                connection.close()
        except (OperationalError, InterfaceError) as error:
            # nothing can be written down now; the lease runs out and the job is taken up again
            log.warning("job.database_gone", error=str(error).partition("\n")[0])
        finally:
            connection.close()


def work_once(stopped: threading.Event | None = None) -> bool:
    """Take one job and work on it until it ends; False if there was none."""
    kinds = work.kinds()
    job = leases.take(list(kinds))
    if job is None:
        return False
    run = work.Run(job, stopped.is_set) if stopped else work.Run(job)
    log.info("job.started", job=str(job.id), kind=job.kind, attempt=job.attempts)
    with Heartbeat(job) as heart:
        status, error = _outcome(run, kinds[job.kind], heart)
    _end(run, status, error)
    log.info("job.ended", job=str(job.id), kind=job.kind, status=status or "put back")
    return True


def _outcome(run: work.Run, kind: work.Kind, heart: Heartbeat) -> tuple[Job.Status | None, str]:
    """How the attempt ended, and what to say of it; no status: it goes back into the queue."""
    try:
        kind.run(run)
        run.close()
    except work.JobFailed as error:
        return Job.Status.FAILED, str(error)
    except pieces.Gone:
        return Job.Status.CANCELLED, ""
    except work.PutBack:
        return None, ""
    except (OperationalError, InterfaceError):
        heart.end()
        if not heart.is_lost:
            raise
        return Job.Status.CANCELLED, ""
    except Exception as error:  # the outermost loop: one job's fault must not stop the others
        log.exception("job.fault", job=str(run.job.id), kind=kind.name)
        problem = f"The work stopped with a fault ({type(error).__name__}); see the worker's log."
        return Job.Status.FAILED, problem
    return Job.Status.DONE, ""


def _end(run: work.Run, status: Job.Status | None, error: str) -> None:
    job = run.job
    if status is None:
        leases.put_back(job)
        return
    with transaction.atomic():
        leases.end(job, status, error)
        ended = work.how_ended(job)
        if ended is None:
            return  # another worker has it, and needs the files
        # what came in is not needed any more, and what a broken attempt made is no result
        pieces.forget(job, JobFile.Side.INPUT)
        if ended != Job.Status.DONE:
            pieces.forget(job, JobFile.Side.OUTPUT)
