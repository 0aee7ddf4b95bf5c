"""A spin on a phone: by keyboard, in a hurry, twice, and while the connection dies."""

import json
import re

import pytest

from campaigns.models import Play
from rewards.models import Reward
from tests.browser.conftest import until
from tests.factories import EndUserFactory, launched_campaign, token_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def messages(page):
    return [json.loads(text) for text in page.evaluate("window.sent")]


def heading(page):
    return page.locator("h1").inner_text()


def spin(page):
    page.get_by_role("button", name="Spin the wheel").click()


def landed(page, state="won"):
    page.wait_for_selector(f"[data-state={state}]")


def test_a_spin_by_keyboard_alone_ends_on_the_coupon(phone, address, wheel):
    page = phone()
    page.goto(address("/reward/", campaignId=wheel.id))
    assert page.evaluate("getComputedStyle(document.querySelector('.wheel')).display") == "block"
    page.wait_for_selector("[data-sound]:not([hidden])")  # before that the form plays by itself

    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Spin the wheel":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("[aria-disabled=true]")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    landed(page)

    code = page.locator(".code__text").inner_text()
    assert code.startswith("CODE-")
    assert heading(page) == "You won 20% off"
    assert page.title() == "You won 20% off · Brewline"
    assert page.evaluate("document.activeElement === document.querySelector('h1')")
    assert Reward.objects.count() == 1
    page.get_by_role("link", name="Open my wallet").click()
    assert page.locator(".tile__code").inner_text() == code


@pytest.mark.timed
def test_the_whole_motion_takes_no_longer_than_it_should(phone, address, wheel):
    page = phone()
    page.goto(address("/reward/", campaignId=wheel.id))
    page.evaluate("window.began = performance.now()")

    spin(page)
    landed(page)

    assert 2500 < page.evaluate("performance.now() - window.began") < 5500
    moved = page.evaluate("document.querySelector('.wheel__disc').style.transform")
    assert int(re.match(r"rotate\((\d+)", moved)[1]) > 360 * 4


@pytest.mark.timed
def test_with_reduced_motion_the_result_comes_at_once(phone, address, wheel):
    page = phone(reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=wheel.id))
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

    spin(page)
    landed(page)

    assert page.evaluate("window.shown - window.answered") <= 600


@pytest.mark.timed
@pytest.mark.parametrize("how", ["Escape", "tap"])
def test_the_motion_can_be_skipped(phone, address, wheel, how):
    page = phone()
    page.goto(address("/reward/", campaignId=wheel.id))
    spin(page)
    until(page, "document.querySelector('.wheel__disc').getAnimations().length > 0")
    page.wait_for_timeout(700)
    page.evaluate("window.skipped = performance.now()")

    if how == "tap":
        page.mouse.click(20, 600)
    else:
        page.keyboard.press("Escape")
    landed(page)

    assert page.evaluate("performance.now() - window.skipped") < 1000


@pytest.mark.timed
def test_a_double_click_plays_once_and_does_not_skip(phone, address, wheel):
    page = phone()
    page.goto(address("/reward/", campaignId=wheel.id))

    page.get_by_role("button", name="Spin the wheel").dblclick()
    page.wait_for_timeout(1000)

    assert page.locator("body").get_attribute("data-state") == "playing"
    page.keyboard.press("Escape")
    landed(page)
    assert Play.objects.count() == 1


def test_a_reload_in_the_middle_shows_the_same_play(phone, address, wheel):
    page = phone()
    page.goto(address("/reward/", campaignId=wheel.id))
    spin(page)
    until(page, "document.querySelector('.wheel__disc').getAnimations().length > 0")

    page.reload()
    page.wait_for_timeout(1000)
    page.keyboard.press("Escape")
    landed(page)

    assert Play.objects.count() == 1
    assert page.evaluate("sessionStorage.length") == 0


