"""What becomes of a file that somebody sends as a picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from glu_admin.pictures import reading
from glu_admin.pictures.reading import LARGEST, PictureError, Use, make
from tests.pictures.drawing import SVG, animation, bomb, file, logo, opened, photo

EXIF_ROTATED = 6  # lies on its left side
RED, GREEN = (255, 0, 0, 255), (0, 255, 0, 255)
SMALL = photo((320, 240))
SOUND = {
    kind: file(SMALL, kind, **options)
    for kind, options in {"PNG": {}, "JPEG": {"quality": 90}, "WEBP": {}, "GIF": {}}.items()
}


def is_near(one, other, by=12):
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", sorted(SOUND))
def test_each_kind_becomes_a_small_webp(kind):
    made = make(SOUND[kind], Use.CARD)

    assert (made.content[:4], made.content[8:12]) == (b"RIFF", b"WEBP")
    assert (made.width, made.height) == opened(made.content).size == (320, 240)


@pytest.mark.parametrize(
    ("use", "size", "most"),
    [
        (Use.LOGO, (160, 120), 8_000),
        (Use.CARD, (960, 720), 60_000),
        (Use.BACKGROUND, (1080, 1080), 32_000),
    ],
)
def test_a_photo_is_no_larger_than_pages_need(use, size, most):
    made = make(file(photo(), "JPEG", quality=95), use)

    assert (made.width, made.height) == size
    assert len(made.content) <= most


def test_what_can_not_be_packed_small_gets_fewer_pixels():
    noise = Image.merge("RGBA", [Image.effect_noise((600, 120), 200) for _ in range(4)])

    made = make(file(noise, "PNG"), Use.LOGO)

    assert len(made.content) <= 8_000
    assert (made.width, made.height) == opened(made.content).size
    assert made.width / made.height == pytest.approx(5, rel=0.1)


def test_a_drawing_loses_nothing():
    drawn = logo(size=(300, 100))

    made = make(file(drawn, "PNG"), Use.LOGO)

    assert len(made.content) < 2_000
    assert opened(made.content).getpixel((30, 50)) == (0x7C, 0x2D, 0x12, 255)
    assert opened(made.content).getpixel((0, 0))[3] == 0


def test_the_same_file_always_becomes_the_same_picture():
    sent = file(photo((500, 300)), "PNG")

    assert make(sent, Use.CARD) == make(sent, Use.CARD)


def test_of_an_animation_the_first_picture_is_taken():
    shown = opened(make(animation(), Use.CARD).content)

    assert is_near(shown.getpixel((30, 20)), RED)
    assert getattr(shown, "n_frames", 1) == 1


def test_a_photo_that_lies_on_its_side_is_put_upright_and_tells_nothing_more():
    image = Image.new("RGB", (80, 40), "#00ff00")
    image.paste("#ff0000", (0, 0, 40, 40))  # the left half is the top, once it is upright
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = EXIF_ROTATED, "Camera of Mia", {1: "N"}

    made = make(file(image, "JPEG", exif=exif, quality=95), Use.CARD)

    shown = opened(made.content)
    assert shown.size == (40, 80)
    assert is_near(shown.getpixel((20, 10)), RED, 24)
    assert is_near(shown.getpixel((20, 70)), GREEN, 24)
    assert b"Camera" not in made.content
    assert not any(name in made.content for name in (b"EXIF", b"ICCP", b"XMP "))


def test_a_picture_for_print_gets_the_colours_of_a_screen():
    red = Image.new("CMYK", (60, 60), (0, 255, 255, 0))

    shown = opened(make(file(red, "JPEG", quality=95), Use.CARD).content)

    assert is_near(shown.getpixel((30, 30)), RED, 40)


@pytest.mark.parametrize(("mode", "size"), [("RGB", 3), ("RGBA", 4)])
def test_what_a_file_says_of_its_colours_is_heeded_and_left_out(mode, size):
    """A profile in which red and green have changed their places."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = plain.replace(b"rXYZ", b"tmp_").replace(b"gXYZ", b"rXYZ").replace(b"tmp_", b"gXYZ")
    image = Image.new(mode, (40, 40), RED[:size])

    profiles = {"sRGB": plain, "swapped": swapped, "nonsense": b"\0" * 400}
    files = {name: file(image, "PNG", icc_profile=each) for name, each in profiles.items()}
    said = {name: make(each, Use.CARD).content for name, each in files.items()}

    assert is_near(opened(said["sRGB"]).getpixel((20, 20)), RED, 4)
    assert is_near(opened(said["swapped"]).getpixel((20, 20)), GREEN, 40)
    assert is_near(opened(said["nonsense"]).getpixel((20, 20)), RED, 4)
    assert not any(b"ICCP" in each for each in said.values())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
