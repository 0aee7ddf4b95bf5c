"""Kinds of conditions that other apps bring: rules may ask of campaigns and rewards without this
package knowing either. Registered from AppConfig.ready(), each under the key of its JSON.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from glu_admin.workspaces.models import Environment
from users.segments.conditions import Params
from users.segments.rule import Leaf, RuleError

if TYPE_CHECKING:  # facts.py reads what kinds need
    from users.segments.facts import Facts

Names = Mapping[UUID, str]


def _no_faults(leaf: Any, environment: Environment, path: str) -> list[RuleError]:
    return []


@dataclass(frozen=True, slots=True)
class LeafKind:
    """One kind; `name` is its key in JSON, its name among the needs, and its key in Facts.more.

    `compile` makes the test of one leaf; `sql` an expression over the person `user` that is
    never NULL, with values bound by `params`. `column` is an SQL expression over a person `u`
    that gives, as JSON text, all that tests of this kind read, and `read` makes Facts.more's
    value of it; it may use the parameters %(environment)s and %(now)s.
    """

    name: str
    parse: Callable[[Mapping[str, Any], str], Leaf]
    dump: Callable[[Any], dict[str, Any]]
    compile: Callable[[Any], "Callable[[Facts], bool]"]
    sql: Callable[[Any, str, Params], str]
    words: Callable[[Any, Names], str]
    found: "Callable[[Any, Facts], str]"
    column: str
    read: Callable[[Any], Any]
    faults: Callable[[Any, Environment, str], list[RuleError]] = _no_faults


KINDS: dict[str, LeafKind] = {}
_names: list[Callable[[UUID], Names]] = []


def register(kind: LeafKind) -> None:
    KINDS[kind.name] = kind


def register_names(find: Callable[[UUID], Names]) -> None:
    """Say how what conditions name by id is called, in an environment."""
    _names.append(find)


def names(environment_id: UUID) -> dict[UUID, str]:
    """The names of what the kinds of other apps speak of."""
    return {pk: name for find in _names for pk, name in find(environment_id).items()}


def of(leaf: Leaf) -> LeafKind:
    return KINDS[leaf.kind]
