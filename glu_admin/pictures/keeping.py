"""The pictures of a workspace: added here alone, named by what is in them, and never changed.

A picture's name tells its size, so that a page can leave room for it and asks the database nothing.
"""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from glu_admin.pictures import reading
from glu_admin.pictures.models import Picture
from glu_admin.pictures.reading import Use
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment

NAME = re.compile(r"([0-9a-f]{64})-([1-9]\d{0,3})x([1-9]\d{0,3})(-light|-dark)?")


@dataclass(frozen=True)
class Shown:
    """A picture on a page. `tone` is the ground on which it can't be seen, if there is one."""

    name: str
    address: str
    width: int
    height: int
    tone: str


def is_name(name: object) -> bool:
    return isinstance(name, str) and bool(NAME.fullmatch(name))


def shown(workspace_id: UUID, name: str) -> Shown | None:
    """What a page needs; None for what names no picture. Asks nobody whether there is one."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    sha256, width, height, tone = found.groups()
    address = reverse("picture", kwargs={"workspace_id": workspace_id, "sha256": sha256})
    return Shown(name, address, int(width), int(height), (tone or "")[1:])


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
        if is_new:
            audit.record(env, actor, "picture.added", picture, {"sha256": [None, sha256]})
    return f"{sha256}-{made.width}x{made.height}{f'-{made.tone}' if made.tone else ''}"


def missing(env: Environment, names: Collection[str]) -> set[str]:
    """Which of these name no picture of the workspace."""
    hashes = {name: found[1] for name in names if (found := NAME.fullmatch(name))}
    rows = Picture.objects.filter(workspace_id=env.workspace_id, sha256__in=hashes.values())
    there = set(rows.values_list("sha256", flat=True))
    return {name for name in names if hashes.get(name) not in there}


@lru_cache(maxsize=128)  # of some 30 kB: when a campaign opens, everybody asks for the same few
def content_of(workspace_id: UUID, sha256: str) -> bytes:
    """Raises Picture.DoesNotExist, which is not remembered."""
    return bytes(Picture.objects.values_list("content", flat=True).get(workspace=workspace_id, sha256=sha256))
