"""Spreadsheets (XLSX) as rows of text, read as a stream: a sheet is never held whole.

Such a file is a zip of XML that anybody may have made: what unpacks to more than a list of
people can be is refused before it is opened. Formulas are never run, and say so.
"""

import math
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from tempfile import TemporaryFile
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from users.bulk.columns import MOST_COLUMNS, HeaderError
from users.bulk.files import FileError, Line, Table
from users.bulk.rows import Fault

MOST_PACKED = 64 << 20  # bytes
MOST_SHEET = 512 << 20  # unpacked; read as a stream
MOST_STRINGS = 64 << 20  # unpacked; texts that cells share are held in memory
MOST_OTHER = 16 << 20  # unpacked, of any other part
MOST_PARTS = 2_000
MOST_ROWS = 1_048_576  # what a spreadsheet has
EXACT_DIGITS = 15  # of a number, as spreadsheets keep it
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    OverflowError,
    RuntimeError,  # a part that is locked by a password
)
UNREADABLE = "The file is no spreadsheet that can be read. Save it as “Excel workbook (.xlsx)” or as CSV."
LOCKED = "The file is locked by a password, or an old .xls. Save it as “Excel workbook (.xlsx)” without one."


class UnreadableCell(Exception):
    """A cell whose text can't be known; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@contextmanager
def opened[Header](
    pieces: Iterable[bytes], read: Callable[[Sequence[str]], Header], *, at: Callable[[Header], int]
) -> Iterator[Table[Header]]:
    """The first sheet that is shown, as `files.table` gives a CSV; raises FileError.

    `at` says which column matters: a fault in another one is none.
    """
    with TemporaryFile() as file:
        _store(pieces, file)
        _look_inside(file)
        try:
            book = load_workbook(file, read_only=True, keep_links=False)
        except BROKEN:
            raise FileError(UNREADABLE) from None
        try:
            yield _table(book, read, at)
        finally:
            book.close()


def _store(pieces: Iterable[bytes], file: IO[bytes]) -> None:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_PACKED:
            raise FileError(f"The spreadsheet is larger than {MOST_PACKED >> 20} MiB. Save it as CSV.")
        file.write(piece)
    file.seek(0)


def _look_inside(file: IO[bytes]) -> None:
    """Refuse what would unpack to too much, or whose XML makes text of its own."""
    if file.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise FileError(LOCKED)
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or any(part.file_size > _most(part.filename) for part in parts):
                raise FileError("Unpacked, the spreadsheet is too large. Save it as CSV.")
            for part in parts:
                with packed.open(part) as content:
                    if b"<!DOCTYPE" in content.read(4096).upper():
                        raise FileError(UNREADABLE)
    except BROKEN:
        raise FileError(UNREADABLE) from None
    file.seek(0)


def _most(name: str) -> int:
    lowered = name.lower()
    if lowered.endswith("sharedstrings.xml"):
        return MOST_STRINGS
    return MOST_SHEET if "worksheets/" in lowered else MOST_OTHER


def _table[Header](
    book: Any, read: Callable[[Sequence[str]], Header], at: Callable[[Header], int]
) -> Table[Header]:
    sheet = next((each for each in book.worksheets if each.sheet_state == "visible"), None)
    if sheet is None:
        raise FileError("The spreadsheet has no sheet to read.")
    sheet.reset_dimensions()  # which the file may claim to be anything
    rows = _numbered(sheet.iter_rows(max_col=MOST_COLUMNS))
    for number, cells in rows:
        names = [_told(cell) for cell in cells]
        if any(names):
            width = max(place for place, name in enumerate(names, 1) if name)
            header = _understood(names[:width], read)
            return Table(header, number, _lines(rows, width, at(header)))
    raise FileError("The sheet is empty. Its first row names the columns: userId, email, …")


def _understood[Header](names: Sequence[str], read: Callable[[Sequence[str]], Header]) -> Header:
    try:
        return read(names)
    except HeaderError as error:
        raise FileError(str(error)) from None


def _numbered(rows: Iterator[Any]) -> Iterator[tuple[int, Any]]:
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows, None)
        except BROKEN:
            raise FileError(f"The spreadsheet is broken at row {number}. Save it anew, or as CSV.") from None
        if cells is None:
            return
        if number > MOST_ROWS:
            raise FileError(f"The sheet has more than {MOST_ROWS:,} rows. Split it.")
        yield number, cells


def _lines(rows: Iterator[tuple[int, Any]], width: int, place: int) -> Iterator[Line | Fault]:
    for number, cells in rows:
        kept = cells[: max(width, place + 1)]
        if all(cell.value is None for cell in kept):
            continue
        try:
            text(kept[place])
        except UnreadableCell as error:
            yield Fault(number, "", error.code, "")
        else:
            yield number, [_told(cell) for cell in kept]


def _told(cell: Any) -> str:
    try:
        return text(cell)
    except UnreadableCell:
        return ""


def text(cell: Any) -> str:
    """What the cell says, as one would type it; raises UnreadableCell."""
    value = cell.value
    if cell.data_type == "f":
        raise UnreadableCell("formula")
    if cell.data_type == "e":
        raise UnreadableCell("error_value")
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime() | date() | time():
            return value.isoformat()
        case int() | float():
            return _number(value)
    return str(value)


def _number(value: int | float) -> str:
    if not math.isfinite(value):
        raise UnreadableCell("error_value")
    if value != int(value):
        return repr(value)
    digits = str(abs(int(value)))
    if len(digits) > EXACT_DIGITS:
        raise UnreadableCell("shortened")
    return str(int(value))
