"""The games of chance beside the wheel on a phone: by keyboard, for everyone, honest and once."""

import pytest

from campaigns.models import Play
from campaigns.types import get_type
from rewards.models import Reward
from tests.browser.conftest import in_light_or_dark, until
from tests.browser.test_player_looks import check
from tests.factories import launched_campaign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# the button that a person without a pointer would press
BUTTONS = {
    "scratchcard": "Reveal",
    "slotmachine": "Play",
    "giftbox": "Box 2 of 3",
    "rollthedice": "Roll the dice",
    "tossthecoin": "Toss the coin",
}
# what the drawing shows of a prize, and of none
SHOWN = {
    "scratchcard": ("!find('canvas')?.offsetWidth && find('[data-name]').textContent === '20% off'",
                    "find('[data-name]').textContent === 'Not this time'"),
    "slotmachine": ("reels().every(each => each === '#slot-0')", "new Set(reels()).size === 3"),
    "giftbox": ("find('.box--open').dataset.box === '2' && seen('.box__star') && !seen('.box__puff')",
                "find('.box--open').dataset.box === '2' && !seen('.box__star') && seen('.box__puff')"),
    "rollthedice": ("'15'.includes(find('[data-die]').dataset.face)",
                    "find('[data-die]').dataset.face === '4'"),
    "tossthecoin": ("find('[data-coin]').dataset.side === 'heads'",
                    "find('[data-coin]').dataset.side === 'tails'"),
}  # fmt: skip
TOOLS = """
    find = (selector) => document.querySelector(selector);
    seen = (selector) => getComputedStyle(find(".box--open " + selector)).display !== "none";
    reels = () => [...document.querySelectorAll("[data-strip] use")].map((each) => each.getAttribute("href"));
"""
SAID = {
    "rollthedice": ("You rolled 5", "You rolled 4"),
    "tossthecoin": ("It came up heads", "It came up tails"),
}

each_game = pytest.mark.parametrize("slug", sorted(BUTTONS))


@pytest.fixture
def game(test_env):
    """Makes a game that always gives a coupon, or never anything."""

    def make(slug, *, wins=True, **fields):
        weights = (1, 0, 0, 0) if wins else (0, 0, 0, 1)
        config = get_type(slug).defaults() | fields.pop("config", {})
        return launched_campaign(test_env, type=slug, config=config, weights=weights, plays_a_day=2, **fields)

    return make


def opened(page, address, campaign, **query):
    page.goto(address("/reward/", campaignId=campaign.id, **query))
    return page


def press(page, slug):
    page.get_by_role("button", name=BUTTONS[slug], exact=True).click()


def ended(page, state="won"):
    page.wait_for_selector(f"[data-state={state}]")


def shows(page, slug, place):
    assert page.evaluate(f"(() => {{ let find, seen, reels; {TOOLS}; return {SHOWN[slug][place]}; }})()")
    if slug in SAID:
        assert page.locator(".stage__said").inner_text() == SAID[slug][place]


@each_game
def test_by_keyboard_alone_it_ends_on_the_coupon(phone, address, game, slug):
    page = opened(phone(), address, game(slug))

    for _ in range(9):
        page.keyboard.press("Tab")
        name = "document.activeElement.ariaLabel || document.activeElement.textContent"
        if page.evaluate(name) == BUTTONS[slug]:
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-state=playing]")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    ended(page)

    code = page.locator(".code__text").inner_text()
    assert page.locator("h1").inner_text() == "You won 20% off"
    assert page.evaluate("document.activeElement === document.querySelector('h1')")
    assert Reward.objects.count() == 1
    shows(page, slug, 0)
    page.reload()
    assert page.locator(".code__text").inner_text() == code
    shows(page, slug, 0)


@pytest.mark.parametrize(("slug", "dark"), in_light_or_dark(sorted(BUTTONS)))
def test_it_is_for_everyone_before_the_play_and_after(phone, address, game, axe, slug, *, dark):
    page = opened(phone(reduced_motion="reduce"), address, game(slug), darkMode=dark)
    check(page, axe)

    press(page, slug)
    ended(page)
    page.wait_for_timeout(300)
    check(page, axe)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@each_game
def test_no_prize_shows_plainly_that_there_is_none(phone, address, game, axe, slug):
    page = opened(phone(reduced_motion="reduce"), address, game(slug, wins=False))

    press(page, slug)
    ended(page, "lost")

    shows(page, slug, 1)
    page.wait_for_timeout(300)
    check(page, axe)
    page.reload()
    shows(page, slug, 1)


@pytest.mark.timed
@each_game
def test_with_reduced_motion_the_result_comes_at_once(phone, address, game, slug):
    page = opened(phone(reduced_motion="reduce"), address, game(slug))
    page.evaluate(
        """() => {
            const ask = window.fetch;
            window.fetch = async (...all) => {
                const answer = await ask(...all);
                window.answered = performance.now();
                return answer;
            };
            const look = () => document.body.dataset.state === "won" && (window.shown = performance.now());
            new MutationObserver(look).observe(document.body, { attributes: true });
        }"""
    )

    press(page, slug)
    ended(page)

    assert page.evaluate("window.shown - window.answered") <= 600


@pytest.mark.timed
@each_game
def test_the_motion_takes_three_seconds_at_most_and_can_be_skipped(phone, address, game, slug):
    page = opened(phone(), address, game(slug))
    page.evaluate("window.began = performance.now()")
    press(page, slug)
    ended(page)
    assert 700 < page.evaluate("performance.now() - window.began") < 4200

    page.get_by_text("Play again").click()
    if get_type(slug).is_hands_on:
        page.wait_for_selector("[data-state=pristine]")
        page.wait_for_load_state("networkidle")
        press(page, slug)
    page.wait_for_selector("[data-state=playing]")
    page.wait_for_timeout(800)
    page.evaluate("window.skipped = performance.now()")
    page.keyboard.press("Escape")
    ended(page)

    assert page.evaluate("performance.now() - window.skipped") < 900
    assert Play.objects.count() == 2


