"""Files of coupon codes, line by line: what a row says, or why it can't be used.

One code a line, or a CSV with a header such as code,expires_at,…; columns beyond these are the
code's details. Every line is judged alone and read as a stream, so memory stays flat whatever
the file holds.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import BinaryIO, NamedTuple
from zoneinfo import ZoneInfo

LONGEST_CODE = 128
LONGEST_LINE = 8_192
LONGEST_DETAIL = 500
MOST_COLUMNS = 20
CODE_HEADERS = {"code", "codes", "coupon", "coupon code", "coupon_code", "couponcode", "voucher"}
EXPIRY_HEADERS = {"expires_at", "expires at", "expires", "expiry", "expiry date", "expiry_date"}
_PLAIN_MINUS = re.compile(r"-[A-Za-z0-9_-]+")


class Reason(StrEnum):
    """Why a row is left out."""

    BLANK = "blank"
    DUPLICATE = "duplicate"
    IN_THIS_POOL = "in_this_pool"
    IN_ANOTHER_POOL = "in_another_pool"
    TOO_LONG = "too_long"
    CONTROL = "control"
    FORMULA = "formula"
    ENCODING = "encoding"
    QUOTES = "quotes"
    COLUMNS = "columns"
    EXPIRY = "expiry"
    EXPIRED = "expired"
    DETAIL = "detail"


EXPLAINED = {
    Reason.BLANK: "There is no code on this line.",
    Reason.DUPLICATE: "The code stands in this file already.",
    Reason.IN_THIS_POOL: "The code is in this pool already.",
    Reason.IN_ANOTHER_POOL: "The code is in another pool.",
    Reason.TOO_LONG: f"A code has at most {LONGEST_CODE} characters, a line {LONGEST_LINE:,}.",
    Reason.CONTROL: "The line holds a control or invisible character.",
    Reason.FORMULA: "A spreadsheet would run this as a formula: it starts with =, +, @ or -.",
    Reason.ENCODING: "The line is not text in the file's encoding.",
    Reason.QUOTES: "A quotation mark is not closed on this line.",
    Reason.COLUMNS: f"A line has at most {MOST_COLUMNS} columns.",
    Reason.EXPIRY: "The expiry is not a date such as 2030-12-31 or 2030-12-31T18:00+05:30.",
    Reason.EXPIRED: "The code has expired already.",
    Reason.DETAIL: f"A detail has at most {LONGEST_DETAIL} characters.",
}


class Row(NamedTuple):
    """A line that can be used."""

    line: int
    text: str
    code: str
    expires_at: datetime | None
    details: dict[str, str]

    def __repr__(self) -> str:
        return f"Row(line={self.line})"  # never the code


class Rejected(NamedTuple):
    """A line that can't; `first` is the line of the same code before it, for a duplicate."""

    line: int
    text: str
    reason: Reason
    first: int | None = None

    def __repr__(self) -> str:
        return f"Rejected(line={self.line}, reason={self.reason})"


@dataclass(frozen=True)
class Layout:
    """Which column is what. Without a header the first column is the code."""

    delimiter: str
    names: tuple[str, ...] = ()
    code: int = 0
    expiry: int | None = None

    @property
    def has_header(self) -> bool:
        return bool(self.names)


