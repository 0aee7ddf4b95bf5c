"""A brand's colour as the page's colours, each with text on it that can be read.

Contrast is WCAG's: text gets 4.5 to 1 by darkening or lightening, never by hope.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from campaigns.look import COLOR, Look

WHITE, NIGHT, INK = (255, 255, 255), (11, 18, 32), (15, 27, 45)
DEFAULT = "#0f766e"
READABLE = 4.5
Color = tuple[int, int, int]


@dataclass(frozen=True)
class Theme:
    """Hex colours. `action` carries `on_action`; `tint` carries `text`; all on `ground`. `corner` is in
    CSS pixels."""

    action: str
    on_action: str
    text: str
    tint: str
    ground: str
    corner: int = 18


def of_look(look: Look, brand: str, *, dark: bool) -> Theme:
    """The colours of a look; what it leaves open is the brand's."""
    color = look.color or brand
    made = theme(color, look.second or color, plain=look.ground == "plain", dark=dark)
    return replace(made, corner=look.corner_px)


@lru_cache(maxsize=256)
def theme(brand: str, second: str = "", *, plain: bool = False, dark: bool) -> Theme:
    """`second` colours what is quiet; without it, that is a shade of the brand."""
    color = _known(brand, DEFAULT)
    quiet = _known(second, brand)
    # a colour between light and dark carries neither white nor ink
    while max(contrast(WHITE, color), contrast(INK, color)) < READABLE:
        color = _mix(NIGHT, color, 0.1)
    ground = NIGHT if dark else WHITE if plain else _mix(color, WHITE, 0.05)
    tint = _mix(quiet, NIGHT if dark else WHITE, 0.35 if dark else 0.12)
    towards = WHITE if dark else NIGHT
    text = quiet if second else color
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


def _known(text: str, otherwise: str) -> Color:
    return _parse(next(each for each in (text, otherwise, DEFAULT) if COLOR.fullmatch(each)))


def _parse(text: str) -> Color:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
