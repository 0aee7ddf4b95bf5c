"""Every state of the player pages: for everyone, at every width, and before the play without its result."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import engine, publishing
from glu_admin.workspaces.audit import Actor
from rewards.models import Reward
from rewards.tables import OutcomeDraft
from tests.browser.conftest import FULL
from tests.factories import EndUserFactory, identity_of, launched_campaign, token_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ACTOR = Actor("a test")
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmütze and a cup of coffee"


def check(page, axe):
    """Nothing to complain of, and nothing to scroll sideways at 320 px, left to right and right to left.

    What there is to complain of from right to left only, test_player_matrix.py finds in Arabic; with
    --full this looks as well."""
    for direction in ("ltr", "rtl"):
        page.evaluate("to => { document.documentElement.dir = to; }", direction)
        found = axe(page) if FULL or direction == "ltr" else []
        assert not found, found
        page.set_viewport_size({"width": 320, "height": 568})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.set_viewport_size({"width": 360, "height": 720})
    assert page.locator("h1").count() == 1
    page.evaluate("document.documentElement.dir = 'ltr'")


def outcomes(count):
    prizes = [
        OutcomeDraft(name=name, weight=1, reward_type="freebie", body=LONG, terms=(LONG,))
        for name in [LONG, *(f"Prize {n}" for n in range(2, count))]
    ]
    return (*prizes, OutcomeDraft(name="Not this time", weight=0, reward_type="noReward", is_fallback=True))


def win(person, campaign, now=None):
    engine.act(identity_of(person), str(campaign.id), key="k", body={}, now=now or timezone.now())


@pytest.mark.parametrize("dark", ["false", "true"])
def test_a_game_is_for_everyone_from_the_first_look_to_the_coupon(phone, address, test_env, axe, dark):
    wheel = launched_campaign(test_env, weights=(1, 0, 0, 0), plays_a_day=2)
    page = phone(reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=wheel.id, darkMode=dark))
    page.get_by_text("Prizes and chances").click()
    check(page, axe)

    page.context.set_offline(True)
    page.wait_for_selector("[data-state=offline]")
    check(page, axe)
    page.context.set_offline(False)
    page.wait_for_selector("[data-state=pristine]")

    page.get_by_role("button", name="Spin the wheel").click()
    page.wait_for_selector("[data-state=won]")
    page.get_by_text("Terms").click()
    page.wait_for_timeout(300)
    check(page, axe)


def test_no_prize_and_every_closed_state_are_for_everyone(phone, address, test_env, axe):
    lost = launched_campaign(test_env, weights=(0, 0, 0, 1), plays_a_day=1)
    later = launched_campaign(test_env, starts_at=timezone.now() + timedelta(days=3))
    gone = OutcomeDraft(name="A mug", weight=1, reward_type="freebie", stock_limit=1)
    sold_out = launched_campaign(test_env, outcomes=(gone, outcomes(2)[-1]))
    win(EndUserFactory(environment=test_env), sold_out)
    page = phone(reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=lost.id))
    page.get_by_role("button", name="Spin the wheel").click()
    page.wait_for_selector("[data-state=lost]")
    page.wait_for_timeout(300)
    check(page, axe)

    states = {"not_started": later, "sold_out": sold_out}
    for state, wheel in states.items():
        page.goto(address("/reward/", campaignId=wheel.id))
        assert page.locator("body").get_attribute("data-state") == state
        check(page, axe)
    for state, change in {"paused": publishing.pause, "ended": publishing.end}.items():
        change(lost, ACTOR)
        page.goto(address("/reward/", campaignId=lost.id))
        assert page.locator("body").get_attribute("data-state") == state
        check(page, axe)


def test_the_largest_wheel_with_the_longest_names_is_for_everyone(phone, address, test_env, axe):
    wheel = launched_campaign(test_env, outcomes=outcomes(12), config={"title": LONG})
    page = phone(reduced_motion="reduce")

    page.goto(address("/reward/", campaignId=wheel.id))
    check(page, axe)
    page.get_by_role("button", name="Spin the wheel").click()
    page.wait_for_selector("[data-state=won]")
    page.wait_for_timeout(300)
    check(page, axe)


@pytest.mark.parametrize("dark", ["false", "true"])
def test_the_wallet_is_for_everyone_empty_and_full(phone, live_server, test_env, axe, dark):
    person = EndUserFactory(environment=test_env, user_name=LONG)
    address = f"{live_server.url}/wallet/?token={token_of(person)}&darkMode={dark}"
    page = phone()
    page.goto(address)
    check(page, axe)

    for weights in [(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)]:
        wheel = launched_campaign(test_env, weights=weights, plays_a_day=1)
        win(person, wheel)
    then = timezone.now() - timedelta(days=40)
    old = launched_campaign(test_env, name=LONG, weights=(1, 0, 0, 0), now=then)
    win(person, old, then)
    page.goto(address)
    assert page.locator(".tile").count() == 8
    check(page, axe)


def test_the_page_of_a_refused_visit_is_for_everyone(phone, live_server, axe):
    page = phone(expect_complaints=("401",))
    for dark in ("false", "true"):
        page.goto(f"{live_server.url}/wallet/?token=abc.def.ghi&darkMode={dark}")
        check(page, axe)


def test_text_of_twice_the_size_still_fits(phone, address, test_env):
    wheel = launched_campaign(test_env, weights=(1, 0, 0, 0))
    page = phone(reduced_motion="reduce", viewport={"width": 320, "height": 640})
    page.goto(address("/reward/", campaignId=wheel.id))
    page.get_by_role("button", name="Spin the wheel").click()
    page.wait_for_selector("[data-state=won]")

    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_nothing_of_a_result_reaches_the_browser_before_the_play(phone, address, test_env):
    codes = [f"PLANTED-{n}" for n in range(5)]
    wheel = launched_campaign(test_env, weights=(1, 0, 0, 0), codes=codes)
    page = phone(reduced_motion="reduce")
    texts = []
    page.on("response", lambda answer: texts.append(answer.text()) if answer.ok else None)
    page.goto(address("/wallet/"))
    page.goto(address("/reward/", campaignId=wheel.id))
    page.wait_for_load_state("networkidle")

    before = "".join(texts) + page.content()
    page.get_by_role("button", name="Spin the wheel").click()
    page.wait_for_selector("[data-state=won]")

    assert "PLANTED" not in before
    assert page.locator(".code__text").inner_text() in codes
    assert Reward.objects.count() == 1


def test_the_first_paint_waits_for_three_requests_at_most(phone, address, test_env):
    wheel = launched_campaign(test_env)
    page = phone()
    page.goto(address("/reward/", campaignId=wheel.id))

    blocking = page.evaluate(
        "performance.getEntriesByType('resource').filter(each => each.renderBlockingStatus === 'blocking')"
        ".map(each => new URL(each.name).pathname)"
    )
    assert len(blocking) <= 2  # and the page itself
