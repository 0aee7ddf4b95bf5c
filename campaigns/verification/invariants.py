"""What an invariant is: a promise, how many things it was held against, and which break it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection

SHOWN = 10


@dataclass(frozen=True)
class Finding:
    """The verdict on one invariant. `examples` names the first violations by id."""

    name: str
    promise: str
    checked: int
    violations: int
    examples: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.violations == 0


@dataclass(frozen=True)
class Invariant:
    """A promise with a way to check it. `check` returns (how many were looked at, violations)."""

    name: str
    promise: str
    check: Callable[[], tuple[int, Iterable[str]]]

    def find(self) -> Finding:
        checked, broken = self.check()
        violations = list(broken)
        return Finding(self.name, self.promise, checked, len(violations), tuple(violations[:SHOWN]))


def by_sql(name: str, promise: str, *, of: str, broken: str) -> Invariant:
    """An invariant of SQL: `of` is the table that is counted, `broken` selects what names each violation."""

    def check() -> tuple[int, Iterable[str]]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {of}")
            checked = int(cursor.fetchone()[0])
            cursor.execute(broken)
            return checked, [" ".join(map(str, row)) for row in cursor.fetchall()]

    return Invariant(name, promise, check)