def test_an_answer_lost_on_the_way_is_fetched_again(phone, address, wheel):
    page = phone(reduced_motion="reduce", expect_complaints=("ERR_FAILED",))
    page.goto(address("/reward/", campaignId=wheel.id))

    def lose(route):
        route.fetch()  # the server plays, the phone never hears of it
        route.abort()

    page.route("**/reward/play/**", lose, times=1)
    spin(page)
    landed(page, "offline")
    assert heading(page) == "You are offline"
    assert page.get_by_text("No connection. Nothing is lost.").is_visible()
    assert Play.objects.count() == 1
    assert ".code" not in page.content()

    page.get_by_role("button", name="Try again").click()
    landed(page)

    assert Play.objects.count() == 1
    assert page.locator(".code__text").inner_text().startswith("CODE-")


def test_a_page_left_while_offline_goes_on_with_the_same_play(phone, address, wheel):
    page = phone(reduced_motion="reduce", expect_complaints=("ERR_FAILED",))
    page.goto(address("/reward/", campaignId=wheel.id))

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/reward/play/**", lose, times=1)
    spin(page)
    landed(page, "offline")

    page.reload()
    landed(page)

    assert Play.objects.count() == 1


def test_a_play_left_open_is_not_tried_for_the_next_person_in_the_tab(phone, address, wheel, test_env):
    page = phone(reduced_motion="reduce", expect_complaints=("ERR_FAILED",))
    page.goto(address("/reward/", campaignId=wheel.id))
    page.route("**/reward/play/**", lambda route: route.abort(), times=1)
    spin(page)
    landed(page, "offline")

    other = token_of(EndUserFactory(environment=test_env), kind="page")
    page.goto(address("/reward/", campaignId=wheel.id, token=other))
    page.wait_for_timeout(500)

    assert page.locator("body").get_attribute("data-state") == "pristine"
    spin(page)
    landed(page)


def test_without_a_connection_nothing_is_played(phone, address, wheel):
    page = phone()
    page.goto(address("/reward/", campaignId=wheel.id))
    page.locator("[data-sound]").wait_for()  # the game is there
    page.context.set_offline(True)
    landed(page, "offline")
    assert page.get_by_role("button", name="Spin the wheel").count() == 0

    page.get_by_role("button", name="Try again").click()
    assert heading(page) == "You are offline"
    page.context.set_offline(False)
    landed(page, "pristine")

    assert Play.objects.count() == 0
    assert page.get_by_role("button", name="Spin the wheel").is_visible()
    assert page.locator("[data-bar]").is_hidden()


def test_a_won_code_stays_in_sight_when_the_connection_goes(phone, address, wheel):
    page = phone(reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=wheel.id))
    spin(page)
    landed(page)

    page.context.set_offline(True)
    page.wait_for_selector("[data-bar]:not([hidden])")

    assert page.locator(".code__text").is_visible()


def test_a_fault_on_the_server_can_be_tried_again(phone, address, wheel):
    page = phone(reduced_motion="reduce", expect_complaints=("503",))
    page.goto(address("/reward/", campaignId=wheel.id))
    page.route("**/reward/play/**", lambda route: route.fulfill(status=503, body="{}"), times=1)
    spin(page)
    landed(page, "error")
    assert heading(page) == "Something went wrong on our side"

    page.get_by_role("button", name="Try again").click()
    landed(page)

    assert Play.objects.count() == 1


def test_a_visit_that_ends_before_the_play_asks_the_app(phone, address, wheel, mia):
    page = phone(expect_complaints=("401",))
    page.goto(address("/reward/", campaignId=wheel.id))
    page.wait_for_function("window.sent.some((text) => text.includes('HIDE_LOADER'))")
    mia.token_version = 2
    mia.save()

    spin(page)
    landed(page, "refused")

    assert heading(page) == "Open this again from the app"
    assert messages(page)[-1] == {"user_id": "u_20841", "eventName": "REFRESH_TOKEN", "data": None}
    assert Play.objects.count() == 0


def test_the_wheel_always_rests_in_the_middle_of_the_slice_that_was_won(phone, address, test_env):
    """However wide the slices are; those of one size are a case of it."""
    config = {"title": "Spin to win", "slices": "odds"}
    wheel = launched_campaign(test_env, weights=(4, 2, 1, 1), plays_in_all=12, config=config)
    middles, widths = (0, 135, 202.5, 247.5), (180, 90, 45, 45)
    page = phone(reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=wheel.id))
    places = []

    for turn in range(8):
        with page.expect_response("**/reward/play/**") as answer:
            page.locator("form[data-play] button").click()
        slice_won = answer.value.json()["data"]["reveal"]["slice"]
        page.wait_for_selector("[data-state=won], [data-state=lost]")
        a, b = page.evaluate(
            "() => { const { a, b } = new DOMMatrixReadOnly(getComputedStyle("
            "document.querySelector('.wheel__disc')).transform); return [a, b]; }"
        )
        turned = page.evaluate("([a, b]) => Math.atan2(b, a) * 180 / Math.PI", [a, b])
        drawn = float(page.locator(".wheel").get_attribute("data-turned"))
        under_the_pin = -(turned + drawn) % 360
        away = (under_the_pin - middles[slice_won] + 180) % 360 - 180
        assert abs(away) <= 0.3 * widths[slice_won] + 0.01
        places.append(round(away, 3))
        if turn == 3:
            page.reload()  # from now on the wheel is drawn where it landed

    assert len(set(places)) > 1


def test_a_second_spin_follows_the_first_without_a_reload(phone, address, wheel):
    page = phone(reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=wheel.id))
    spin(page)
    landed(page)
    first = page.locator(".code__text").inner_text()

    page.get_by_role("button", name="Play again").click()
    until(page, "document.querySelector('.code__text')?.textContent !== arg", first)
    landed(page)

    assert Play.objects.count() == 2
    assert page.get_by_role("button", name="Play again").count() == 0
    assert page.get_by_text("You can play again tomorrow.").is_visible()


def test_without_script_a_plain_form_plays(phone, address, wheel):
    page = phone(bridge=None, java_script_enabled=False)
    page.goto(address("/reward/", campaignId=wheel.id))

    spin(page)

    assert page.locator("h1").inner_text() == "You won 20% off"
    assert page.locator(".code__text").inner_text().startswith("CODE-")
    assert Play.objects.count() == 1


def test_sound_is_off_until_somebody_asks_for_it(phone, address, wheel):
    page = phone(reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=wheel.id))
    sound = page.get_by_role("button", name="Sound")
    assert sound.get_attribute("aria-pressed") == "false"

    sound.click()
    page.reload()

    assert page.get_by_role("button", name="Sound").get_attribute("aria-pressed") == "true"


def test_a_played_game_is_reported_to_the_app(phone, address, wheel):
    page = phone(reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=wheel.id))
    spin(page)
    landed(page)

    hide_loader, played = messages(page)
    assert hide_loader == {"user_id": "u_20841", "eventName": "HIDE_LOADER", "data": None}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", played["data"].pop("timestamp"))
    assert played == {
        "user_id": "u_20841",
        "eventName": "ANALYTICS",
        "data": {
            "event_name": "GAME_PLAYED",
            "event_properties": {
                "campaign_id": str(wheel.id),
                "campaign_type": "spinthewheel",
                "reward_user_id": str(Reward.objects.get().reward_user_id),
                "won": True,
                "outcome": "20% off",
            },
        },
    }


@pytest.mark.parametrize("locale", ["es-ES", "ar", "hi-IN"])
def test_a_comma_in_a_language_s_numbers_does_not_stop_the_wheel(phone, address, wheel, locale):
    """A drawing's numbers have points everywhere; `phone` fails for one that the browser can't read."""
    page = phone(locale=locale, reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=wheel.id))
    page.locator("form[data-play] button").click()
    page.wait_for_selector("[data-state=won]")
    page.reload()

    assert page.locator("html").get_attribute("lang") == locale.partition("-")[0]
    assert "," not in page.locator("[data-wheel] svg g").first.get_attribute("transform")


def test_a_person_joins_first_and_then_plays_on_the_same_page(phone, address, test_env):
    wheel = launched_campaign(test_env, weights=(1, 0, 0, 0), plays_in_all=1, earning={"accept": True})
    page = phone(reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=wheel.id))
    until(page, "document.body.hasAttribute('data-ready')")

    page.get_by_role("button", name="Join").click()
    until(page, "!document.querySelector('[name=\"action.accept\"]')")
    assert not Play.objects.exists()
    page.locator("form[data-play] button").click()
    page.wait_for_selector("[data-state=won]")

    assert Play.objects.count() == 1
