"""What an import found and did: counts, and the first faults by line. It repeats no value."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from users.bulk.rows import Fault

FIRST = 1_000


@dataclass
class Faults:
    """The lines told of for one purpose: how many by code, and the first of them."""

    counts: Counter[str] = field(default_factory=Counter)
    first: list[Fault] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.counts.total()

    def add(self, fault: Fault) -> None:
        self.counts[fault.code] += 1
        if len(self.first) < FIRST:
            self.first.append(fault)

    def extend(self, others: "Faults") -> None:
        self.counts += others.counts
        self.first += others.first[: FIRST - len(self.first)]

    def as_json(self) -> dict[str, Any]:
        return {
            "total": self.total,
            "counts": dict(self.counts),
            "first": [each._asdict() for each in self.first],
        }

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Faults":
        """What `as_json` gave."""
        return cls(Counter(kept["counts"]), [Fault(**each) for each in kept["first"]])


@dataclass
class Told:
    """What was told of lines when they were written, which an attempt that goes on does not see."""

    left_out: Faults = field(default_factory=Faults)
    warnings: Faults = field(default_factory=Faults)

    def as_json(self) -> dict[str, Any]:
        return {"leftOut": self.left_out.as_json(), "warnings": self.warnings.as_json()}

    @classmethod
    def of(cls, kept: dict[str, Any] | None) -> "Told":
        """What `as_json` gave; None: nothing."""
        return cls(Faults.of(kept["leftOut"]), Faults.of(kept["warnings"])) if kept else cls()


@dataclass
class Report:
    """`bad` lines can't be used; of `warnings` a part was left out; `left_out` are good lines
    that change nobody: an id that comes again later in the file, a blocked person."""

    rows: int = 0  # lines with a person
    good: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    ignored_columns: tuple[str, ...] = ()
    bad: Faults = field(default_factory=Faults)
    warnings: Faults = field(default_factory=Faults)
    left_out: Faults = field(default_factory=Faults)
    is_dry: bool = False
    is_refused: bool = False  # for bad lines, which nobody said to skip

    @property
    def written(self) -> int:
        return self.created + self.changed + self.unchanged

    @property
    def counts(self) -> dict[str, int]:
        return {"created": self.created, "changed": self.changed, "unchanged": self.unchanged}

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "good": self.good,
            **self.counts,
            "dryRun": self.is_dry,
            "refused": self.is_refused,
            "ignoredColumns": list(self.ignored_columns),
            "bad": self.bad.as_json(),
            "warnings": self.warnings.as_json(),
            "leftOut": self.left_out.as_json(),
        }