@each_game
def test_nothing_of_a_result_reaches_the_browser_before_the_play(phone, address, game, slug):
    codes = [f"PLANTED-{n}" for n in range(5)]
    page = phone(reduced_motion="reduce")
    texts = []
    page.on("response", lambda answer: texts.append(answer.text()) if answer.ok else None)
    opened(page, address, game(slug, codes=codes))

    before = "".join(texts) + page.content()
    press(page, slug)
    ended(page)

    assert "PLANTED" not in before
    assert "You won" not in before
    assert page.locator(".code__text").inner_text() in codes


@each_game
def test_an_answer_lost_on_the_way_is_fetched_again_with_the_same_choice(phone, address, game, slug):
    page = opened(phone(reduced_motion="reduce", expect_complaints=("ERR_FAILED",)), address, game(slug))

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/reward/play/**", lose, times=1)
    press(page, slug)
    ended(page, "offline")
    assert not page.evaluate("document.querySelectorAll('[form]:enabled').length")

    page.get_by_role("button", name="Try again").click()
    ended(page)

    assert Play.objects.count() == 1
    shows(page, slug, 0)


@each_game
def test_without_script_a_plain_form_plays(phone, address, game, slug):
    page = phone(bridge=None, java_script_enabled=False)
    page.goto(address("/reward/", campaignId=game(slug).id))

    press(page, slug)

    assert page.locator("h1").inner_text() == "You won 20% off"
    assert page.locator(".code__text").inner_text().startswith("CODE-")
    assert Play.objects.count() == 1


@each_game
def test_in_forced_colours_everything_is_still_there(phone, address, game, slug):
    page = opened(phone(forced_colors="active", reduced_motion="reduce"), address, game(slug))

    press(page, slug)
    ended(page)

    assert page.locator("[data-art]").bounding_box()["height"] > 60


def stroke(page, *points):
    box = page.locator(".scratch canvas").bounding_box()
    for number, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def test_a_card_scratched_by_hand_is_played_by_the_first_stroke_and_opens_when_half_is_gone(
    phone, address, game
):
    page = opened(phone(), address, game("scratchcard"))

    stroke(page, (0.1, 0.2), (0.5, 0.2))
    until(page, "document.querySelector('[data-name]').textContent")
    page.wait_for_timeout(900)
    assert Play.objects.count() == 1
    assert page.locator("body").get_attribute("data-state") == "playing"
    assert page.get_by_role("button", name="Reveal").get_attribute("aria-disabled") is None

    stroke(page, (0.05, 0.2), (0.95, 0.25), (0.05, 0.5), (0.95, 0.55), (0.05, 0.8))
    ended(page)

    assert Play.objects.count() == 1
    shows(page, "scratchcard", 0)


def test_a_mere_tap_on_a_card_plays_nothing(phone, address, game):
    page = opened(phone(), address, game("scratchcard"))

    page.locator(".scratch canvas").click()
    page.wait_for_timeout(500)

    assert page.locator("body").get_attribute("data-state") == "pristine"
    assert Play.objects.count() == 0


def test_a_card_left_half_scratched_is_open_on_return(phone, address, game):
    page = opened(phone(), address, game("scratchcard"))
    stroke(page, (0.1, 0.2), (0.3, 0.2))
    until(page, "document.querySelector('[data-name]').textContent")

    page.reload()
    ended(page)
    page.wait_for_timeout(300)
    page.mouse.click(20, 20)

    assert page.locator(".code__text").inner_text().startswith("CODE-")
    assert Play.objects.count() == 1


def test_a_card_that_was_begun_by_hand_can_be_revealed_by_the_button(phone, address, game):
    page = opened(phone(), address, game("scratchcard"))
    stroke(page, (0.1, 0.2), (0.3, 0.2))
    until(page, "document.querySelector('[data-name]').textContent")
    page.wait_for_timeout(800)

    page.get_by_role("button", name="Reveal").click()
    ended(page)

    assert Play.objects.count() == 1


def test_the_side_that_was_called_is_the_one_that_wins(phone, address, game):
    page = opened(phone(reduced_motion="reduce"), address, game("tossthecoin"))

    page.get_by_role("radio", name="Tails").check()
    press(page, "tossthecoin")
    ended(page)

    assert page.locator(".stage__said").inner_text() == "It came up tails"
    assert Play.objects.get().answer["reveal"] == {"called": "tails", "side": "tails"}


@pytest.mark.parametrize(("slug", "words"), [("giftbox", "changes nothing"), ("tossthecoin", "are the same")])
def test_where_people_choose_the_page_says_that_it_changes_no_chance(phone, address, game, slug, words):
    page = opened(phone(), address, game(slug))

    assert words in page.locator(".stage__note").inner_text()


def test_two_dice_add_up_to_what_is_said(phone, address, game):
    page = opened(phone(reduced_motion="reduce"), address, game("rollthedice", config={"dice": 2}))

    press(page, "rollthedice")
    ended(page)

    faces = page.evaluate(
        "[...document.querySelectorAll('[data-die]')].map(each => Number(each.dataset.face))"
    )
    assert page.locator(".stage__said").inner_text() == f"You rolled {sum(faces)}"
    assert len(faces) == 2
