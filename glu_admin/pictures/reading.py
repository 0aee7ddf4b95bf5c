"""A file that somebody sent, made into a picture that pages can show.

What it is, its bytes alone say. Nothing of it is passed on but its pixels, upright and as few as
are needed; the same file always becomes the same picture.
"""

import io
import struct
import threading
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageCms, ImageOps, ImageStat

LARGEST = 8 * 2**20  # bytes, as it is sent
MOST_PIXELS = 24_000_000  # which take some 100 MB when they are open
SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF87a": "GIF", b"GIF89a": "GIF"}
PHOTOS_OF_PHONES = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis"}
# what Pillow raises for files that are broken, some of which are made to be
BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError)
QUALITIES = (84, 72, 58, 44, 30)
LONGEST_PROFILE = 4 * 2**20  # bytes; those of print have two megabytes and more
FEW_COLORS = 4096  # more than a drawing has
SMOOTH = Image.Resampling.LANCZOS
LIGHT, DARK = 170, 100  # of 255: what can't be seen on white, and on black


class PictureError(Exception):
    """This can't be shown; the message says why, and what to do."""


class Use(StrEnum):
    LOGO = "logo"
    BACKGROUND = "background"
    CARD = "card"
    QUESTION = "question"
    ANSWER = "answer"


@dataclass(frozen=True)
class Frame:
    """How large a picture is needed, in pixels, and how many bytes it has at most."""

    width: int
    height: int
    most: int


# a page may load 40 kB of pictures above the fold; a phone shows three pixels for one of CSS
FRAMES = {
    Use.LOGO: Frame(600, 120, 8_000),
    Use.BACKGROUND: Frame(1080, 1280, 32_000),
    Use.CARD: Frame(960, 960, 60_000),
    Use.QUESTION: Frame(960, 720, 28_000),
    Use.ANSWER: Frame(400, 400, 10_000),
}


@dataclass(frozen=True)
class Made:
    """A picture as it is kept. `tone` is "light" or "dark" if it can't be seen on that ground."""

    content: bytes
    width: int
    height: int
    tone: str = ""


_opened = threading.Lock()  # one at a time: several at once could take all memory


def make(content: bytes, use: Use) -> Made:
    """The picture in `content`, as it is needed for `use`; raises PictureError."""
    kind = _sniffed(content)
    with _opened:
        try:
            image = _opened_upright(content, kind, FRAMES[use])
        except Image.DecompressionBombError:
            raise PictureError("The picture has too many pixels. Make it smaller and send that.") from None
        except BROKEN:
            raise PictureError(
                "The file is broken, or ends too early. Save the picture again and send that."
            ) from None
        return _small(image, use)


def _sniffed(content: bytes) -> str:
    if not content:
        raise PictureError("The file is empty.")
    if len(content) > LARGEST:
        raise too_large(len(content))
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            return kind
    raise PictureError(_why_not(content))


def too_large(size: int) -> PictureError:
    return PictureError(
        f"The file has {size / 2**20:.1f} MB; a picture may have {LARGEST // 2**20}. Save it smaller."
    )


def _why_not(content: bytes) -> str:
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<") and b"<svg" in start:
        return "This is an SVG, which can hold programs. Save it as PNG and send that."
    if content[4:8] == b"ftyp" and content[8:12] in PHOTOS_OF_PHONES:
        return "Not every phone can show this kind of picture (HEIC or AVIF). Save it as JPEG and send that."
    return "This is no picture that pages can show. Save it as PNG, JPEG, WebP or GIF and send that."


def _opened_upright(content: bytes, kind: str, frame: Frame) -> Image.Image:
    """The first frame, in RGB or RGBA, with its pixels as they are meant to be seen."""
    image: Image.Image = Image.open(io.BytesIO(content), formats=[kind])
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise PictureError(
            f"The picture has {width:,} × {height:,} pixels, more than can be opened here."
            " Make it smaller: 2,000 a side are plenty."
        )
    most = max(frame.width, frame.height) * 2
    image.draft(None, (most, most))  # of a JPEG no more is opened than is needed
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        image = image.convert("L")
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    return _for_screens(image, "RGBA" if has_alpha else "RGB")


def _for_screens(image: Image.Image, mode: str) -> Image.Image:
    """In the colours that every screen has. The file may say what its numbers mean otherwise, as those of
    phones and of print do; once that is left out, they would be seen too pale or too bright."""
    profile = image.info.get("icc_profile") or b""
    if image.mode in {"P", "LA", "La", "PA", "1", "I"} or not 0 < len(profile) <= LONGEST_PROFILE:
        return image.convert(mode)
    try:
        said = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        seen = ImageCms.profileToProfile(image, said, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, *BROKEN):  # it says nothing that makes sense
        return image.convert(mode)
    return seen or image.convert(mode)


def _small(image: Image.Image, use: Use) -> Made:
    frame = FRAMES[use]
    if use is Use.BACKGROUND:
        image = _plain(_cut(image))
    image.thumbnail((frame.width, frame.height), SMOOTH, reducing_gap=3.0)
    tone = _tone(image) if use is Use.LOGO else ""
    content = _encoded(image, frame.most)
    while len(content) > frame.most:
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)), SMOOTH)
        content = _encoded(image, frame.most)
    return Made(content, image.width, image.height, tone)


def _cut(image: Image.Image) -> Image.Image:
    """Without the sides that a phone does not show."""
    if image.width <= image.height:
        return image
    aside = (image.width - image.height) // 2
    return image.crop((aside, 0, aside + image.height, image.height))


def _plain(image: Image.Image) -> Image.Image:
    """Without what one can see through: nobody has said what is behind a background."""
    if image.mode == "RGB":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _tone(image: Image.Image) -> str:
    """On which ground the logo would not be seen; "" if it brings its own, or is seen on both."""
    if image.mode != "RGBA":
        return ""
    alpha = image.getchannel("A")
    seen = alpha.point(lambda each: 255 if each > 127 else 0)
    share = ImageStat.Stat(seen).mean[0] / 255
    if not 0 < share < 0.97:
        return ""
    mean = ImageStat.Stat(image.convert("L"), mask=seen).mean[0]
    return "light" if mean > LIGHT else "dark" if mean < DARK else ""


def _encoded(image: Image.Image, most: int) -> bytes:
    """WebP: of a drawing without a loss if that is smaller, else as good as fits."""
    exact = _webp(image, lossless=True) if image.getcolors(FEW_COLORS) else b""
    if exact and len(exact) <= most // 2:
        return exact
    smaller = exact
    for quality in QUALITIES:
        lossy = _webp(image, quality=quality)
        smaller = exact if exact and len(exact) <= len(lossy) else lossy
        if len(smaller) <= most:
            break
    return smaller


def _webp(image: Image.Image, **options: int) -> bytes:
    made = io.BytesIO()
    image.save(made, "WEBP", method=4, **options)
    return made.getvalue()
