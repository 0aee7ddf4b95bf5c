"""Pictures that nothing shows any more go, a month after somebody last had a use for them.

Whoever keeps names or addresses of pictures registers the texts that they stand in. A month lets
apps forget what they were told, and a draft come back to what it left.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from glu_admin.api.json import dumps
from glu_admin.pictures.models import Picture
from glu_admin.workspaces.models import Workspace

LIFE = timedelta(days=30)
HASH = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
Source = Callable[[UUID], Iterable[object]]  # what a workspace keeps that may name pictures, as JSON

_sources: list[Source] = []


def read_when_sweeping(source: Source) -> None:
    """Let the sweep ask `source` too; call it from AppConfig.ready()."""
    if source not in _sources:
        _sources.append(source)


def sweep(now: datetime) -> int:
    """Note what is unused, and let go of what has been for long; the number of pictures that went."""
    workspaces = Picture.objects.order_by("workspace_id").values_list("workspace_id", flat=True).distinct()
    return sum(_sweep(workspace_id, now) for workspace_id in workspaces)


def _sweep(workspace_id: UUID, now: datetime) -> int:
    pictures = Picture.objects.filter(workspace_id=workspace_id)
    used = _used(workspace_id)
    pictures.filter(sha256__in=used).update(unused_since=None)
    unused = pictures.exclude(sha256__in=used)
    unused.filter(unused_since=None).update(unused_since=now)
    gone, _ = unused.filter(unused_since__lte=now - LIFE).delete()
    return gone


def _used(workspace_id: UUID) -> set[str]:
    looks = Workspace.objects.filter(pk=workspace_id).values_list("look", flat=True)
    kept = [each for source in _sources for each in source(workspace_id)]
    return {found.decode() for each in (*looks, *kept) for found in HASH.findall(dumps(each))}
