"""What the jobs of imports do: check a file, apply what it says, undo that.

Each writes in short transactions that keep how far it is, so that an attempt that broke off is
gone on with; what is done twice changes nothing.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from glu_admin.jobs.work import JobFailed, Run
from users.bulk.files import FileError
from users.models import SegmentImport, SegmentImportRow, SegmentMember
from users.segments import members
from users.segments.lists import cells
from users.segments.lists.matching import Matching, Verdict, matching

WRITTEN_AT_ONCE = 5_000  # people a transaction
FIRST = 1_000  # faults in the report; the job's file has them all
WHY = "import"
_TAKE_OUT = """
INSERT INTO users_segmentimportrow (environment_id, segment_import_id, user_id, removed, source, batch)
SELECT member.environment_id, %(import)s, member.user_id, true, member.source, member.batch
FROM users_segmentmember member
WHERE member.environment_id = %(environment)s AND member.segment_id = %(segment)s AND NOT EXISTS (
    SELECT FROM users_segmentimportrow row WHERE row.environment_id = member.environment_id
        AND row.segment_import_id = %(import)s AND row.user_id = member.user_id AND NOT row.removed)
ORDER BY member.user_id LIMIT %(most)s
ON CONFLICT (environment_id, segment_import_id, user_id) DO UPDATE SET removed = true
RETURNING user_id
"""


def run(job_run: Run) -> None:
    """One step of one import, as its job's options say."""
    options = job_run.job.options
    order = (
        SegmentImport.objects.filter(environment_id=job_run.job.environment_id, id=options["import"])
        .select_related("segment", "environment")
        .first()
    )
    if order is None:
        raise JobFailed("The list of this import was deleted.")
    {"check": check, "apply": apply, "undo": undo}[options["step"]](order, job_run)


def check(order: SegmentImport, run: Run) -> None:
    """Read the file and say what it would do; nobody is let in or taken out."""
    wanted = cells.Wanted(order.field, order.column, order.has_header)
    run.progress(done=0, keep={"step": "reading"})
    try:
        with matching(order, timezone.now()) as matched:
            with cells.opened(run.pieces(), order.format, wanted) as (column, found):
                rows = 0
                for rows in matched.stage(found):
                    run.progress(done=rows)
            run.progress(done=rows, total=rows, keep={"step": "matching"})
            matched.match()
            report = _report(matched, rows, is_replacing=order.mode == SegmentImport.Mode.REPLACE)
            faults = matched.faults()
            first = [_line(each) for each in islice(faults, FIRST)]
            _write_faults(run, first, faults)
    except FileError as error:
        raise JobFailed(str(error)) from None
    report |= {"column": column, "problems": first}
    order.report, order.checked_at = report, timezone.now()
    with transaction.atomic():
        order.save(update_fields=["report", "checked_at"])
        counts = {name: value for name, value in report.items() if name != "problems"}
        run.progress(done=rows, failed=rows - report["matched"], total=rows, keep=counts)


def _report(matched: Matching, rows: int, *, is_replacing: bool) -> dict[str, Any]:
    counts = matched.counts()
    already_in, others = matched.members()
    right = counts.get("matched", 0)
    return {
        "rows": rows,
        "matched": right,
        "alreadyIn": already_in,
        "toAdd": right - already_in,
        "toRemove": others if is_replacing else 0,
        **{code: counts.get(code, 0) for code in ("unknown", "ambiguous", "duplicate")},
        "bad": sum(counts.get(code, 0) for code in cells.BAD),
    }


def _line(verdict: Verdict) -> dict[str, Any]:
    """It never repeats what the row says."""
    message = cells.MESSAGES[verdict.code].format(other=verdict.other)
    return {"row": verdict.line, "code": verdict.code, "message": message}


def _write_faults(run: Run, first: list[dict[str, Any]], rest: Iterator[Verdict]) -> None:
    """All rows that can't be taken, as the job's file."""
    if not first:
        return
    run.write(b"row,code,message\r\n")
    run.write("".join(map(_csv, first)).encode())
    while page := list(islice(rest, WRITTEN_AT_ONCE)):
        run.write("".join(_csv(_line(each)) for each in page).encode())


def _csv(line: dict[str, Any]) -> str:
    return f'{line["row"]},{line["code"]},"{line["message"]}"\r\n'


