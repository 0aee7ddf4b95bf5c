"""Conditions on an event's properties as rows of a plain form: read of what was posted, and written.

Names in the form: enter0-key, enter0-operator, enter0-value, enter0-to. An empty row counts
for nothing. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from users.segments.behaviour_form import MOST_WHERE
from users.segments.console import typed
from users.segments.console.rows import RowError
from users.segments.operators import OPERATORS

CHOICES = [
    (each.name, each.label, each.value) for each in OPERATORS.values() if each.on_properties
]  # (name, label, which values it takes)
_name = re.compile(r"(enter|leave)(\d{1,2})-(key|operator|value|to)")


@dataclass(frozen=True, slots=True)
class Where:
    """One row as typed."""

    key: str = ""
    operator: str = "is"
    value: str = ""
    to: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.key or self.value or self.to)


@dataclass(frozen=True, slots=True)
class Side:
    """The rows of how people enter, or of how they leave; there is always one to fill in."""

    name: str
    title: str
    rows: Sequence[Where]

    @property
    def has_room(self) -> bool:
        return len(self.rows) < MOST_WHERE


def posted(said: Mapping[str, str], side: str) -> list[Where]:
    """In the order of their places, and after the button that was pressed, if one changes rows."""
    found: dict[int, dict[str, str]] = {}
    for name, value in said.items():
        if (read := _name.fullmatch(name)) and read[1] == side and int(read[2]) < MOST_WHERE:
            found.setdefault(int(read[2]), {})[read[3]] = value
    gone = said.get("do", "")
    rows = [Where(**row) for place, row in sorted(found.items()) if gone != f"remove:{side}{place}"]
    if gone == f"add:{side}" and len(rows) < MOST_WHERE:
        rows.append(Where())
    return rows


def stored(conditions: Sequence[Mapping[str, Any]]) -> list[Where]:
    """The rows that are written as these conditions."""
    return [
        Where(each["property"], each["operator"], **typed.shown(each["operator"], each.get("value")))
        for each in conditions
    ]


def written(rows: Sequence[Where]) -> list[dict[str, Any]]:
    """The conditions of the rows; raises RowError, whose name is that of the row's input."""
    return [_condition(row) for row in rows if not row.is_empty]


def _condition(row: Where) -> dict[str, Any]:
    if not row.key:
        shown = row.value or row.to
        raise RowError("key", f"Say which property is compared with “{shown[:40]}”.")
    said = {"operator": row.operator, "value": row.value, "to": row.to}
    return {"property": row.key} | typed.condition(said, "")
