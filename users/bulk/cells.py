"""Cells of a CSV: what a value looks like in one, and which value a cell holds. Pure.

No cell that is written starts as a formula does, unless it is a number: a quotation mark goes
before it, which is taken away again when it is read. An attribute is a number, true, false or
a list where it is written as JSON writes it; everything else is text as it stands.
"""

import re

import orjson

FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
FORGET = r"\N"  # as a cell: take away what is known
JSON_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False, FORGET: None}
SPECIAL = frozenset("'\\\"[-0123456789tf")  # an attribute's cell that begins otherwise is text as it stands
_EXACT = 15  # digits of a whole number that is safe to read without a second look

Scalar = str | int | float | bool


def guarded(text: str) -> str:
    """The text as a spreadsheet shows it, without running it."""
    return f"'{text}" if _is_formula(text) else text


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if cell[:1] == "'" and _is_formula(cell) else cell


def _is_formula(text: str) -> bool:
    bare = text.lstrip("'")
    return bool(FORMULA.match(bare)) and not NUMBER.fullmatch(bare)


def attribute(cell: str) -> Scalar | list[Scalar | None] | None:
    """The value of an attribute's cell; None: forget it."""
    if cell[:1] not in SPECIAL:
        return cell
    if cell.isdecimal() and len(cell) <= _EXACT and cell.isascii():
        return int(cell) if cell[0] != "0" or cell == "0" else cell
    if cell in _WORDS:
        return _WORDS[cell]
    return unguarded(cell) if cell[0] == "'" else _json(cell)


def _json(cell: str) -> Scalar | list[Scalar | None]:
    """A number or a list; text as it stands, if it is neither."""
    # 007, 1.10 and 1e5 are names or versions: a number is written as JSON would write it
    is_number = cell[0] not in '"['
    if is_number and not JSON_NUMBER.fullmatch(cell):
        return cell
    try:
        value: Scalar | list[Scalar | None] = orjson.loads(cell)
    except orjson.JSONDecodeError:
        return cell
    return cell if is_number and orjson.dumps(value) != cell.encode() else value


def written(value: object) -> str:
    """An attribute's value as a cell, which `attribute` reads as the same value."""
    if not isinstance(value, str):
        return orjson.dumps(value).decode()
    cell = guarded(value)
    if value and value != FORGET and attribute(cell) == value:
        return cell
    return orjson.dumps(value).decode()


def line(cells: list[object]) -> str:
    """One line of a CSV: text in quotes, so that no separator of any country cuts it."""
    return ",".join(map(_quoted, cells)) + "\r\n"


class Bare(str):
    """A cell that goes without quotes: a number, which a spreadsheet shall take for one."""


def _quoted(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Bare):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    return '"' + value.replace('"', '""') + '"'
