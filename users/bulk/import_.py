"""People from a file: judged as a whole first, then written in short steps that stay.

With bad lines nothing is written, unless the caller says to skip them. What was written by an
import that broke off is there; the same file again changes only what still differs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from glu_admin.config import EnvironmentConfig
from users.bulk import erased, files, rows, writing
from users.bulk.report import FIRST, Faults, Report, Told
from users.bulk.rows import Fault, Row
from users.bulk.staging import Staging, count_people

STAGED_AT_ONCE = 2_000
WRITTEN_AT_ONCE = 5_000  # lines a transaction: what a registration may have to wait for
# New people after which the planner is told, and how many times as many until the next time:
# what it believes of a small table would slow down everybody's statements on a large one.
COUNTED_FIRST, COUNTED_AGAIN = 10_000, 8


class Watch(Protocol):
    """Who looks on: it may raise to stop the import between two steps."""

    def progress(
        self, *, done: int, failed: int = 0, total: int | None = None, keep: dict[str, object] | None = None
    ) -> None: ...


@dataclass(frozen=True)
class Order:
    """What to import, into which environment, and how. `key` names the import."""

    key: UUID
    config: EnvironmentConfig
    open: Callable[[], Iterable[bytes]]
    kind: str
    now: datetime
    dry_run: bool = False
    skip_bad: bool = False
    done: dict[str, Any] | None = None  # of an attempt that broke off: what it kept


def run(order: Order, watch: Watch) -> Report:
    """Import the file; raises files.FileError for one that can't be read at all."""
    report = Report(is_dry=order.dry_run, ignored_columns=files.passed_over(order.open(), order.kind))
    staging = Staging(order.key, order.now)
    staging.make()
    try:
        _judge(order, staging, report, watch)
        report.is_refused = bool(report.bad.total) and not order.skip_bad
        if order.dry_run:
            known = staging.known(order.config.id)
            report.created, report.changed = staging.rows - known, known
        elif not report.is_refused:
            _write(order, staging, report, watch)
    finally:
        staging.drop()
    return report


def _judge(order: Order, staging: Staging, report: Report, watch: Watch) -> None:
    """Read every line; the good ones are staged."""
    watch.progress(done=0, keep={"step": "checking"})
    for report.rows, each in enumerate(files.records(order.open(), order.kind), 1):
        judged = each if isinstance(each, Fault) else rows.judge(*each, now=order.now)
        if isinstance(judged, Row):
            staging.add(judged)
            _add(report.warnings, judged.warnings)
        else:
            report.bad.add(judged)
        if report.rows % STAGED_AT_ONCE == 0:
            staging.flush()
            watch.progress(done=report.rows, failed=report.bad.total)
    staging.flush()
    watch.progress(done=report.rows, failed=report.bad.total)
    gone, first = staging.close(FIRST)
    report.left_out.first += first
    if gone:
        report.left_out.counts["duplicate"] = gone
    report.good = staging.rows


def _add(faults: Faults, more: Iterable[Fault]) -> None:
    for fault in more:
        faults.add(fault)


def _write(order: Order, staging: Staging, report: Report, watch: Watch) -> None:
    """Write what is staged, step by step; a step and its count are kept together."""
    after, told = _resume(order, report)
    # who becomes a user in the meantime is met as a conflict
    staging.has_known = staging.known(order.config.id) > 0
    watch.progress(done=report.written, total=staging.rows, keep={"step": "writing"})
    counted_at = COUNTED_FIRST
    while after < staging.last_line:
        until = after + WRITTEN_AT_ONCE
        with transaction.atomic():
            # each time: somebody may be erased while a long file is being written
            staging.has_erased = staging.has_erased or erased.any_in(order.config.environment)
            written = writing.write(order.config, staging, after, until, now=order.now)
            report.created += written.counts["created"]
            report.changed += written.counts["changed"]
            report.unchanged += written.counts["unchanged"]
            _add(told.left_out, written.left_out)
            _add(told.warnings, written.warnings)
            keep = {"line": until, "told": told.as_json(), **report.counts}
            watch.progress(done=report.written, failed=report.bad.total, keep=keep)
        after = until
        if report.created >= counted_at:
            count_people()
            counted_at = report.created * COUNTED_AGAIN
    report.left_out.extend(told.left_out)
    report.warnings.extend(told.warnings)


def _resume(order: Order, report: Report) -> tuple[int, Told]:
    """The line up to which an attempt that broke off had written, with its counts and what it told."""
    kept = order.done or {}
    report.created, report.changed = kept.get("created", 0), kept.get("changed", 0)
    report.unchanged = kept.get("unchanged", 0)
    return int(kept.get("line", 0)), Told.of(kept.get("told"))
