"""Names of segments: each once in an environment, in capitals or not."""

import re
from uuid import UUID

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from users.models import Segment

LONGEST = 80
_forbidden = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def written_name(segment: Segment, name: str) -> tuple[str, str]:
    """The name as it is stored, and what is wrong with it."""
    said = name.strip()
    if not said:
        return said, "Give the segment a name."
    if len(said) > LONGEST or _forbidden.search(said):
        return said, f"A name has up to {LONGEST} characters, none of them for control."
    others = Segment.objects.filter(environment_id=segment.environment_id).exclude(id=segment.id)
    if _called(others, said).exists():
        return said, f"There is a segment “{said}” already. Choose another name."
    return said, ""


def free_name(environment_id: UUID, wanted: str) -> str:
    """The name, or the first with a number behind it that nobody has."""
    taken = Segment.objects.filter(environment_id=environment_id)
    name, number = wanted[:LONGEST].strip(), 1
    while _called(taken, name).exists():
        number += 1
        name = f"{wanted[: LONGEST - 6].strip()} ({number})"
    return name


def _called(segments: QuerySet[Segment], name: str) -> QuerySet[Segment]:
    """As the unique index compares names."""
    return segments.filter(Exact(Lower("name"), Lower(Value(name))))
