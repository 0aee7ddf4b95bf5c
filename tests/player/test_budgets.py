"""What a page may weigh on a phone, compressed, and what it may ask for before it is painted."""

import gzip
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from campaigns.types import all_types, folder_of, get_type
from rewards.tables import OutcomeDraft
from tests.factories import launched_campaign

ROOT = Path(__file__).resolve().parents[2]
TYPES = sorted(all_types())
KB = 1000


def weight(*paths):
    return sum(len(gzip.compress((ROOT / path).read_bytes())) for path in paths)


def of_type(slug, name):
    return f"campaigns/types/{folder_of(slug)}/static/types/{slug}/{name}"


def test_the_scripts_of_every_page_stay_within_4_kb():
    assert weight("static/player/player.js", "static/player/bridge.js") <= 4 * KB


@pytest.mark.parametrize("slug", TYPES)
def test_all_scripts_of_a_game_s_page_stay_within_8_kb(slug):
    every_page = weight("static/player/player.js", "static/player/bridge.js", "static/player/game.js")

    assert weight(of_type(slug, "game.js")) <= 4 * KB
    assert every_page + weight(of_type(slug, "game.js")) <= 8 * KB


@pytest.mark.parametrize("slug", TYPES)
def test_the_styles_stay_within_5_kb(slug):
    assert weight("static/player/player.css", of_type(slug, "game.css")) <= 5 * KB


def test_the_styles_of_the_wallet_stay_within_5_kb():
    assert weight("static/player/player.css", "static/player/wallet.css") <= 5 * KB


@pytest.mark.django_db
def test_the_largest_wheel_and_the_wallet_stay_within_5_kb(visit, test_env):
    prizes = [
        OutcomeDraft(name=f"A prize with number {n}", weight=n, reward_type="freebie") for n in range(1, 12)
    ]
    nothing = OutcomeDraft(name="Not this time", weight=1, reward_type="noReward", is_fallback=True)
    wheel = launched_campaign(test_env, outcomes=(*prizes, nothing))

    pages = [visit.arrive("/reward/", campaignId=wheel.id), visit.get("/wallet/").text]

    assert [len(gzip.compress(page.encode())) <= 5 * KB for page in pages] == [True, True]


@pytest.mark.django_db
@pytest.mark.parametrize("slug", TYPES)
def test_the_whole_page_of_a_game_stays_within_15_kb(visit, test_env, slug):
    kind = get_type(slug)
    outcomes = [OutcomeDraft(**asdict(each)) for each in kind.first_outcomes()]
    campaign = launched_campaign(test_env, type=slug, config=kind.defaults(), outcomes=outcomes)

    page = visit.arrive(f"/{kind.page}/", campaignId=campaign.id)

    html = len(gzip.compress(page.encode()))
    own = [of_type(slug, "game.css"), of_type(slug, "game.js")]
    shared = [f"static/player/{name}" for name in ("player.css", "player.js", "bridge.js", "game.js")]
    if kind.page == "program":
        shared.append("static/player/live.js")
    assert html <= 5 * KB
    assert html + weight(*own, *shared) <= 15 * KB


@pytest.mark.django_db
def test_three_requests_are_enough_for_the_first_paint(visit, wheel):
    page = visit.arrive("/reward/", campaignId=wheel.id)

    blocking = re.findall(
        r'<link rel="stylesheet"|<script(?![^>]*type="module")[^>]*src=|<img|@import|@font-face', page
    )
    assert 1 + len(blocking) <= 3


def files(*patterns):
    found = [path for pattern in patterns for path in ROOT.glob(pattern)]
    assert found
    return found


def test_nothing_comes_from_elsewhere():
    sent = files(
        "static/player/*",
        "campaigns/types/*/static/**/*.*",
        "templates/player/**/*.html",
        "campaigns/types/*/templates/**/*.html",
    )

    assert not [path for path in sent if re.search(r"(https?:)?//[a-z]+\.[a-z]", path.read_text())]


# newer than iOS 14 or Android WebView 80; where they are missing, dvh and text-wrap harm nothing
TOO_NEW_CSS = "|".join(
    [
        r":has\(|:is\(|:where\(",
        r"aspect-ratio\s*:",
        r"(?<!-)inset\s*:|inset-inline",
        r"(?:margin|padding)-(?:inline|block)\s*:",
        r"@layer|@container|\n\s+&",
        r"\b(?:translate|rotate|scale)\s*:",
    ]
)
TOO_NEW_JS = "|".join(
    [
        r"\?\?=|\|\|=|&&=",
        r"replaceAll|\.at\(|structuredClone|Object\.groupBy",
        r"#[a-z]+\s*[=(;]",
        r"^await|\.finished\b",
    ]
)


def test_the_styles_and_scripts_know_nothing_that_old_web_views_lack():
    styles = files("static/player/*.css", "campaigns/types/*/static/**/*.css")
    scripts = files("static/player/*.js", "campaigns/types/*/static/**/*.js")

    found = [(path.name, re.findall(TOO_NEW_CSS, path.read_text())) for path in styles]
    found += [(path.name, re.findall(TOO_NEW_JS, path.read_text(), re.M)) for path in scripts]
    assert not [each for each in found if each[1]]
