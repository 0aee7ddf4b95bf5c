"""Pages in the company's colours and words, and in the person's language."""

import pytest

from glu_admin import config
from tests.factories import launched_campaign
from tests.player.conftest import key_on

LOOK = {
    "color": "#7c2d12",
    "corner": "square",
    "links": {"terms": "https://brewline.test/terms", "help": "https://brewline.test/help"},
    "words": {
        "en": {
            "pristine": {"title": "Win your morning", "button": "Turn it"},
            "won": {"title": "{prize}, {name}! Yours from {brand}."},
        }
    },
}


@pytest.fixture
def own(test_env):
    return launched_campaign(test_env, weights=(1, 0, 0, 0), look=LOOK, plays_a_day=2)


def test_a_campaign_says_it_in_its_own_words(visit, own):
    page = visit.arrive("/reward/", campaignId=own.id)

    assert "Win your morning</h1>" in page
    assert ">Turn it</button>" in page


def test_placeholders_are_filled_after_a_play(visit, own, test_env):
    page = visit.arrive("/reward/", campaignId=own.id)
    answer = visit.play(own, key_on(page)).json()

    assert answer["title"].startswith(f"20% off, Mia! Yours from {test_env.workspace.name}.")


def test_its_colours_corners_and_links_are_on_the_page(visit, own):
    page = visit.arrive("/reward/", campaignId=own.id)

    assert "--action: #7c2d12" in page
    assert "--corner: 0px" in page
    assert 'href="https://brewline.test/terms"' in page
    assert "Privacy" not in page


def test_the_workspace_s_look_is_the_wallet_s_and_that_of_campaigns_without_one(visit, wheel, test_env):
    test_env.workspace.look = {"second": "#9d174d", "links": {"privacy": "https://brewline.test/privacy"}}
    test_env.workspace.save()
    config.forget()

    assert 'href="https://brewline.test/privacy"' in visit.arrive()
    assert 'href="https://brewline.test/privacy"' in visit.get("/reward/", campaignId=wheel.id).text


def test_words_that_look_like_markup_stay_words(visit, test_env):
    look = {"words": {"en": {"pristine": {"title": "<script>alert(1)</script>"}}}}
    campaign = launched_campaign(test_env, look=look)

    page = visit.arrive("/reward/", campaignId=campaign.id)
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_problem_is_reported_with_a_code_that_the_log_knows(visit, wheel):
    answer = visit.client.get("/reward/", {"token": visit.token, "campaignId": wheel.id})

    assert f"<b>{answer.headers['X-Request-ID'][:8]}</b>" in answer.text
