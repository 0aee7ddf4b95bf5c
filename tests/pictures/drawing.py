"""Files that people send: pictures of every kind, sound and broken, made anew for each test."""

import io
import random
import struct
import zlib

from PIL import Image, ImageDraw

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def file(image, kind, **options):
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content)).convert("RGBA")


def logo(color="#7c2d12", size=(400, 160)):
    """A word's shape on nothing."""
    image = Image.new("RGBA", size)
    pen = ImageDraw.Draw(image)
    width, height = size
    for place in range(4):
        left = width * place // 4
        pen.rounded_rectangle((left + 8, height // 4, left + width // 5, height * 3 // 4), 12, color)
    return image


def photo(size=(1600, 1200)):
    """Soft spots of all colours, with the grain of a camera."""
    rng = random.Random(7)  # noqa: S311
    small = Image.new("RGB", (12, 9))
    small.putdata([tuple(rng.randrange(256) for _ in "rgb") for _ in range(108)])
    grain = Image.effect_noise(size, 24).convert("RGB")
    return Image.blend(small.resize(size, Image.Resampling.BICUBIC), grain, 0.12)


def animation():
    """Red, then green."""
    frames = [Image.new("RGB", (60, 40), color) for color in ("#ff0000", "#00ff00")]
    return file(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)


def bomb(side=30_000):
    """A PNG of a few bytes that says it has `side` × `side` pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 10_000)), (b"IEND", b"")]
    chunks = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + chunks
