"""What lists tell the rest of the product: their jobs, and what of them is about a person."""

from collections.abc import Sequence

from django.db.models import QuerySet

from glu_admin.jobs import work
from glu_admin.workspaces.models import Environment
from users.identity import merging
from users.models import SegmentImportRow
from users.privacy import parts
from users.segments import shelf
from users.segments.lists import imports, people, steps


def register() -> None:
    work.register(imports.KIND, steps.run, scope="segments:write")
    work.register(shelf.FILL, people.fill, scope="segments:write")
    merging.on_merge(imports.fold)
    parts.register("segmentImports", collect, erase, count=parts.counted(_rows))


def _rows(environment: Environment, pks: Sequence[int]) -> QuerySet[SegmentImportRow]:
    return SegmentImportRow.objects.filter(environment=environment, user_id__in=pks)


def collect(environment: Environment, pks: Sequence[int]) -> list[dict[str, object]]:
    """In which files the person stood."""
    rows = _rows(environment, pks).select_related("segment_import__segment").order_by("segment_import_id")
    return [
        {
            "import": str(row.segment_import_id),
            "segment": row.segment_import.segment.name,
            "at": row.segment_import.created_at.isoformat(),
            "takenOut": row.removed,
        }
        for row in rows
    ]


def erase(environment: Environment, pks: Sequence[int]) -> int:
    return _rows(environment, pks).delete()[0]
