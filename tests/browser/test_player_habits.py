"""Streaks and cards of stamps on a phone: what a day or a place says, by eye, by ear, by keyboard."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from campaigns.models import Participation, Play
from campaigns.types import get_type
from campaigns.types.base import Happening, Moment
from tests.browser.conftest import until
from tests.browser.programs import program, stands
from tests.browser.test_player_looks import check
from tests.campaigns.programs import did

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOUGHT = {"event": "bought", "where": []}


@pytest.fixture
def utc(mia):
    """Somebody whose days are those of the tests."""
    mia.profile = {"timezone": "UTC"}
    mia.save(update_fields=["profile"])
    return mia


def moment(days_ago=0.0):
    return Moment(timezone.now() - timedelta(days=days_ago), ZoneInfo("UTC"))


@pytest.fixture
def streak(test_env, utc):
    """A streak of somebody who checked in so many days ago."""

    def make(*days_ago, **config):
        campaign = program(test_env, "streak", **config)
        kind, state = get_type("streak"), {}
        for each in sorted(days_ago, reverse=True):
            state = kind.act(campaign.config, state, {}, moment(each)).state
        if state:
            stands(campaign, utc, state, "completed" if "over" in state else "in-progress")
        return campaign

    return make


@pytest.fixture
def card(test_env, utc):
    """A card of somebody who bought so many days ago."""

    def make(*days_ago, **config):
        campaign = program(test_env, "collectthestamps", **{"trigger": BOUGHT, **config})
        kind, state = get_type("collectthestamps"), {}
        for each in sorted(days_ago, reverse=True):
            at = moment(each)
            state = kind.happened(campaign.config, state, Happening("e", "bought", at.now), at).state
        if state:
            stands(campaign, utc, state, "completed" if "over" in state else "in-progress")
        return campaign

    return make


def opened(page, address, campaign, **query):
    page.goto(address("/program/", campaignId=campaign.id, **query))
    page.wait_for_load_state("networkidle")
    return page


def heard(page, selector):
    """What somebody hears of each item of a list."""
    return [" ".join(each.split()) for each in page.locator(f"{selector} .quiet-live").all_text_contents()]


def days(page):
    return [each.rpartition(": ")[2] for each in heard(page, ".day")]


def test_each_day_says_in_words_what_it_is(phone, address, streak):
    page = opened(phone(), address, streak(5, 4, 2, 1, freezes=1, freezes_at_start=1))

    words = days(page)
    now = words.index("to do today")

    assert words[now - 5 : now] == ["done", "done", "saved by a freeze", "done", "done"]
    assert set(words[now + 1 :]) == {"to come"} and set(words[: now - 5]) <= {"nothing to do"}
    assert page.locator("h1").inner_text() == "Day 5 of 7"
    assert page.locator(".say").inner_text() == "To do: the day ends today at 23:59"
    assert page.locator("[aria-current=date]").count() == 1


def test_by_keyboard_alone_a_check_in_makes_a_day(phone, address, streak):
    page = opened(phone(reduced_motion="reduce"), address, streak(1))

    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#play') !== null"):
            break
    page.keyboard.press("Enter")
    until(page, "document.querySelector('h1').textContent === 'Day 2 of 7: done'")

    assert page.evaluate("document.activeElement === document.querySelector('h1')")
    assert "done" in heard(page, "[aria-current=date]")[0]
    assert page.locator("#play").count() == 0
    assert not Play.objects.exists()
    page.reload()
    assert page.locator("h1").inner_text() == "Day 2 of 7: done"


def test_the_check_in_that_reaches_a_milestone_shows_the_reward_and_goes_on(phone, address, streak):
    page = opened(phone(), address, streak(2, 1))

    page.get_by_role("button", name="Check in").dblclick()
    page.wait_for_selector("[data-state=won]")

    assert page.locator("h1").inner_text() == "You won 50 points"
    assert Play.objects.count() == 1
    page.get_by_role("link", name="Go on").click()
    assert page.locator("h1").inner_text() == "Day 3 of 7: done"


def test_without_a_script_people_check_in_and_pause(phone, address, streak):
    page = phone(java_script_enabled=False, bridge=None)
    opened(page, address, streak(1, pause_days=3))

    page.get_by_role("button", name="Check in").click()
    assert page.locator("h1").inner_text() == "Day 2 of 7: done"
    page.get_by_text("Away for some days?").click()
    page.get_by_role("button", name="Pause my streak").click()

    assert "Your pause begins tomorrow" in page.locator(".pause").inner_text()


def test_a_pause_is_made_and_ended_on_the_page(phone, address, streak):
    page = opened(phone(reduced_motion="reduce"), address, streak(1, pause_days=3))

    page.get_by_text("Away for some days?").click()
    page.get_by_role("button", name="Pause my streak").click()
    until(page, "document.querySelector('h1').textContent === 'Your streak is paused'")
    page.get_by_role("button", name="Go on now").click()
    until(page, "document.querySelector('h1').textContent === 'Day 2 of 7'")

    assert page.get_by_role("button", name="Check in").count() == 1


def test_a_page_that_was_left_open_over_midnight_checks_in_for_no_other_day(phone, address, streak):
    page = opened(phone(), address, streak(1))
    page.locator("[name='action.day']").evaluate("(field, day) => { field.value = day; }", "2026-01-01")

    page.get_by_role("button", name="Check in").click()
    page.wait_for_timeout(500)

    assert Participation.objects.get().state["marks"] == "x"
    assert page.locator("h1").inner_text() == "Day 2 of 7"


STREAKS = [
    ((), {}),
    ((2, 1), {"pause_days": 7}),
    ((1, 0), {"pause_days": 7}),
    ((12, 11, 9, 8, 3, 2), {"freezes": 2, "repair_days": 2, "repair_times": 2}),
    ((6, 5, 4, 3, 2, 1, 0), {}),
    ((20, 19, 13, 12, 1, 0), {"period": "week", "goal": 2, "milestones": [2, 4], "after": "repeats"}),
]


@pytest.mark.parametrize("dark", ["false", "true"])
def test_a_streak_is_for_everyone_in_every_state(phone, address, streak, axe, *, dark):
    page = phone(reduced_motion="reduce")
    for days_ago, config in STREAKS:
        opened(page, address, streak(*days_ago, **config), darkMode=dark)
        for each in page.locator("details").all():
            each.evaluate("details => { details.open = true; }")
        check(page, axe)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


CARDS = [
    ((), {}),
    ((9, 8, 1, 0), {"size": 8, "rewards_at": [3, 6], "valid_days": 30, "pace": "day"}),
    (range(14), {"cards": 0, "every": 1}),
    (range(10), {}),
    (range(17), {"size": 20, "rewards_at": []}),
]


@pytest.mark.parametrize("dark", ["false", "true"])
def test_a_card_is_for_everyone_in_every_state(phone, address, card, axe, *, dark):
    page = phone(reduced_motion="reduce")
    for days_ago, config in CARDS:
        opened(page, address, card(*days_ago, **config), darkMode=dark)
        check(page, axe)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_each_place_on_the_card_says_what_it_holds_and_brings(phone, address, card):
    page = opened(phone(), address, card(0, 0, size=4, rewards_at=[3]))

    spoken = heard(page, ".spot")

    assert [each.partition(":")[2].strip().partition(",")[0] for each in spoken] == [
        "collected", "collected", "to collect", "to collect",
    ]  # fmt: skip
    assert spoken[2:] == ["Stamp 3: to collect, brings a reward", "Stamp 4: to collect, brings a reward"]
    brings = " ".join(page.locator(".brings").inner_text().split())
    assert brings == "Stamp 3 50 points Full card 100 points"


def test_a_stamp_comes_onto_the_open_page_and_so_does_the_reward(phone, address, test_env, utc, card):
    page = opened(phone(reduced_motion="reduce"), address, card(0, size=3, rewards_at=[]))

    did(test_env, utc, "bought")
    until(page, "document.querySelectorAll('.spot--stamped').length === 2")
    did(test_env, utc, "bought")
    page.wait_for_selector("[data-state=won]")

    assert page.locator("h1").inner_text() == "You won 50 points"
    page.reload()
    assert page.locator("h1").inner_text() == "Your card is full"


@pytest.mark.parametrize("name", ["streak", "card"])
def test_every_target_is_large_enough_and_colours_may_be_forced(phone, address, request, name):
    page = phone(viewport={"width": 320, "height": 568}, forced_colors="active")
    make = request.getfixturevalue(name)
    opened(page, address, make(1, pause_days=7) if name == "streak" else make(1))

    for each in page.locator("main button:visible, main a:visible, [data-stage] summary:visible").all():
        box = each.bounding_box()
        assert min(box["width"], box["height"]) >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
