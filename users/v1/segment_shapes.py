"""Segments, their members and imports as `/api/v1/` answers them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from glu_admin.config import EnvironmentConfig
from glu_admin.jobs.models import Job
from users.models import Segment, SegmentImport, SegmentMember, SegmentSize
from users.segments import book as books
from users.segments import entry, kinds, parse, shelf, words
from users.segments.lists import imports
from users.segments.rule import RuleError
from users.segments.shelf import Use
from users.v1.shapes import stamp


def segments(config: EnvironmentConfig, rows: Sequence[Segment]) -> list[dict[str, Any]]:
    """Segments with what they mean, how large they are and who uses them."""
    pks = [row.id for row in rows]
    names = {**kinds.names(config.id), **books.of(config).names}
    sizes, uses = _sizes(config.id, pks), shelf.uses_of_all(config.id, pks)
    return [_segment(row, names, sizes.get(row.id), uses[row.id]) for row in rows]


def segment(config: EnvironmentConfig, row: Segment) -> dict[str, Any]:
    return segments(config, [row])[0]


def _segment(
    row: Segment, names: Mapping[UUID, str], size: SegmentSize | None, uses: Sequence[Use]
) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "description": row.description,
        "kind": row.kind,
        "rule": row.rule,
        "entry": row.entry,
        "notify": row.notify,
        "sentence": _sentence(row, names),
        "fault": row.fault or None,
        "size": size.size if size else None,
        "isEstimate": bool(size and size.is_estimate),
        "countedAt": stamp(size.counted_at) if size else None,
        "usedBy": [use(each) for each in uses],
        "version": row.version,
        "createdAt": stamp(row.created_at),
        "updatedAt": stamp(row.updated_at),
    }


def _sentence(row: Segment, names: Mapping[UUID, str]) -> str | None:
    """None for a rule that can't be read any more."""
    try:
        if row.kind == Segment.Kind.EVENT:
            return entry.sentence(entry.parse(row.entry))
        return "on the list" if row.rule is None else words.sentence(parse.parse(row.rule), names)
    except RuleError:
        return None


def _sizes(environment_id: UUID, pks: Sequence[UUID]) -> dict[UUID, SegmentSize]:
    rows = SegmentSize.objects.filter(environment_id=environment_id, segment_id__in=pks)
    newest = rows.order_by("segment_id", "-day").distinct("segment_id")
    return {row.segment_id: row for row in newest}


def use(found: Use) -> dict[str, Any]:
    return {"kind": found.kind, "id": str(found.id), "name": found.name, "isLive": found.is_live}


def member(row: SegmentMember) -> dict[str, Any]:
    return {
        "gluId": str(row.user.glu_id),
        "userId": row.user.user_id,
        "anonymousId": row.user.anonymous_id,
        "source": row.source,
        "enteredAt": stamp(row.entered_at),
        "leavesAt": stamp(row.leaves_at),
    }


def matching(glu_id: UUID, user_id: str | None, anonymous_id: str | None) -> dict[str, Any]:
    """Somebody who is in by the rule, which says nothing of when they came."""
    ids = {"gluId": str(glu_id), "userId": user_id, "anonymousId": anonymous_id}
    return ids | {"source": "rule", "enteredAt": None, "leavesAt": None}


def imported(rows: Sequence[SegmentImport]) -> list[dict[str, Any]]:
    """Files for lists, and how far their jobs are."""
    jobs = imports.jobs_of(rows)
    return [_imported(row, jobs.get(row.job_id) if row.job_id else None) for row in rows]


def _imported(row: SegmentImport, job: Job | None) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "segmentId": str(row.segment_id),
        "fileName": row.file_name,
        "format": row.format,
        "match": row.field,
        "column": row.column,
        "header": row.has_header,
        "mode": row.mode,
        "status": imports.status_of(row, job),
        "report": row.report,
        "error": job.error if job else "",
        "jobId": str(row.job_id) if row.job_id else None,
        "done": job.done if job else None,
        "total": job.total if job else None,
        "actor": row.actor,
        "createdAt": stamp(row.created_at),
        "checkedAt": stamp(row.checked_at),
        "appliedAt": stamp(row.applied_at),
        "undoneAt": stamp(row.undone_at),
    }
