"""The tabs of a person's page. Whoever knows something of people registers a tab from AppConfig.ready().

A tab draws itself: what is seen of a person is decided where it is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glu_admin.console.access import ConsoleRequest
from glu_admin.workspaces.models import Environment
from users.models import EndUser

# (request, environment, the person, all keys of the person: the own one first) -> HTML
Render = Callable[[ConsoleRequest, Environment, EndUser, Sequence[int]], str]


@dataclass(frozen=True)
class Tab:
    slug: str
    label: str
    render: Render
    order: int


_tabs: dict[str, Tab] = {}
_heads: dict[str, Render] = {}


def register(slug: str, label: str, render: Render, order: int) -> None:
    """Add a tab, at `?tab=slug`; the one of the lowest order is open first."""
    _tabs[slug] = Tab(slug, label, render, order)


def register_head(name: str, render: Render) -> None:
    """Add what stands above the tabs, below the person's name."""
    _heads[name] = render


def all_tabs() -> list[Tab]:
    return sorted(_tabs.values(), key=lambda tab: (tab.order, tab.label))


def chosen(slug: str) -> Tab:
    """The tab of this name, else the first one."""
    return _tabs.get(slug) or all_tabs()[0]


def heads() -> list[Render]:
    return list(_heads.values())
