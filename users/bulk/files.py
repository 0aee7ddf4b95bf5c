"""Files of people as streams: unpacked, cut into lines, and read as CSV or newline-delimited JSON.

Every line stands alone: one that can't be read is told with its number, the next goes on. A
file that is no such text at all is refused in words. Memory stays flat whatever it holds.
"""

import csv
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from rest_framework.exceptions import ParseError

from glu_admin.api import json
from glu_admin.api.errors import ApiError
from users.bulk import columns
from users.bulk.columns import HeaderError, Layout
from users.bulk.rows import Fault

CSV, NDJSON = "csv", "ndjson"
FORMATS = (CSV, NDJSON)
LONGEST_LINE = 1 << 20  # bytes
MOST_UNPACKED = 8 << 30  # bytes
BLOCK = 1 << 18

Record = tuple[int, dict[str, Any]]
Line = tuple[int, list[str]]


class FileError(Exception):
    """The file can't be read as people; the message says where and how to mend it."""


def records(pieces: Iterable[bytes], kind: str) -> Iterator[Record | Fault]:
    """(line, body as register takes it), or why the line can't be read; raises FileError."""
    found = lines(unpacked(pieces))
    return _csv(found)[1] if kind == CSV else _ndjson(found)


def passed_over(pieces: Iterable[bytes], kind: str) -> tuple[str, ...]:
    """The columns of a CSV's header that say nothing of a person; raises FileError."""
    return _csv(lines(unpacked(pieces)))[0].ignored if kind == CSV else ()


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The file itself, if it came packed by gzip."""
    stream = iter(pieces)
    first = next(stream, b"")
    whole = chain([first], stream)
    return _gunzipped(whole) if first.startswith(b"\x1f\x8b") else whole


def _gunzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    unzip, size = zlib.decompressobj(31), 0
    for piece in pieces:
        rest = piece
        while rest:
            if unzip.eof:  # several files packed one after the other are one
                unzip = zlib.decompressobj(31)
            try:
                block = unzip.decompress(rest, BLOCK)
            except zlib.error:
                raise FileError("The file is packed by gzip, and broken. Pack it again.") from None
            size += len(block)
            if size > MOST_UNPACKED:
                raise FileError(f"Unpacked, the file is larger than {MOST_UNPACKED >> 30} GiB. Split it.")
            yield block
            rest = unzip.unused_data if unzip.eof else unzip.unconsumed_tail
    if not unzip.eof:
        raise FileError("The file is packed by gzip, and its end is missing. Send it again.")


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines with their ends; raises FileError for what is no text."""
    rest, number, is_first = b"", 0, True
    for piece in pieces:
        rest += piece
        if is_first and len(rest) >= 4:
            rest, is_first = _without_mark(rest), False
        cut = rest.split(b"\n")
        rest = cut.pop()
        for line in cut:
            number += 1
            yield line + b"\n"
        if len(rest) > LONGEST_LINE:
            raise FileError(f"Line {number + 1} is longer than 1 MiB. Is each person on a line of their own?")
    if rest:
        yield _without_mark(rest) if is_first else rest


def _without_mark(start: bytes) -> bytes:
    """The file without a byte order mark; raises FileError for what is no UTF-8 text."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start[:4]:
        raise FileError("The file is in UTF-16. Save it as “CSV UTF-8” and send that.")
    if start.startswith(b"PK\x03\x04"):
        raise FileError("The file is a spreadsheet or an archive. Save it as “CSV UTF-8” and send that.")
    return start.removeprefix(b"\xef\xbb\xbf")


def _text(number: int, line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise FileError(
            f"Line {number} is not UTF-8 text: its byte {error.start + 1} is 0x{line[error.start]:02X}, as in"
            " files saved in Latin-1 or by an older Excel. Save it as “CSV UTF-8” and send that."
        ) from None


class Table[Header](NamedTuple):
    """A CSV: what its first line says, where that line stands, and the lines below."""

    header: Header
    at: int
    lines: Iterator[Line | Fault]


def table[Header](pieces: Iterable[bytes], read: Callable[[Sequence[str]], Header]) -> Table[Header]:
    """The CSV; `read` makes something of the first line's cells, or raises HeaderError for them.

    Raises FileError. Blank lines are passed over, and each line has at most the header's cells.
    """
    return _table(lines(unpacked(pieces)), read)


def _csv(found: Iterator[bytes]) -> tuple[Layout, Iterator[Record | Fault]]:
    layout, _, rows = _table(found, columns.layout)
    return layout, (row if isinstance(row, Fault) else (row[0], layout.body(row[1])) for row in rows)


def _table[Header](found: Iterator[bytes], read: Callable[[Sequence[str]], Header]) -> Table[Header]:
    first, at = "", 0
    for line in found:
        at += 1
        first = _text(at, line)
        if first.strip():
            break
    delimiter, width, header = _header(first, read)
    texts = (_text(at + number, line) for number, line in enumerate(found, 1))
    reader = csv.reader(texts, delimiter=delimiter, strict=True)
    return Table(header, at, _lines(reader, width, at))


def _header[Header](line: str, read: Callable[[Sequence[str]], Header]) -> tuple[str, int, Header]:
    """The separator under which the header makes most sense, how many cells it has, and what it says."""
    if not line.strip():
        raise FileError("The file is empty. Its first line names the columns: userId,email,…")
    refusal = None
    for delimiter in sorted(",;\t", key=line.count, reverse=True):
        try:
            names = next(csv.reader([line], delimiter=delimiter, strict=True))
            return delimiter, len(names), read(names)
        except csv.Error:
            refusal = refusal or FileError("A quotation mark in the first line is not closed.")
        except HeaderError as error:
            refusal = refusal or FileError(str(error))
    raise refusal or AssertionError("there are separators")


def _lines(reader: Any, width: int, skipped: int) -> Iterator[Line | Fault]:
    """Each line that says something. A cell in quotes may hold line ends: a number is that of its start."""
    while True:
        line = skipped + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            yield Fault(line, "", "quotes", "A quotation mark is not closed, or stands inside a cell.")
            continue
        if cells is None:
            return
        if "\0" in "".join(cells):
            yield Fault(line, "", "nul_character", "The line holds a NUL character, which can't be stored.")
        elif len(cells) > width and any(cells[width:]):
            told = f"The line has {len(cells)} cells, the header {width}. Put quotes around separators."
            yield Fault(line, "", "columns", told)
        elif any(cells):
            yield line, cells


def _ndjson(found: Iterator[bytes]) -> Iterator[Record | Fault]:
    for number, line in enumerate(found, 1):
        if not line.strip():
            continue
        try:
            body = json.load(line)
        except ParseError:
            _text(number, line)  # another encoding is a fault of the whole file
            yield Fault(number, "", "malformed_json", "The line is not JSON.")
        except ApiError as error:
            yield Fault(number, "", error.code, error.message)
        else:
            if isinstance(body, dict):
                yield number, body
            else:
                yield Fault(number, "", "malformed_json", "The line is not a JSON object.")
