"""The pictures of a workspace: added here alone, named by what is in them, and never changed."""

import hashlib
from collections.abc import Collection
from functools import lru_cache
from uuid import UUID

from django.db import transaction

from glu_admin.pictures import names, reading
from glu_admin.pictures.models import Picture
from glu_admin.pictures.reading import Use
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment


def keep(env: Environment, content: bytes, use: Use, actor: Actor) -> str:
    """Make a picture of what was sent, and its name; the same one is kept once. Raises PictureError."""
    made = reading.make(content, use)
    sha256 = hashlib.sha256(made.content).hexdigest()
    with transaction.atomic():
        picture, is_new = Picture.objects.get_or_create(
            workspace_id=env.workspace_id,
            sha256=sha256,
            defaults={
                "content": made.content,
                "size": len(made.content),
                "width": made.width,
                "height": made.height,
                "added_by": actor.name,
            },
        )
        if not is_new:
            Picture.objects.filter(pk=picture.pk).update(unused_since=None)
        else:
            audit.record(env, actor, "picture.added", picture, {"sha256": [None, sha256]})
    return names.name_of(sha256, made.width, made.height, made.tone)


def missing(env: Environment, wanted: Collection[str]) -> set[str]:
    """Which of these name no picture of the workspace."""
    hashes = {name: names.hash_in(name) for name in wanted}
    rows = Picture.objects.filter(workspace_id=env.workspace_id, sha256__in=hashes.values())
    there = set(rows.values_list("sha256", flat=True))
    return {name for name, sha256 in hashes.items() if sha256 not in there}


@lru_cache(maxsize=128)  # of some 30 kB: when a campaign opens, everybody asks for the same few
def content_of(workspace_id: UUID, sha256: str) -> bytes:
    """Raises Picture.DoesNotExist, which is not remembered."""
    return bytes(Picture.objects.values_list("content", flat=True).get(workspace=workspace_id, sha256=sha256))
