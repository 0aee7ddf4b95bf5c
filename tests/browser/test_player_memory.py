"""The memory game on a phone: by keyboard, by eye and by ear, with a script and without."""

import re

import pytest

from campaigns.models import Participation, Play
from campaigns.types import get_type
from rewards.models import Reward
from tests.browser.conftest import until
from tests.browser.test_player_looks import check
from tests.factories import launched_campaign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HIDDEN = "[data-lies=hidden]"
COLUMNS = 3  # of six cards


@pytest.fixture
def memory(test_env):
    """Makes a game of three pairs that gives a coupon to whoever finishes it."""

    def make(**config):
        settings = get_type("memorygame").defaults() | {"pairs": 3} | config
        return launched_campaign(
            test_env, type="memorygame", config=settings, weights=(1, 0, 0, 0), plays_a_day=2
        )

    return make


def opened(page, address, campaign, **query):
    page.goto(address("/reward/", campaignId=campaign.id, **query))
    page.wait_for_load_state("networkidle")
    return page


def name_of(page, place):
    return page.locator(f"[value='{place}'][data-lies]").get_attribute("aria-label")


def turned(page, place, turn):
    """Turn a card, and wait until the server has."""
    before = page.locator("[name='action.move']").get_attribute("value")
    turn(place)
    until(
        page,
        "document.querySelector('[name=\"action.move\"]')?.value !== arg"
        " || document.body.dataset.state === 'won'",
        before,
    )


def by_click(page):
    return lambda place: page.locator(f"[value='{place}'][data-lies]").click()


def by_arrows(page):
    """From the card in focus to another, row by row, and Enter."""

    def press(place):
        here = int(page.evaluate("document.activeElement.value"))
        down, right = (
            a - b for a, b in zip(divmod(place - 1, COLUMNS), divmod(here - 1, COLUMNS), strict=True)
        )
        for step, keys in ((down, ("ArrowUp", "ArrowDown")), (right, ("ArrowLeft", "ArrowRight"))):
            for _ in range(abs(step)):
                page.keyboard.press(keys[step > 0])
        assert page.evaluate("document.activeElement.value") == str(place)
        page.keyboard.press("Enter")

    return press


def find_pairs(page, turn, places=range(1, 7)):
    """Turn each card once to learn what it is, then pair by pair: nothing but the names is read."""
    known = {}
    for place in places:
        if "matched" in name_of(page, place):
            continue
        turned(page, place, turn)
        if page.locator("body").get_attribute("data-state") == "won":
            return
        known.setdefault(re.sub(r"^Card \d+, |, matched$", "", name_of(page, place)), []).append(place)
    for pair in known.values():
        for place in pair:
            if page.locator("[data-memo]").count() and "matched" not in name_of(page, place):
                turned(page, place, turn)


def test_by_keyboard_alone_it_ends_on_the_coupon(phone, address, memory):
    page = opened(phone(reduced_motion="reduce"), address, memory())

    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-lies]')"):
            break
    assert page.evaluate("document.activeElement.ariaLabel") == "Card 1, hidden"
    find_pairs(page, by_arrows(page))
    page.wait_for_selector("[data-state=won]")

    assert page.locator("h1").inner_text() == "You won 20% off"
    assert page.evaluate("document.activeElement === document.querySelector('h1')")
    assert re.fullmatch(r"All pairs in \d moves", page.locator(".stage__said").inner_text())
    assert Reward.objects.count() == Play.objects.count() == 1
    page.reload()
    assert page.locator(".code__text").inner_text().startswith("CODE-")


def test_arrows_stay_on_the_table_and_follow_the_direction_of_the_page(phone, address, memory):
    page = opened(phone(), address, memory())
    here = "document.activeElement.value"
    page.locator("[value='1'][data-lies]").focus()

    for key, place in [("ArrowLeft", 1), ("ArrowUp", 1), ("ArrowRight", 2), ("ArrowDown", 5), ("End", 6),
                       ("ArrowDown", 6), ("Home", 1)]:  # fmt: skip
        page.keyboard.press(key)
        assert page.evaluate(here) == str(place)
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(here) == "2"
    assert page.locator("[data-lies][tabindex='0']").count() == 1


def test_the_focus_stays_on_the_card_that_was_turned_and_its_name_says_what_it_is(phone, address, memory):
    page = opened(phone(), address, memory())

    turned(page, 4, by_click(page))

    name = page.evaluate("document.activeElement.ariaLabel")
    assert re.fullmatch(r"Card 4, (coffee cup|star|leaf)", name)
    assert page.locator("h1").inner_text() == "0 of 3 pairs"


