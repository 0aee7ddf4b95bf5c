"""The names of pictures, which tell what a page must know of them before they are there. Pure.

A page can leave room for a picture by its name, and asks the database nothing.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

ADDRESS = re.compile(r"/pictures/[0-9a-f-]{36}/([0-9a-f]{64})\.webp")
NAME = re.compile(r"([0-9a-f]{64})-([1-9]\d{0,3})x([1-9]\d{0,3})(-light|-dark)?")


@dataclass(frozen=True)
class Shown:
    """A picture on a page. `tone` is "light" or "dark" if it can't be seen on such a ground."""

    name: str
    address: str
    width: int
    height: int
    tone: str


def is_name(name: object) -> bool:
    return isinstance(name, str) and bool(NAME.fullmatch(name))


def hash_in(name: str) -> str:
    """The hash of the picture; "" for what is no name."""
    found = NAME.fullmatch(name)
    return found[1] if found else ""


def name_of(sha256: str, width: int, height: int, tone: str = "") -> str:
    return f"{sha256}-{width}x{height}{f'-{tone}' if tone else ''}"


def is_address(text: object) -> bool:
    """Whether this is where a picture of ours is shown, without a host."""
    return isinstance(text, str) and bool(ADDRESS.fullmatch(text))


def shown(workspace_id: UUID, name: str) -> Shown | None:
    """What a page needs; None for what is no name. Whether there is such a picture, nobody is asked."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    sha256, width, height, tone = found.groups()
    address = reverse("picture", kwargs={"workspace_id": workspace_id, "sha256": sha256})
    return Shown(name, address, int(width), int(height), (tone or "").lstrip("-"))
