"""A brand's colour as the page's colours, each with text on it that can be read.

Contrast is WCAG's: text gets 4.5 to 1 by darkening or lightening, never by hope.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from campaigns.look import COLOR, Look

WHITE, BLACK, NIGHT, INK = (255, 255, 255), (0, 0, 0), (11, 18, 32), (15, 27, 45)
PALE = (238, 242, 248)  # the text of dark pages, as INK is that of light ones
DEFAULT = "#0f766e"
READABLE = 4.5
RESTFUL = 7  # of text on a picture, which is never as calm as one colour
Color = tuple[int, int, int]


@dataclass(frozen=True)
class Theme:
    """Hex colours. `action` carries `on_action`; `tint` carries `text`; all on `ground`. `corner` is in
    CSS pixels. `veil` lies over a background picture, so that all of it can be read whatever it shows."""

    action: str
    on_action: str
    text: str
    tint: str
    ground: str
    corner: int = 18
    veil: str = ""


def of_look(look: Look, brand: str, *, dark: bool) -> Theme:
    """The colours of a look; what it leaves open is the brand's."""
    color = look.color or brand
    made = theme(color, look.second or color, plain=look.ground == "plain", dark=dark)
    made = over_a_picture(made, dark=dark) if look.background else made
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


def over_a_picture(made: Theme, *, dark: bool) -> Theme:
    """The same colours on a picture: veiled just so that, where it is at its worst, the page's text can be
    read with ease and the brand's too."""
    ground, text = _parse(made.ground), _parse(made.text)
    worst, plain, towards = (WHITE, PALE, WHITE) if dark else (BLACK, INK, NIGHT)
    share = 0.5
    while contrast(plain, _mix(ground, worst, share)) < RESTFUL:
        share += 0.01
    while contrast(text, _mix(ground, worst, share)) < READABLE:
        text = _mix(towards, text, 0.1)
    red, green, blue = ground
    return replace(made, text=_hex(text), veil=f"rgba({red}, {green}, {blue}, {share:.2f})")


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