class CouponFile:
    """A seekable file of codes; `rows()` may be walked more than once."""

    def __init__(self, file: BinaryIO, *, now: datetime, zone: ZoneInfo) -> None:
        self._file, self._now, self._zone = file, now, zone
        self.encoding = _encoding(file)
        self.layout = _layout(next((line for _, line in self._lines() if line.strip()), ""))

    def rows(self) -> Iterator[Row | Rejected]:
        """Every line but the header, in order."""
        header = self.layout.has_header
        for number, line in self._lines():
            if header and line.strip():
                header = False
                continue
            yield self._judge(number, line)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """The lines with their numbers; a longer one than is allowed arrives cut."""
        self._file.seek(0)
        # what can't be decoded leaves a mark in its line: UTF-16 knows only the visible one
        errors = "replace" if self.encoding == "utf-16" else "surrogateescape"
        text = io.TextIOWrapper(self._file, self.encoding, errors=errors, newline=None)
        try:
            number = 0
            while line := text.readline(LONGEST_LINE + 2):
                number += 1
                whole = line
                while not whole.endswith("\n") and (more := text.readline(LONGEST_LINE)):
                    whole = more
                yield number, line.rstrip("\n")
        finally:
            text.detach()

    def _judge(self, line: int, text: str) -> Row | Rejected:
        reason = _fault_of_line(text)
        if reason:
            return Rejected(line, text, reason)
        try:
            cells = _cells(text, self.layout.delimiter)
        except csv.Error:
            return Rejected(line, text, Reason.QUOTES)
        code = cells[self.layout.code] if self.layout.code < len(cells) else ""
        reason = _fault_of_cells(cells) or _fault_of_code(code)
        if reason:
            return Rejected(line, text, reason)
        return self._complete(line, text, code, cells)

    def _complete(self, line: int, text: str, code: str, cells: list[str]) -> Row | Rejected:
        """A good code with what else its line says, if that is good too."""
        try:
            expires_at = self._expiry(cells)
        except (ValueError, OverflowError):
            return Rejected(line, text, Reason.EXPIRY)
        if expires_at and expires_at <= self._now:
            return Rejected(line, text, Reason.EXPIRED)
        details = self._details(cells) if len(cells) > 1 else {}
        if any(len(value) > LONGEST_DETAIL for value in details.values()):
            return Rejected(line, text, Reason.DETAIL)
        return Row(line, text, code, expires_at, details)

    def _expiry(self, cells: list[str]) -> datetime | None:
        """A moment in UTC; raises ValueError, or OverflowError for one beyond the year 9999."""
        moment = self._moment(cells)
        return moment and moment.astimezone(UTC)

    def _moment(self, cells: list[str]) -> datetime | None:
        """As it is written; a bare date ends with that day where the workspace is."""
        column = self.layout.expiry
        if column is None or column >= len(cells) or not cells[column]:
            return None
        written = cells[column]
        try:
            day = date.fromisoformat(written)
        except ValueError:
            moment = datetime.fromisoformat(written)
            return moment if moment.tzinfo else moment.replace(tzinfo=self._zone)
        return datetime.combine(day + timedelta(days=1), time(), tzinfo=self._zone)

    def _details(self, cells: list[str]) -> dict[str, str]:
        known = {self.layout.code, self.layout.expiry}
        names = self.layout.names
        return {
            (names[column] if column < len(names) and names[column] else f"column{column + 1}"): value
            for column, value in enumerate(cells)
            if value and column not in known
        }


def _encoding(file: BinaryIO) -> str:
    """UTF-8 if the whole file is, UTF-16 if it says so, else what Windows spreadsheets write."""
    file.seek(0)
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := file.read(65_536):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _layout(first: str) -> Layout:
    delimiter = next((each for each in "\t,;" if each in first), ",")
    try:
        names = _cells(first, delimiter)
    except csv.Error:
        return Layout(delimiter)
    lowered = [name.lower() for name in names]
    code = next((i for i, name in enumerate(lowered) if name in CODE_HEADERS), None)
    if code is None or _fault_of_cells(names):
        return Layout(delimiter)
    expiry = next((i for i, name in enumerate(lowered) if name in EXPIRY_HEADERS), None)
    return Layout(delimiter, tuple(name[:64] for name in names), code, expiry)


def _cells(text: str, delimiter: str) -> list[str]:
    """The columns of one line; raises csv.Error for a quotation mark left open."""
    if '"' not in text:
        return [cell.strip() for cell in text.split(delimiter)]
    row = next(csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True), [])
    return [cell.strip() for cell in row]


def _fault_of_line(text: str) -> Reason | None:
    if len(text) > LONGEST_LINE:
        return Reason.TOO_LONG
    if not text.isascii() and any(each == "\ufffd" or "\udc80" <= each <= "\udcff" for each in text):
        return Reason.ENCODING
    return None


def _fault_of_cells(cells: list[str]) -> Reason | None:
    if len(cells) > MOST_COLUMNS:
        return Reason.COLUMNS
    return None if all(cell.isprintable() for cell in cells) else Reason.CONTROL


def _fault_of_code(code: str) -> Reason | None:
    if not code:
        return Reason.BLANK
    if len(code) > LONGEST_CODE:
        return Reason.TOO_LONG
    if code[0] in "=+@" or (code[0] == "-" and not _PLAIN_MINUS.fullmatch(code)):
        return Reason.FORMULA
    return None
