"""A brand's colour as the page's colours, each with text on it that can be read.

Contrast is WCAG's: text gets 4.5 to 1 by darkening or lightening, never by hope.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

WHITE, NIGHT, INK = (255, 255, 255), (11, 18, 32), (15, 27, 45)
DEFAULT = "#0f766e"
READABLE = 4.5
Color = tuple[int, int, int]


@dataclass(frozen=True)
class Theme:
    """Hex colours. `action` carries `on_action`; `tint` carries `text`; all on `ground`."""

    action: str
    on_action: str
    text: str
    tint: str
    ground: str


@lru_cache(maxsize=256)
def theme(brand: str, *, dark: bool) -> Theme:
    color = _parse(brand if re.fullmatch(r"#[0-9a-fA-F]{6}", brand) else DEFAULT)
    # a colour between light and dark carries neither white nor ink
    while max(contrast(WHITE, color), contrast(INK, color)) < READABLE:
        color = _mix(NIGHT, color, 0.1)
    ground = NIGHT if dark else _mix(color, WHITE, 0.05)
    tint = _mix(color, NIGHT if dark else WHITE, 0.35 if dark else 0.12)
    towards = WHITE if dark else NIGHT
    text = color
    while min(contrast(text, tint), contrast(text, ground)) < READABLE:
        text = _mix(towards, text, 0.1)
    return Theme(
        action=_hex(color),
        on_action=_hex(WHITE if contrast(WHITE, color) >= READABLE else INK),
        text=_hex(text),
        tint=_hex(tint),
        ground=_hex(ground),
    )


def contrast(one: Color, other: Color) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (each / 255 for each in color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(color: Color, into: Color, share: float) -> Color:
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(color, into, strict=True))
    return red, green, blue


def _parse(text: str) -> Color:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