def apply(order: SegmentImport, run: Run) -> None:
    """Let in whom the file names and, of a replacement, take out everybody else."""
    added, removed = run.job.report.get("added", 0), run.job.report.get("removed", 0)
    done, after = int(run.job.report.get("done", 0)), int(run.job.report.get("after", 0))
    now, total = timezone.now(), order.report["matched"] + order.report["toRemove"]
    while True:
        with transaction.atomic():
            named = _named(order, after)
            if not named:
                break
            added += members.add(
                order.segment, named, source=members.Source.IMPORT, batch=order.id, why=WHY, now=now
            )
            done, after = done + len(named), named[-1]
            kept = {"added": added, "done": done, "after": after}
            run.progress(done=done, total=total, keep=kept)
    while order.mode == SegmentImport.Mode.REPLACE:
        with transaction.atomic():
            others = _taken_out(order)
            if not others:
                break
            removed += members.remove(order.segment, others, why=WHY, now=now)
            done += len(others)
            run.progress(done=done, total=max(total, done), keep={"removed": removed, "done": done})
    _end(order, run, {"applied_at": timezone.now()}, added=added, removed=removed)


def undo(order: SegmentImport, run: Run) -> None:
    """Take out whom it let in and who is still there by it, and back whom it took out."""
    report = run.job.report
    removed, added, after = report.get("removed", 0), report.get("added", 0), int(report.get("after", 0))
    now = timezone.now()
    while True:
        with transaction.atomic():
            mine = SegmentMember.objects.filter(environment_id=order.environment_id, batch=order.id)
            came = list(mine.order_by("user_id").values_list("user_id", flat=True)[:WRITTEN_AT_ONCE])
            if not came:
                break
            removed += members.remove(order.segment, came, batch=order.id, why=WHY, now=now)
            run.progress(done=removed + added, keep={"removed": removed})
    while True:
        with transaction.atomic():
            went = _went(order, after)
            if not went:
                break
            added += _take_back(order, went, now)
            after = went[-1][0]
            run.progress(done=removed + added, keep={"added": added, "after": after})
    _end(order, run, {"undone_at": timezone.now()}, undoneAdded=added, undoneRemoved=removed)


def _end(order: SegmentImport, run: Run, at: dict[str, datetime], **figures: int) -> None:
    order.report |= figures
    for name, moment in at.items():
        setattr(order, name, moment)
    with transaction.atomic():
        order.save(update_fields=["report", *at])
        kept: dict[str, object] = dict(figures)
        run.progress(done=run.job.done, total=run.job.done, keep=kept)
    for on_the_way in ("after", "done"):
        run.job.report.pop(on_the_way, None)
    if sum(figures.values()) >= WRITTEN_AT_ONCE:
        count_members()


def count_members() -> None:
    """Tell the planner that a list grew: what it believes of a small table makes the next change crawl."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE users_segmentmember")


def _named(order: SegmentImport, after: int) -> list[int]:
    rows = SegmentImportRow.objects.filter(
        environment_id=order.environment_id, segment_import_id=order.id, removed=False
    )
    page = rows.filter(user_id__gt=after).order_by("user_id")[:WRITTEN_AT_ONCE]
    return list(page.values_list("user_id", flat=True))


def _taken_out(order: SegmentImport) -> list[int]:
    """Some members whom the file doesn't name, written down for an undo."""
    values: dict[str, Any] = {
        "environment": order.environment_id,
        "import": order.id,
        "segment": order.segment_id,
        "most": WRITTEN_AT_ONCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OUT, values)
        return [pk for (pk,) in cursor.fetchall()]


def _went(order: SegmentImport, after: int) -> list[tuple[int, str, UUID | None]]:
    rows = SegmentImportRow.objects.filter(
        environment_id=order.environment_id, segment_import_id=order.id, removed=True
    )
    page = rows.filter(user_id__gt=after).order_by("user_id")[:WRITTEN_AT_ONCE]
    return list(page.values_list("user_id", "source", "batch"))


def _take_back(order: SegmentImport, went: list[tuple[int, str, UUID | None]], now: datetime) -> int:
    """As they had come in, so that the import that let them in can still be undone itself."""
    groups: dict[tuple[str, UUID | None], list[int]] = {}
    for pk, source, batch in went:
        groups.setdefault((source, batch), []).append(pk)
    return sum(
        members.add(order.segment, pks, source=source, batch=batch, why=WHY, now=now)
        for (source, batch), pks in groups.items()
    )
