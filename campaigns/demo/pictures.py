"""Brewline's pictures, drawn when the demo is loaded: its logo, and a morning behind one of its games."""

import io
from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from campaigns.demo import brand
from campaigns.demo.wheels import ACTOR
from campaigns.models import Campaign
from glu_admin.pictures import keeping
from glu_admin.pictures.reading import Use
from glu_admin.workspaces.models import Environment

WITH_A_MORNING = "scratch-and-sip"  # the tag of a campaign
DAWN, NOON = (255, 237, 213), (217, 160, 91)  # from the top to the foot
LIGHTS = ("#fff7ed", "#fdba74", "#c2773b", "#7c4a21", "#fde6c8")
FINE = 4  # drawn so many times larger, for smooth edges


def hang(environment: Environment) -> None:
    """Give the workspace its logo, and one campaign its background."""
    workspace = environment.workspace
    workspace.look = {"logo": keeping.keep(environment, logo(), Use.LOGO, ACTOR)}
    workspace.save(update_fields=["look"])
    morning = keeping.keep(environment, background(), Use.BACKGROUND, ACTOR)
    games = Campaign.objects.filter(environment=environment, is_demo=True, tag=WITH_A_MORNING)
    games.update(look={"background": morning})


@lru_cache(maxsize=1)
def logo() -> bytes:
    """A cup with its steam, and the name."""
    image = Image.new("RGBA", (476 * FINE, 120 * FINE))
    pen = ImageDraw.Draw(image)
    cup, width = brand.COLOR, 9 * FINE

    def box(*place: int) -> tuple[int, ...]:
        return tuple(each * FINE for each in place)

    pen.arc(box(70, 50, 112, 88), 0, 360, cup, width)
    pen.rounded_rectangle(box(14, 44, 88, 106), 22 * FINE, cup)
    pen.rectangle(box(14, 44, 88, 64), cup)
    for left in (32, 54):
        pen.arc(box(left, 8, left + 14, 22), 90, 270, cup, 6 * FINE)
        pen.arc(box(left, 19, left + 14, 33), 270, 90, cup, 6 * FINE)
    name = ImageFont.load_default(84 * FINE)
    middle = (134 * FINE, 62 * FINE)
    pen.text(middle, brand.NAME, cup, name, anchor="lm", stroke_width=2 * FINE, stroke_fill=cup)
    return _file(image.resize((476, 120), Image.Resampling.LANCZOS))


@lru_cache(maxsize=1)
def background() -> bytes:
    """The colours of coffee, out of focus."""
    rng = Random(f"{brand.SEED}:morning")  # noqa: S311  # a drawing, not a secret
    fade = Image.linear_gradient("L").resize((432, 768))
    image = Image.composite(Image.new("RGB", fade.size, NOON), Image.new("RGB", fade.size, DAWN), fade)
    for color in LIGHTS * 5:
        x, y, radius = rng.randrange(432), rng.randrange(768), rng.randrange(20, 90)
        spot = Image.new("L", fade.size)
        ImageDraw.Draw(spot).ellipse((x - radius, y - radius, x + radius, y + radius), rng.randrange(60, 150))
        image.paste(color, mask=spot.filter(ImageFilter.GaussianBlur(4)))
    return _file(image)


def _file(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.save(made, "PNG")
    return made.getvalue()