@pytest.mark.parametrize("dark", ["false", "true"])
def test_it_is_for_everyone_in_every_state(phone, address, memory, axe, *, dark):
    page = opened(phone(reduced_motion="reduce"), address, memory(pairs=10, clock=60), darkMode=dark)
    check(page, axe)

    for place in (1, 2):
        turned(page, place, by_click(page))
    page.get_by_text("Give up?").click()
    check(page, axe)
    page.get_by_text("Yes, end this game").click()
    page.wait_for_selector("[data-state=lost]")
    page.wait_for_timeout(300)
    check(page, axe)

    opened(page, address, memory(), darkMode=dark)
    find_pairs(page, by_click(page))
    page.wait_for_selector("[data-state=won]")
    page.wait_for_timeout(300)
    check(page, axe)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_every_target_is_large_enough_for_a_thumb(phone, address, memory):
    page = opened(phone(viewport={"width": 320, "height": 568}), address, memory(pairs=10, clock=60))
    turned(page, 1, by_click(page))
    page.evaluate("() => Promise.all(document.getAnimations().map(each => each.finished))")

    boxes = [
        each.bounding_box() for each in page.locator("[data-memo] button:visible, [data-memo] summary").all()
    ]

    assert len(boxes) > 20
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44


def test_a_closed_page_finds_the_game_as_it_was_left(phone, address, memory):
    page = opened(phone(), address, memory())
    turned(page, 1, by_click(page))
    name = name_of(page, 1)

    page.reload()

    assert name_of(page, 1) == name
    assert page.locator(HIDDEN).count() == 5
    assert Participation.objects.get().status == "in-progress"


def test_a_double_click_and_a_second_tab_turn_a_card_once(phone, address, memory):
    campaign = memory()
    page = opened(phone(), address, campaign)
    other = opened(phone(), address, campaign)

    page.locator("[value='2'][data-lies]").dblclick()
    until(page, "document.querySelectorAll('[data-lies=open]').length === 1")
    other.locator("[value='5'][data-lies]").click()
    until(other, "document.querySelectorAll('[data-lies=open]').length === 1")

    assert "hidden" not in name_of(other, 2), "the second tab is shown how the game stands"
    assert Participation.objects.get().state["moves"] == 1


def test_no_hidden_card_is_in_the_page_or_in_an_answer(phone, address, memory):
    page = phone(reduced_motion="reduce")
    bodies = []
    page.on(
        "response", lambda answer: "/reward/" in answer.url and answer.ok and bodies.append(answer.text())
    )
    opened(page, address, memory())

    turned(page, 1, by_click(page))
    name = re.sub(r"^Card 1, ", "", name_of(page, 1))

    others = {"coffee cup", "star", "leaf"} - {name}
    assert len(bodies) == 2
    assert not [each for each in others if any(each in body for body in bodies)]


def test_an_answer_lost_on_the_way_is_fetched_again(phone, address, memory):
    page = opened(phone(expect_complaints=("ERR_FAILED",)), address, memory())

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/reward/play/**", lose, times=1)
    page.locator("[value='3'][data-lies]").click()
    page.wait_for_selector("[data-state=offline]")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector("[data-state=in-progress]")

    assert page.locator(HIDDEN).count() == 5
    assert Participation.objects.get().state["moves"] == 1


def test_without_script_each_card_is_a_button_of_a_plain_form(phone, address, memory):
    page = phone(bridge=None, java_script_enabled=False)
    page.goto(address("/reward/", campaignId=memory().id))

    for place in range(1, 7):
        if page.locator(f"[value='{place}'][data-lies=hidden]").count():
            page.locator(f"[value='{place}'][data-lies]").click()
    symbols = {}
    for place in range(1, 7):
        symbols.setdefault(name_of(page, place).split(", ")[1], []).append(place)
    assert page.locator(HIDDEN).count() < 6
    page.get_by_text("Give up?").click()
    page.get_by_text("Yes, end this game").click()

    assert page.locator("h1").inner_text() == "No prize this time"
    assert "of 3 pairs" in page.locator(".stage__said").inner_text()


def test_the_clock_warns_is_extended_and_turned_off(phone, address, memory):
    page = opened(phone(), address, memory(clock=21))
    assert page.locator("[data-left]").inner_text() == "21"
    turned(page, 1, by_click(page))
    until(page, "document.querySelector('[data-warn]').textContent.startsWith('20 seconds')")

    page.get_by_role("button", name="More time").click()
    until(page, "Number(document.querySelector('[data-left]').textContent) > 30")
    assert page.evaluate("document.activeElement.value") == "more"
    page.get_by_role("button", name="No clock").click()
    page.wait_for_selector("[data-left]", state="detached")

    assert page.evaluate("document.activeElement.matches('[data-lies]')")


def test_when_the_time_is_up_the_page_says_so_and_the_game_goes_on(phone, address, memory):
    page = opened(phone(expect_complaints=("409",)), address, memory(clock=10))
    turned(page, 1, by_click(page))
    state = Participation.objects.get()
    state.state["until"] -= 11
    Participation.objects.filter(pk=state.pk).update(state=state.state)

    page.locator("[value='2'][data-lies]").click()
    until(page, "document.querySelector('h1').textContent === 'Your time is up'")
    assert page.evaluate("document.activeElement.value") == "more"
    page.keyboard.press("Enter")
    until(page, "document.querySelector('h1').textContent === '0 of 3 pairs'")

    turned(page, 2, by_click(page))
    assert Participation.objects.get().plays == 0


def test_in_forced_colours_the_cards_are_still_there(phone, address, memory):
    page = opened(phone(forced_colors="active", reduced_motion="reduce"), address, memory())

    turned(page, 1, by_click(page))

    assert page.locator(".memo").bounding_box()["height"] > 150
    assert page.locator(".memo__symbol").bounding_box()["width"] > 30
