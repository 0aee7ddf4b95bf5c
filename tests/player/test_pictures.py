"""A company's pictures on its pages: they wait for nothing and make nothing jump, and all text is read."""

import gzip
import re
from dataclasses import asdict

import pytest

from campaigns.look import Look
from campaigns.pages.theme import BLACK, INK, PALE, READABLE, RESTFUL, WHITE, _mix, _parse, contrast, of_look
from campaigns.types import get_type
from glu_admin import config
from glu_admin.pictures import keeping, names
from glu_admin.pictures.reading import FRAMES, Use
from glu_admin.workspaces.audit import Actor
from rewards.tables import OutcomeDraft
from tests.factories import launched_campaign
from tests.pictures.drawing import file, logo, photo

ACTOR = Actor("a test")
COLORS = ["#0f766e", "#f5c451", "#9d174d", "#ffffff", "#000000", "#808080", "#ff0000", "#00ff00"]


@pytest.fixture
def pictured(test_env):
    """A campaign with a logo, a background and a picture on its card."""
    mark = keeping.keep(test_env, file(logo(), "PNG"), Use.LOGO, ACTOR)
    scene = keeping.keep(test_env, file(photo((600, 800)), "JPEG"), Use.BACKGROUND, ACTOR)
    return launched_campaign(
        test_env,
        look={"logo": mark, "background": scene},
        banner={"picture": mark, "imageUrl": "https://a.test"},
    )


@pytest.fixture
def page(visit, pictured):
    return visit.arrive("/reward/", campaignId=pictured.id)


def address(campaign, name):
    return names.shown(campaign.environment.workspace_id, name).address


def test_the_logo_stands_at_the_head_and_says_whose_it_is(page, pictured):
    shown = re.search(r'<img class="top__logo"[^>]*>', page)[0]

    assert f'src="{address(pictured, pictured.look["logo"])}"' in shown
    assert 'width="300" height="120"' in shown
    assert 'alt="Brewline"' in shown
    assert 'decoding="async"' in shown


def test_a_logo_that_the_ground_would_hide_brings_its_own(page):
    assert 'data-tone="dark"' in page


def test_the_background_lies_under_a_veil_and_gives_way_where_it_would_disturb(page, pictured):
    style = re.search(r"body::before { [^}]* }", page)[0]

    assert f'url("{address(pictured, pictured.look["background"])}")' in style
    assert "linear-gradient(rgba(" in style
    assert "(forced-colors: active), (prefers-contrast: more) { body::before { display: none; } }" in page


def test_a_page_without_pictures_pays_nothing_for_them(visit, wheel):
    page = visit.arrive("/reward/", campaignId=wheel.id)

    assert "<img" not in page
    assert "body::before" not in page


def test_nothing_that_blocks_the_first_paint_is_a_picture(page):
    """Stylesheets and scripts block it; a picture does not, and no rule of a stylesheet names one."""
    blocking = re.findall(
        r'<link rel="(?:stylesheet|preload)"[^>]*>|<script(?![^>]*type="module")[^>]*src=', page
    )

    assert len(blocking) == 2
    assert not any("/pictures/" in each for each in blocking)


@pytest.mark.parametrize("slug", ["quiz", "streak"])
def test_a_page_with_pictures_keeps_its_budget(visit, pictured, test_env, slug):
    """The heaviest pages; and what they load above the fold is no more than 40 kB."""
    kind = get_type(slug)
    outcomes = [OutcomeDraft(**asdict(each)) for each in kind.first_outcomes()]
    campaign = launched_campaign(
        test_env, type=slug, config=kind.defaults(), outcomes=outcomes, look=pictured.look
    )

    html = visit.arrive(f"/{kind.page}/", campaignId=campaign.id)

    assert len(gzip.compress(html.encode())) <= 5_000
    assert sum(FRAMES[use].most for use in (Use.LOGO, Use.BACKGROUND)) <= 40_000


def test_an_app_that_has_a_head_of_its_own_loads_no_logo(visit, pictured):
    page = visit.arrive("/reward/", campaignId=pictured.id, isEmbedded="true")

    assert "top__logo" not in page


def test_the_wallet_shows_a_card_s_picture_and_the_workspace_s_logo(visit, pictured, test_env):
    test_env.workspace.look = {"logo": pictured.look["logo"]}
    test_env.workspace.save()
    config.forget()

    page = visit.arrive()

    tile = re.search(r'<img class="tile__icon tile__picture"[^>]*>', page)[0]
    assert 'width="52" height="52" alt="" loading="lazy"' in tile
    assert "top__logo" in page


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("color", COLORS)
def test_all_text_can_be_read_whatever_the_picture_shows(color, dark):
    worn = of_look(Look(background="any"), color, dark=dark)
    red, green, blue, share = re.fullmatch(r"rgba\((\d+), (\d+), (\d+), ([\d.]+)\)", worn.veil).groups()
    veil = (int(red), int(green), int(blue))

    for pixel in (WHITE, BLACK, (255, 0, 0), (0, 255, 0), (0, 0, 255)):
        behind = _mix(veil, pixel, float(share))
        assert contrast(PALE if dark else INK, behind) >= RESTFUL - 0.1
        assert contrast(_parse(worn.text), behind) >= READABLE - 0.05
    assert contrast(_parse(worn.text), _parse(worn.tint)) >= READABLE


def test_a_page_without_a_background_has_its_colours_as_before():
    assert of_look(Look(), "#0f766e", dark=False).veil == ""
