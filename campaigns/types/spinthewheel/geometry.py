"""The wheel as shapes: slices, colours and labels that fit, in a square of 300 units.

Pure arithmetic. Slice 0 is at the top, the others follow clockwise; turning the wheel by
`-angle` degrees brings a slice under the pin.
"""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CENTER, RADIUS, MARGIN = 150, 142, 9
SIZES = (18, 17, 16, 15, 14, 13)
MOST_LINES = 3
MOST_LABELLED = 8  # slices; more carry a number and a legend says what it means
COLORS = (
    "#0f766e", "#9a3412", "#3730a3", "#9d174d", "#475569", "#1d4ed8",
    "#166534", "#854d0e", "#6b21a8", "#155e75", "#9f1239", "#3f3f46",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    text: str
    y: float


@dataclass(frozen=True)
class Slice:
    """`lines` stand upright at the top and are turned by `angle` about the middle."""

    number: int
    name: str
    color: str
    path: str
    angle: float
    size: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Wheel:
    slices: tuple[Slice, ...]
    numbered: bool


def wheel(names: Sequence[str], widths: Sequence[float] = ()) -> Wheel:
    """The wheel of these outcomes, with all names on it or, if they don't fit, all numbers.

    `widths` are the slices' in degrees; without any, all are of one.
    """
    count = len(names)
    wide = widths or [360 / max(count, 1)] * count
    labels = [_label(*each) for each in zip(names, wide, strict=True)] if count <= MOST_LABELLED else [None]
    numbered = None in labels
    placed = [_number(*each) for each in enumerate(wide)] if numbered else labels
    slices = tuple(
        _slice(position, name, wide, label)
        for position, (name, label) in enumerate(zip(names, placed, strict=True))
        if label is not None
    )
    return Wheel(slices, numbered)


def angle(position: int, widths: Sequence[float]) -> float:
    """How far the middle of a slice is from the top, clockwise in degrees; the first one's is there."""
    return round(sum(widths[:position]) + (widths[position] - widths[0]) / 2, 3)


def width(text: str, size: int) -> float:
    """About how wide bold text is; wide scripts and pictures take a full square."""
    return sum(_width_of(each) for each in text) * size


def _width_of(character: str) -> float:
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in "MWmw@%₹€":
        return 0.9
    return 0.34 if character in " ijlIt.,'!|:-" else 0.64


def _slice(position: int, name: str, widths: Sequence[float], label: "tuple[int, tuple[Line, ...]]") -> Slice:
    middle = angle(position, widths)
    return Slice(
        number=position + 1,
        name=name,
        color=COLORS[position % len(COLORS)],
        path=_path(middle, widths[position]),
        angle=middle,
        size=label[0],
        lines=label[1],
    )


def _path(middle: float, wide: float) -> str:
    (x1, y1), (x2, y2) = _on_rim(middle - wide / 2), _on_rim(middle + wide / 2)
    return f"M{CENTER} {CENTER}L{x1} {y1}A{RADIUS} {RADIUS} 0 {int(wide > 180)} 1 {x2} {y2}Z"


def _on_rim(degrees: float) -> tuple[float, float]:
    radians = math.radians(degrees - 90)
    return tuple(round(CENTER + RADIUS * turn(radians), 1) for turn in (math.cos, math.sin))  # type: ignore[return-value]  # a pair


def _number(position: int, wide: float) -> tuple[int, tuple[Line, ...]]:
    """Large, or small and near the rim where the slice is narrow."""
    return (22, (Line(str(position + 1), 50),)) if wide >= 28 else (14, (Line(str(position + 1), 30),))


def _label(name: str, wide: float) -> tuple[int, tuple[Line, ...]] | None:
    """The largest size, then the fewest lines, in which the name fits its slice."""
    words = name.split()
    for size in SIZES:
        for rows in range(1, min(MOST_LINES, len(words)) + 1):
            places = list(_places(rows, size, wide))
            lines = _filled(words, [room for _, room in places], size)
            if lines is not None:
                return size, tuple(Line(text, y) for text, (y, _) in zip(lines, places, strict=True))
    return None


def _places(rows: int, size: int, wide: float) -> Iterator[tuple[float, float]]:
    """The baseline and the room of each row, top down; a slice narrows towards its tip."""
    leading = size * 1.2
    highest = 106 if wide < 120 else 96  # of the first row's middle, above the wheel's middle
    for row in range(rows):
        middle = highest - row * leading
        lower, upper = middle - size * 0.45, middle + size * 0.45
        between_sides = 2 * lower * math.tan(math.radians(wide / 2)) if wide < 180 else 2.0 * RADIUS
        inside_rim = 2 * math.sqrt(RADIUS**2 - upper**2)
        yield round(CENTER - middle + size * 0.35, 1), min(between_sides, inside_rim) - MARGIN


def _filled(words: Sequence[str], rooms: Sequence[float], size: int) -> list[str] | None:
    """The words in exactly as many rows, none of them wider than its room; None if they don't go in."""
    rest, rows = list(words), []
    for left, room in zip(range(len(rooms), 0, -1), rooms, strict=True):
        taken = _fitting(rest, room, size) if left > 1 else len(rest)
        row = " ".join(rest[: min(taken, len(rest) - left + 1)])
        if not row or width(row, size) > room:
            return None
        rows.append(row)
        rest = rest[min(taken, len(rest) - left + 1) :]
    return rows


def _fitting(words: Sequence[str], room: float, size: int) -> int:
    return max((n for n in range(1, len(words) + 1) if width(" ".join(words[:n]), size) <= room), default=0)
