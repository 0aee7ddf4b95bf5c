"""Campaign types: each sub-package is one type, found by being here.

A type is a folder with a `rules.py` that defines `TYPE`. Nothing outside the folder names
it: settings, migrations, forms, pages and the API all ask this module.
"""

from functools import cache
from importlib import import_module
from pathlib import Path

from .base import CampaignType


def type_apps() -> list[str]:
    """Dotted app names of every type, read from the folder without importing."""
    folders = [each.parent for path in __path__ for each in Path(path).glob("*/rules.py")]
    return sorted(f"{__name__}.{folder.name}" for folder in folders)


@cache
def all_types() -> dict[str, CampaignType]:
    """Every type by its slug, in the order in which marketers see them."""
    found = [import_module(f"{app}.rules").TYPE for app in type_apps()]
    return {each.slug: each for each in sorted(found, key=lambda each: (each.rank, each.slug))}


def get_type(slug: str) -> CampaignType:
    """The type of a campaign; raises KeyError for a slug that has no folder."""
    return all_types()[slug]


def folder_of(slug: str) -> str:
    """The folder of a type: an identifier, so without the dashes that the API's names may have.

    Pictures, pages and styles lie in it under the slug itself.
    """
    return slug.replace("-", "")


def type_choices() -> list[tuple[str, str]]:
    """For model fields. A callable, so that a new type needs no migration."""
    return [(each.slug, each.label) for each in all_types().values()]
