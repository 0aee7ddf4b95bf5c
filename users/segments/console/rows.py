"""A condition as a row of a form: which inputs it has, and how they become JSON and come back.

A row belongs to a kind; other apps register theirs from AppConfig.ready(), as they register the
conditions themselves. Pure, but for what a kind offers to choose from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from glu_admin.workspaces.models import Environment

Typed = Mapping[str, str]  # what stands in the inputs, by name; several values have commas between
Choices = Sequence[tuple[str, Sequence[tuple[str, str]]]]  # groups of (value, label); "" for no group


class RowError(ValueError):
    """An input holds what no condition can; `name` is the input's."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


@dataclass(frozen=True, slots=True)
class Input:
    """`type` is that of HTML's input, or select, or checks. `reloads`: the row changes with it."""

    name: str
    label: str
    type: str = "text"
    choices: Choices = ()
    value: str = ""
    hint: str = ""
    suggestions: tuple[str, ...] = ()
    reloads: bool = False

    @property
    def ticked(self) -> list[str]:
        return self.value.split(",")


@dataclass(frozen=True, slots=True)
class RowKind:
    """`write` raises RowError; `read` gives None for a condition that the row can't show."""

    name: str
    label: str
    inputs: Callable[[Environment, Typed], list[Input]]
    write: Callable[[Environment, Typed], dict[str, Any]]
    read: Callable[[Mapping[str, Any]], dict[str, str] | None]
    key: str  # of the condition's JSON


KINDS: dict[str, RowKind] = {}


def register(kind: RowKind) -> None:
    KINDS[kind.name] = kind


def kind_of(condition: Mapping[str, Any]) -> RowKind | None:
    return next((kind for kind in KINDS.values() if kind.key in condition), None)
