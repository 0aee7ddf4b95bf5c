"""Imports and exports as jobs, for whoever asks over HTTP."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from glu_admin import config
from glu_admin.config import EnvironmentConfig
from glu_admin.jobs import work
from glu_admin.jobs.models import Job, JobFile
from glu_admin.jobs.work import JobFailed, Run
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.bulk import export, import_
from users.bulk.export import Filter, TooManyAttributes
from users.bulk.files import FileError
from users.bulk.import_ import Order
from users.bulk.report import Report
from users.models import EndUser
from users.privacy import parts
from users.segments.lists.people import table_of_people

IMPORT, EXPORT = "user_import", "user_export"
COMMITTED_WITHIN = timedelta(minutes=1)  # an erasure, after the moment that it bears
ERASED_MEANWHILE = "Somebody was erased while this export ran, so its file was thrown away. Start it again."


def register() -> None:
    work.register(IMPORT, do_import, scope="users:write")
    work.register(EXPORT, do_export, scope="users:read")
    parts.register("exports", nothing, forget_exports, count=count_exports)


def do_import(run: Run) -> None:
    """Import the job's file; its report tells of each line that was not taken."""
    job = run.job
    order = Order(
        key=job.id,
        config=_config(job),
        open=run.pieces,
        kind=job.options["format"],
        now=timezone.now(),
        dry_run=bool(job.options["dryRun"]),
        skip_bad=bool(job.options["skipBad"]),
        done=job.report,
    )
    try:
        report = import_.run(order, run)
    except FileError as error:
        raise JobFailed(str(error)) from None
    job.report |= report.as_json()
    for on_the_way in ("line", "told"):  # which only the next attempt would have needed
        job.report.pop(on_the_way, None)
    job.done, job.failed, job.total = report.written, report.bad.total, report.good
    record(job.environment, Actor(job.actor), report, job)
    if report.is_refused:
        raise JobFailed(refused(report))


def refused(report: Report) -> str:
    return (
        f"{report.bad.total:,} of {report.rows:,} lines can't be used, so nothing was imported."
        " Mend them, or import again and skip them."
    )


def record(environment: Environment, actor: Actor, report: Report, job: Job | Environment) -> None:
    """Tell the audit log what an import changed; one that changed nothing is no entry."""
    if (report.created or report.changed) and not report.is_dry:
        counts = {name: [None, count] for name, count in report.counts.items()}
        audit.record(environment, actor, f"{IMPORT}.end", job, counts)


def do_export(run: Run) -> None:
    """Write the job's file: of all users, or of who is in a segment when the work begins."""
    options = run.job.options
    names = options.get("attributes")
    chosen = Filter(
        environment_id=run.job.environment_id,
        since=_moment(options.get("since")),
        until=_moment(options.get("until")),
        is_test=options.get("isTest"),
        attributes=None if names is None else tuple(names),
    )
    segment = options.get("segment")
    if segment is None:
        _export(run, chosen)
        return
    run.progress(done=0, keep={"step": "counting"})
    with table_of_people(_config(run.job), UUID(segment), run.job.id, timezone.now()) as (table, _):
        _export(run, replace(chosen, table=table))


def _export(run: Run, chosen: Filter) -> None:
    try:
        people = export.run(chosen, run.job.options["format"], run.write, run)
    except TooManyAttributes as error:
        raise JobFailed(str(error)) from None
    run.job.report["people"] = people


def forget_exports(environment: Environment, pks: Sequence[int]) -> int:
    """Throw away what exports read before this erasure: whom it erases may stand in it.

    A sweep asks again later: what was begun since then holds nobody of them, and stays.
    """
    erased = EndUser.objects.filter(environment=environment, pk__in=pks)
    erased_at = erased.aggregate(last=Max("erased_at"))["last"] or timezone.now()
    until = erased_at + COMMITTED_WITHIN
    work.give_up(environment, EXPORT, begun_before=until, why=ERASED_MEANWHILE)
    begun = Job.objects.filter(environment=environment, kind=EXPORT, started_at__lt=until)
    made = JobFile.objects.filter(environment=environment, side=JobFile.Side.OUTPUT, job__in=begun)
    return made.delete()[0]


def count_exports(environment: Environment, pks: Sequence[int]) -> int:
    """Files that an erasure would throw away, whoever stands in them."""
    made = JobFile.objects.filter(environment=environment, side=JobFile.Side.OUTPUT)
    return made.filter(job__kind=EXPORT).count()


def nothing(environment: Environment, pks: Sequence[int]) -> list[dict[str, Any]]:
    """What exports know of a person is a copy of what stands elsewhere."""
    return []


def _config(job: Job) -> EnvironmentConfig:
    found = config.get(job.environment_id)
    if found is None:
        raise JobFailed("The environment of this job does not exist any more.")
    return found


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
