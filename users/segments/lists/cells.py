"""The cells of a file that say who belongs in a list, row by row. Pure, but for reading the file."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from users.bulk import cells, files
from users.bulk.columns import MOST_COLUMNS, HeaderError
from users.bulk.files import FileError, Table
from users.bulk.rows import Fault
from users.segments import fields
from users.segments.lists import sheets
from users.segments.rule import RuleError

CSV, XLSX = "csv", "xlsx"
FORMATS = (CSV, XLSX)
LONGEST = 1_000  # characters of a cell
MOST_ROWS = 5_000_000
NAMED = ("core.userId", "core.email", "core.phone", "core.anonymousId", "core.referralCode", "core.gluId")
_SHORTENED = re.compile(r"\d([.,]\d+)?E\+\d{2,3}")  # as spreadsheets write what has too many digits

MESSAGES = {
    "empty": "The cell is empty.",
    "too_long": f"The cell is longer than {LONGEST:,} characters.",
    "shortened": "The spreadsheet shortened this number. Format the column as text, and fill it anew.",
    "formula": "The cell is a formula. Replace formulas by their values.",
    "error_value": "The cell holds an error instead of a value.",
    "quotes": "A quotation mark is not closed, or stands inside a cell.",
    "columns": "The row has more cells than the header. Put quotes around separators.",
    "nul_character": "The row holds a NUL character, which can't be stored.",
    "unknown": "Nobody here has this value.",
    "ambiguous": "{other:,} people have this value.",
    "duplicate": "The same person as in row {other:,}.",
}
BAD = tuple(code for code in MESSAGES if code not in ("unknown", "ambiguous", "duplicate"))


class Cell(NamedTuple):
    """One row: the value, or why there is none. `line` is the row as one sees it in the file."""

    line: int
    value: str
    fault: str = ""


@dataclass(frozen=True)
class Wanted:
    """Which field of people the cells hold, and in which column they stand ("": as the field)."""

    field: str
    column: str = ""
    has_header: bool = True


def checked_field(field: str) -> str:
    """The field that cells are held against; raises RuleError."""
    source, _ = fields.split(field, "field")
    if source == "core" and field not in NAMED:
        raise RuleError("field", f"People are matched by {', '.join(NAMED)}, or an attribute.")
    return field


@contextmanager
def opened(pieces: Iterable[bytes], kind: str, wanted: Wanted) -> Iterator[tuple[str, Iterator[Cell]]]:
    """The name of the column that is read, and its cells; raises files.FileError, also later on."""
    read = _header(wanted)
    if kind == CSV:
        yield _named(files.table(pieces, read), wanted)
        return
    with sheets.opened(pieces, read, at=lambda header: header.place) as table:
        yield _named(table, wanted)


class _Header(NamedTuple):
    names: Sequence[str]
    place: int


def _header(wanted: Wanted) -> Callable[[Sequence[str]], _Header]:
    return lambda names: _Header(names, _place([name.strip() for name in names], wanted))


def _place(names: list[str], wanted: Wanted) -> int:
    """Where the wanted column stands; raises HeaderError."""
    if len(names) > MOST_COLUMNS:
        raise HeaderError(f"The file has {len(names)} columns; it may have {MOST_COLUMNS}.")
    if not wanted.has_header:
        return _by_number(names, wanted.column)
    for name in (wanted.column,) if wanted.column else _usual_names(wanted.field):
        exact = [place for place, each in enumerate(names) if each == name]
        alike = exact or [place for place, each in enumerate(names) if _joined(each) == _joined(name)]
        if len(alike) > 1:
            raise HeaderError(f"The column {name[:100]} is there twice. Leave one of them out.")
        if alike:
            return alike[0]
    missing = (wanted.column or _usual_names(wanted.field)[1])[:100]
    shown = ", ".join(name[:40] for name in names[:10] if name)
    raise HeaderError(
        f"No column is named {missing}. The columns are: {shown}. Say which one to read, or that the file"
        " has no header."
    )


def _by_number(names: list[str], column: str) -> int:
    if column and not (column.isascii() and column.isdecimal() and 1 <= int(column) <= len(names)):
        raise HeaderError(f"Of a file without a header, say the column's number, from 1 to {len(names)}.")
    return int(column or 1) - 1


def _usual_names(field: str) -> tuple[str, ...]:
    return field, field.partition(".")[2]


def _joined(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")


def _named(table: Table[_Header], wanted: Wanted) -> tuple[str, Iterator[Cell]]:
    names, place = table.header
    if wanted.has_header:
        return names[place].strip(), _cells(table, place)
    first = _cell(table.at, names[place])
    return str(place + 1), _with(first, _cells(table, place))


def _with(first: Cell, rest: Iterator[Cell]) -> Iterator[Cell]:
    yield first
    yield from rest


def _cells(table: Table[_Header], place: int) -> Iterator[Cell]:
    for number, row in enumerate(table.lines, 1):
        if number > MOST_ROWS:
            raise FileError(f"The file has more than {MOST_ROWS:,} rows. Split it.")
        if isinstance(row, Fault):
            yield Cell(row.line, "", row.code)
        else:
            line, values = row
            yield _cell(line, values[place] if place < len(values) else "")


def _cell(line: int, said: str) -> Cell:
    value = cells.unguarded(said.strip())
    if not value:
        return Cell(line, "", "empty")
    if len(value) > LONGEST:
        return Cell(line, "", "too_long")
    if _SHORTENED.fullmatch(value):
        return Cell(line, "", "shortened")
    return Cell(line, value)
