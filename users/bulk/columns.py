"""Which column of a CSV is what of a person, in both directions. Pure.

A header's names are those of the API: userId, email, profile.city, identities.google_id,
attributes.tier. A line becomes the body that register would take, so that both obey the same
rules; an empty cell says nothing, and \\N takes away what is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from users.bulk import cells
from users.registration_form import CORE, IDENTITIES, MISSPELT, PROFILE

MOST_COLUMNS = 400
PERSON = ("userId", "anonymousId", *CORE, "referredBy", "isTest", "registeredAt")
PARTS = {"profile": (*PROFILE,), "identities": (*IDENTITIES, *MISSPELT)}
ATTRIBUTES = "customAttributes"
ATTRIBUTE_PREFIXES = ("attributes.", "customattributes.")


Names = list[tuple[int, str]]  # (place in the line, name)
_MARKS = frozenset("'\\")


class HeaderError(Exception):
    """The first line names no columns that people could be read from; the message says why."""


@dataclass(frozen=True)
class Column:
    """Where a cell goes: a key of the body, or a key of one of its parts."""

    part: str  # "" for the body itself
    name: str

    @property
    def path(self) -> str:
        return f"{self.part}.{self.name}" if self.part else self.name


@dataclass(frozen=True)
class Layout:
    """The columns in order; None for one that is passed over."""

    columns: tuple[Column | None, ...]
    ignored: tuple[str, ...]

    def body(self, line: Sequence[str]) -> dict[str, Any]:
        """What a line says of its person, as register takes it."""
        if len(line) < len(self.columns):
            line = [*line, *[""] * (len(self.columns) - len(line))]
        texts, attributes = self._places
        body: dict[str, Any] = {}
        # this runs for every cell of a long file: most are taken as they stand, without a call
        for part, names in texts:
            said = {
                name: cell if cell[0] not in _MARKS else _text(cell)
                for at, name in names
                if (cell := line[at])
            }
            if not part:
                body |= said
            elif said:
                body[part] = said
        values = {
            name: cell if cell[0] not in cells.SPECIAL else cells.attribute(cell)
            for at, name in attributes
            if (cell := line[at])
        }
        if values:
            body[ATTRIBUTES] = values
        return body

    @cached_property
    def _places(self) -> tuple[list[tuple[str, Names]], Names]:
        """Which cell is what, by part; the attributes apart."""
        by_part: dict[str, Names] = {}
        for at, column in enumerate(self.columns):
            if column:
                by_part.setdefault(column.part, []).append((at, column.name))
        attributes = by_part.pop(ATTRIBUTES, [])
        return list(by_part.items()), attributes


def _text(cell: str) -> str | None:
    return None if cell == cells.FORGET else cells.unguarded(cell)


def layout(header: Sequence[str]) -> Layout:
    """What the names of a header mean; raises HeaderError."""
    if len(header) > MOST_COLUMNS:
        raise HeaderError(f"The header has {len(header)} columns; a file has at most {MOST_COLUMNS}.")
    columns = tuple(_column(name.strip()) for name in header)
    if Column("", "userId") not in columns:
        raise HeaderError("The first line has no column userId. Name the columns there: userId,email,…")
    known = [column for column in columns if column]
    twice = next((column for column in known if known.count(column) > 1), None)
    if twice:
        raise HeaderError(f"The column {twice.path} is there twice. Leave one of them out.")
    ignored = [name.strip() for name, column in zip(header, columns, strict=True) if not column]
    return Layout(columns, tuple(name for name in ignored if name))


def _column(name: str) -> Column | None:
    lowered = name.lower()
    for prefix in ATTRIBUTE_PREFIXES:
        if lowered.startswith(prefix):
            return Column(ATTRIBUTES, name[len(prefix) :])
    part, _, inner = name.partition(".")
    if inner and part.lower() in PARTS:
        return _found(inner, PARTS[part.lower()], part.lower())
    return _found(name, PERSON, "")


def _found(name: str, names: Sequence[str], part: str) -> Column | None:
    """The column by its name, however its words are joined: user_id is userId."""
    return next((Column(part, each) for each in names if _joined(each) == _joined(name)), None)


def _joined(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
