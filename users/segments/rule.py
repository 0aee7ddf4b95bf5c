"""The rule tree of a segment. Immutable, so that a rule can be shared, compared and hashed.

parse.py makes it of JSON, and only of what is sound; every other module here reads it.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID

Scalar = str | int | float | bool


class RuleError(ValueError):
    """A rule that can't be read, or doesn't fit. `path` says where: `all[1].value`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path or 'rule'}: {message}")
        self.path, self.message = path, message


@dataclass(frozen=True, slots=True)
class Share:
    """A part of all people, from `start` up to before `end`, of 100, dealt anew for each `key`."""

    key: str
    start: int | float
    end: int | float


Value = Scalar | tuple[Scalar, ...] | Share | None


@dataclass(frozen=True, slots=True)
class Field:
    """What is known of the person: `source` is core, profile, device, identities or attributes."""

    source: str
    key: str
    operator: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class InSegment:
    segment: UUID


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on a property of an event."""

    property: str
    operator: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted of the events: `kind` is count, sum or distinct."""

    kind: str = "count"
    property: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Which events count: those of the last days, or from one moment up to before another."""

    last_days: int | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Did:
    """Did the person do it as often, or as much, as `operator` and `value` say?"""

    event: str
    where: tuple[Where, ...] = ()
    measure: Measure = Measure()
    operator: str = "at_least"
    value: int | float = 1
    window: Window | None = None


@runtime_checkable
class Leaf(Protocol):
    """A condition of a kind that another app registered in kinds.py."""

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class All:
    rules: "tuple[Rule, ...]"


@dataclass(frozen=True, slots=True)
class Any:
    rules: "tuple[Rule, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    rule: "Rule"


Condition = Field | InSegment | Did | Leaf
Rule = All | Any | Not | Field | InSegment | Did | Leaf
EVERYBODY = All(())
