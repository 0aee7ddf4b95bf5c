"""Who works on which job: a running job is leased for half a minute of the database's clock.

Progress and a heartbeat renew the lease, and the number of the attempt names it: a worker that
was asleep while another took the job over changes nothing any more. A job that broke off too
often is given up in words, and its files go.
"""

from typing import Any

import orjson
from django.db import connection, transaction

from glu_admin.jobs.models import Job

LEASE_SECONDS = 30
MOST_ATTEMPTS = 3
GIVEN_UP = (
    f"The work broke off {MOST_ATTEMPTS} times and was given up. See the workers' log; then start it again."
)

_GIVE_UP = """
WITH given_up AS (
    UPDATE jobs_job SET status = 'failed', error = %s, ended_at = statement_timestamp(), leased_until = NULL
    WHERE status = 'running' AND leased_until < statement_timestamp() AND attempts >= %s
    RETURNING environment_id, id
)
DELETE FROM jobs_jobfile file USING given_up job
WHERE file.environment_id = job.environment_id AND file.job_id = job.id
"""
# Environments that have a job running already wait for those that have none.
_TAKE = """
UPDATE jobs_job SET status = 'running', attempts = attempts + 1,
    started_at = coalesce(started_at, statement_timestamp()),
    leased_until = statement_timestamp() + make_interval(secs => %(lease)s)
WHERE id = (
    SELECT id FROM jobs_job job
    WHERE status IN ('queued', 'running') AND kind = ANY(%(kinds)s)
        AND (status = 'queued' OR leased_until < statement_timestamp())
    ORDER BY EXISTS (
        SELECT FROM jobs_job busy WHERE busy.environment_id = job.environment_id
            AND busy.status = 'running' AND busy.leased_until >= statement_timestamp()
    ), created_at
    LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING id, environment_id
"""
_HELD = "WHERE environment_id = %s AND id = %s AND attempts = %s AND status = 'running'"


def take(kinds: list[str]) -> Job | None:
    """The job to work on now, leased to the caller; None if there is nothing to do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, [GIVEN_UP, MOST_ATTEMPTS])
        cursor.execute(_TAKE, {"kinds": kinds, "lease": LEASE_SECONDS})
        row = cursor.fetchone()
    if row is None:
        return None
    return Job.objects.select_related("environment__workspace").get(id=row[0], environment_id=row[1])


def renew(job: Job) -> bool:
    """Write down how far the job is and keep it; False if it is not the caller's any more."""
    return _change(
        job,
        "done = %s, failed = %s, total = %s, report = %s,"
        " leased_until = statement_timestamp() + make_interval(secs => %s)",
        [job.done, job.failed, job.total, _report(job), LEASE_SECONDS],
    )


def keep(job: Job) -> bool:
    """Keep the job, and leave what is written of it; False if it is not the caller's any more."""
    return _change(job, "leased_until = statement_timestamp() + make_interval(secs => %s)", [LEASE_SECONDS])


def end(job: Job, status: Job.Status, error: str = "") -> bool:
    """The last word on a job; False if it is not the caller's any more."""
    return _change(
        job,
        "done = %s, failed = %s, total = %s, report = %s, status = %s, error = %s,"
        " ended_at = statement_timestamp(), leased_until = NULL",
        [job.done, job.failed, job.total, _report(job), status, error[:500]],
    )


def put_back(job: Job) -> bool:
    """Leave the job to another worker, as if this one had never begun."""
    return _change(job, "status = 'queued', attempts = attempts - 1, leased_until = NULL", [])


def _change(job: Job, sets: str, values: list[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE jobs_job SET {sets} {_HELD}", [*values, job.environment_id, job.id, job.attempts]
        )
        return bool(cursor.rowcount)


def _report(job: Job) -> str:
    return orjson.dumps(job.report).decode()