def test_every_way_to_store_pixels_is_read(mode):
    image = Image.new(mode, (32, 32))

    assert (make(file(image, "PNG"), Use.CARD).width) == 32


def test_nothing_is_seen_through_a_background():
    made = make(file(logo(size=(200, 300)), "PNG"), Use.BACKGROUND)

    assert opened(made.content).getpixel((0, 0)) == (255, 255, 255, 255)


@pytest.mark.parametrize(
    ("drawn", "tone"),
    [
        (logo("#111111"), "dark"),
        (logo("#ffffff"), "light"),
        (logo("#0f9a8a"), ""),
        (Image.new("RGB", (90, 40), "#ffffff"), ""),
        (Image.new("RGBA", (90, 40)), ""),
    ],
)
def test_it_is_known_on_which_ground_a_logo_is_not_seen(drawn, tone):
    assert make(file(drawn, "PNG"), Use.LOGO).tone == tone


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "empty"),
        (SVG, "Save it as PNG"),
        (b"\xef\xbb\xbf  <!-- a logo --><SVG></SVG>", "Save it as PNG"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "Save it as JPEG"),
        (b"<html><script>alert(1)</script></html>", "no picture"),
        (b"%PDF-1.7", "no picture"),
        (b"BM" + b"\0" * 80, "no picture"),
        (bomb(), "too many pixels"),
        (bomb(5_500), "5,500 × 5,500 pixels, more than can be opened"),
        (bomb(4_000), "broken"),
        (SOUND["PNG"][:-2000], "broken"),
        (SOUND["JPEG"][: len(SOUND["JPEG"]) // 2], "broken"),
        (SOUND["WEBP"][: len(SOUND["WEBP"]) // 2], "broken"),
        (b"\xff\xd8\xff", "broken"),
        (b"GIF89a", "broken"),
        (SOUND["PNG"] + b"\0" * 20 * 2**20, "a picture may have 8"),
    ],
)
def test_what_can_t_be_shown_is_refused_in_words(sent, said):
    with pytest.raises(PictureError, match=said):
        make(sent, Use.CARD)


def test_a_script_behind_a_picture_is_left_behind():
    made = make(SOUND["GIF"] + b"<script>alert(1)</script>", Use.CARD)

    assert b"script" not in made.content


def test_a_large_file_is_refused_before_anybody_opens_it(monkeypatch):
    def never(*_args, **_options):
        raise AssertionError("it was opened")

    monkeypatch.setattr(reading.Image, "open", never)

    with pytest.raises(PictureError, match="Save it smaller"):
        make(b"\x89PNG\r\n\x1a\n" + b"\0" * LARGEST, Use.LOGO)


TINY = {kind: file(photo((24, 16)), kind) for kind in SOUND}


@given(st.sampled_from(sorted(TINY)), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12))
def test_a_broken_file_is_a_picture_or_is_refused(kind, wrong):
    sent = bytearray(TINY[kind])
    for place, byte in wrong:
        sent[int(place * (len(sent) - 1))] = byte

    try:
        made = make(bytes(sent), Use.CARD)
    except PictureError:
        return
    assert made.content[8:12] == b"WEBP"
