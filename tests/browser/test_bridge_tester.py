"""The bridge tester: what a page tells the app stands there as sent, and says if an app could read it."""

import pytest

from tests.browser.test_console import company, desk, judge, quick_passwords  # noqa: F401  # fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def opened(desk, company, **more):  # noqa: F811  # the fixture's value
    desk.goto(f"{desk.base}/c/test/bridge/")
    desk.get_by_label("User id").fill("u_mia")
    desk.get_by_label("Page").select_option(label=more.get("page", "Weekend spin"))
    if more.get("embedded"):
        desk.get_by_label("Embedded in a screen").check()
    desk.get_by_role("button", name="Open the page").click()
    return desk.frame_locator("[data-phone]")


def test_each_message_of_a_play_is_listed_and_readable(desk, company, axe):  # noqa: F811
    page = opened(desk, company)
    page.get_by_role("button", name="Spin the wheel").click()
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Close").click()

    desk.locator("[data-messages] b", has_text="CLOSE").wait_for()
    names = desk.locator("[data-messages] b").all_inner_texts()
    assert {"HIDE_LOADER", "ANALYTICS", "SHARE", "CLOSE"} <= set(names)
    assert set(desk.locator("[data-verdict]").all_inner_texts()) == {"readable"}
    assert '"channelName":"OTHERS"' in desk.locator("[data-messages] li", has_text="SHARE").inner_text()
    assert judge(desk, axe) == []


def test_an_embedded_wallet_asks_for_its_height(desk, company):  # noqa: F811
    opened(desk, company, page="Wallet", embedded=True)

    desk.locator("[data-messages] b", has_text="DIMENSIONS_UPDATE").wait_for()


def test_what_an_app_could_not_read_is_called_so(desk, company):  # noqa: F811
    page = opened(desk, company, page="Wallet")
    page.locator("h1").wait_for()
    frame = desk.frames[1]
    frame.evaluate("parent.postMessage({ eventName: 'CLOSE' }, '*')")
    frame.evaluate("parent.postMessage(JSON.stringify({ eventName: 'SHARE', data: { text: 'hi' } }), '*')")

    desk.locator("[data-verdict]", has_text="wrong or missing: channelName, image").wait_for()
    desk.locator("[data-verdict]", has_text="not a text").wait_for()


def test_somebody_unknown_is_named_at_the_field(desk, company):  # noqa: F811
    desk.goto(f"{desk.base}/c/test/bridge/?user_id=nobody&page=wallet")

    desk.locator(".field__error", has_text="Nobody has this user id").wait_for()


def test_live_opens_nobody_s_wallet(desk, company):  # noqa: F811
    desk.goto(f"{desk.base}/c/live/bridge/")

    desk.get_by_text("Only in Test").wait_for()
    assert desk.locator("[data-phone]").count() == 0
