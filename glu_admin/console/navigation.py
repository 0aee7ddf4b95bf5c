"""The console's navigation: each part registers its pages from AppConfig.ready().

Only pages that exist are registered, and a person sees those that their role opens.
"""

from dataclasses import dataclass

from django.urls import reverse

from glu_admin.workspaces.access import may

SECTIONS = ("", "Engage", "Audience", "Rewards", "Observe", "Build", "Workspace")


@dataclass(frozen=True)
class Item:
    section: str
    label: str
    url_name: str
    permission: str
    order: int


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Section:
    label: str
    links: list[Link]


_items: dict[str, Item] = {}


def register(section: str, label: str, url_name: str, permission: str, order: int = 0) -> None:
    """Add a page, whose URL takes the environment's kind as `kind`, to one of SECTIONS."""
    if section not in SECTIONS:
        raise ValueError(f"There is no section {section!r}; there are {', '.join(SECTIONS[1:])}.")
    _items[url_name] = Item(section, label, url_name, permission, order)


def sections(role: str, kind: str, path: str) -> list[Section]:
    """What `role` may open in this environment; the page of `path` is marked as the current one."""
    mine = sorted((item for item in _items.values() if may(role, item.permission, kind)), key=_order)
    current = _current(kind, path)
    found = {label: Section(label, []) for label in SECTIONS}
    for item in mine:
        link = Link(item.label, _url(item, kind), is_current=item is current)
        found[item.section].links.append(link)
    return [section for section in found.values() if section.links]


def counterpart(role: str, kind: str, other: str, path: str) -> str:
    """Where the Test | Live switch leads: the same page in the other environment."""
    item = _current(kind, path)
    if item is not None and may(role, item.permission, other):
        return _url(item, other)
    return f"/c/{other}/"


def _current(kind: str, path: str) -> Item | None:
    """The item whose address is the longest beginning of `path`."""
    fitting = [item for item in _items.values() if path.startswith(_url(item, kind))]
    return max(fitting, key=lambda item: len(_url(item, kind)), default=None)


def _url(item: Item, kind: str) -> str:
    return reverse(item.url_name, kwargs={"kind": kind})


def _order(item: Item) -> tuple[int, int, str]:
    return SECTIONS.index(item.section), item.order, item.label
