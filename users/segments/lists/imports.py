"""Files for lists, step by step: uploaded and checked, then applied, then perhaps undone.

What an import needs to know of people is whom it names and whom it took out: that is kept for
30 days, in which it can be undone; the file itself goes as soon as it is checked.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from glu_admin.api.errors import ApiError
from glu_admin.jobs import work
from glu_admin.jobs.models import Job
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from users.models import Segment, SegmentImport, SegmentImportRow
from users.segments.lists import cells

KIND = "segment_import"  # of jobs
KEPT = timedelta(days=30)
Step = SegmentImport.Step
_DONE = {Step.CHECK: "ready", Step.APPLY: "applied", Step.UNDO: "undone"}
_DOING = {Step.CHECK: "checking", Step.APPLY: "applying", Step.UNDO: "undoing"}


def upload(
    segment: Segment,
    content: Iterable[bytes],
    *,
    kind: str,
    wanted: cells.Wanted,
    mode: str,
    file_name: str,
    actor: Actor,
    now: datetime,
) -> SegmentImport:
    """Take a file in, and start its check; raises ApiError, RuleError for a field that can't be matched."""
    cells.checked_field(wanted.field)
    if segment.kind != Segment.Kind.STATIC:
        raise not_a_list()
    forget_old(segment.environment_id, now=now)
    made = SegmentImport.objects.create(
        environment=segment.environment,
        segment=segment,
        file_name=file_name[:120],
        format=kind,
        field=wanted.field,
        column=wanted.column,
        has_header=wanted.has_header,
        mode=mode,
        actor=actor.name,
        created_at=now,
    )
    try:
        _start(made, Step.CHECK, actor, content)
    finally:
        SegmentImport.objects.filter(pk=made.pk, job_id=None).delete()  # of which nothing came in
    return made


def apply(order: SegmentImport, actor: Actor) -> SegmentImport:
    """Let the people of a checked file in; raises ApiError 409 for one that is not ready."""
    with transaction.atomic():
        known = _locked(order)
        status = status_of(known)
        may_go_on = known.step == Step.APPLY and status in ("failed", "cancelled")
        if status != "ready" and not may_go_on:
            raise ApiError("import_not_ready", f"This import can't be applied: it is {status}.", status=409)
        _start(known, Step.APPLY, actor)
        audit.record(known.environment, actor, "segment.import", known.segment, _told(known))
    return known


def drop(order: SegmentImport, actor: Actor) -> None:
    """Forget a file that was never let in; raises ApiError 409 for one that was, or that is at work."""
    with transaction.atomic():
        known = _locked(order)
        status = status_of(known)
        if known.step != Step.CHECK or status == "checking":
            raise ApiError("import_not_ready", f"This import can't be dropped: it is {status}.", status=409)
        audit.record(known.environment, actor, "segment.import_drop", known.segment, _told(known))
        known.delete()


def undo(order: SegmentImport, actor: Actor, *, now: datetime) -> SegmentImport:
    """Take out whom it let in, and back whom it took out; raises ApiError 409 if there is nothing to undo."""
    with transaction.atomic():
        known = _locked(order)
        status = status_of(known)
        was_begun = known.step != Step.CHECK and status in ("applied", "failed", "cancelled")
        if not was_begun:
            raise ApiError("import_not_applied", f"Nothing is there to undo: it is {status}.", status=409)
        if known.created_at < now - KEPT:
            told = f"An import can be undone for {KEPT.days} days. Import another list instead."
            raise ApiError("import_too_old", told, status=409)
        _start(known, Step.UNDO, actor)
        audit.record(known.environment, actor, "segment.import_undo", known.segment, _told(known))
    return known


def status_of(order: SegmentImport, job: Job | None = None) -> str:
    """checking, ready, applying, applied, undoing, undone; failed or cancelled, as its job is.

    `job` is the import's, if it is known already.
    """
    step = Step(order.step)
    done_at = {
        Step.CHECK: order.checked_at,
        Step.APPLY: order.applied_at,
        Step.UNDO: order.undone_at,
    }
    if done_at[step] is not None:
        return _DONE[step]
    job = job or job_of(order)
    if job is None or job.status == Job.Status.DONE:
        return "cancelled"  # a week ago or earlier, and forgotten
    return _DOING[step] if job.ended_at is None else job.status


def jobs_of(orders: Sequence[SegmentImport]) -> dict[UUID, Job]:
    """The jobs of several imports, as far as they are remembered."""
    environments = {order.environment_id for order in orders}
    jobs = Job.objects.filter(environment_id__in=environments, id__in=[order.job_id for order in orders])
    return {job.id: job for job in jobs}


def job_of(order: SegmentImport) -> Job | None:
    if order.job_id is None:
        return None
    return Job.objects.filter(environment_id=order.environment_id, id=order.job_id).first()


def not_a_list() -> ApiError:
    told = "Only a list has members of its own. Freeze this segment to get a list of who is in it now."
    return ApiError("not_a_list", told, status=409)


def forget_old(environment_id: UUID, *, now: datetime) -> None:
    """Let go of whom imports of 30 days ago were about."""
    old = SegmentImport.objects.filter(environment_id=environment_id, created_at__lt=now - KEPT)
    SegmentImportRow.objects.filter(environment_id=environment_id, segment_import__in=old).delete()


def fold(environment_id: UUID, alias_pk: int, user_pk: int, now: datetime) -> None:
    """An import that was about a visitor is about the user whom the visitor became."""
    values: dict[str, Any] = {"environment": environment_id, "alias": alias_pk, "user": user_pk}
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH gone AS (DELETE FROM users_segmentimportrow WHERE environment_id = %(environment)s"
            " AND user_id = %(alias)s RETURNING segment_import_id, removed, source, batch)"
            " INSERT INTO users_segmentimportrow"
            " (environment_id, segment_import_id, user_id, removed, source, batch)"
            " SELECT %(environment)s, segment_import_id, %(user)s, removed, source, batch FROM gone"
            " ON CONFLICT (environment_id, segment_import_id, user_id) DO UPDATE"
            " SET removed = users_segmentimportrow.removed AND excluded.removed",
            values,
        )


def _locked(order: SegmentImport) -> SegmentImport:
    rows = SegmentImport.objects.filter(Q(environment_id=order.environment_id), id=order.id)
    return rows.select_for_update(of=("self",)).select_related("environment", "segment").get()


def _start(order: SegmentImport, step: Step, actor: Actor, content: Iterable[bytes] = ()) -> None:
    # "format" is that of the file that the job makes: the rows that can't be taken
    options: dict[str, object] = {
        "import": str(order.id),
        "segment": str(order.segment_id),
        "step": step.value,
        "format": "csv",
    }
    job = work.create(order.environment, KIND, options=options, actor=actor, content=content)
    order.step, order.job_id = step, job.id
    order.save(update_fields=["step", "job_id"])


def _told(order: SegmentImport) -> dict[str, list[object]]:
    figures = {name: order.report.get(name) for name in ("matched", "toAdd", "toRemove")}
    return {"import": [None, str(order.id)]} | {name: [None, many] for name, many in figures.items()}
