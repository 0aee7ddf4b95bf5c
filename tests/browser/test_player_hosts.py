"""The exact texts that pass between a page and the apps around it, in both directions, on each platform.

The hosts are as strict as the real ones: a call without its object, or with anything but one text, throws.
"""

import json
import re
from itertools import product

import pytest

from tests.browser.conftest import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEEP = """window.sent = [];
function keep(host, args) {
  if (host !== OWNER()) throw new TypeError("Illegal invocation");
  if (args.length !== 1 || typeof args[0] !== "string") throw new TypeError("Not one text");
  window.sent.push(args[0]);
}
"""
HOSTS = {
    "ios": (
        "webkit.messageHandlers.callback",
        "window.webkit = { messageHandlers: { callback: { postMessage(...args) { keep(this, args); } } } };",
    ),
    "android": ("app", "window.app = { callback(...args) { keep(this, args); } };"),
    "react-native": (
        "ReactNativeWebView",
        "window.ReactNativeWebView = { postMessage(...args) { keep(this, args); } };",
    ),
}
ASK = """async ([name, answers]) => {
    const { connect } = await import([...document.scripts].find(each => each.type === "module").src
        .replace("player.js", "bridge.js"));
    window.sent.length = 0;
    const answer = connect({ user: "u_20841", origins: [] }).ask(name);
    const [text] = window.sent;
    const { requestId } = JSON.parse(text).data;
    for (const [kind, message] of answers) {
        const whole = { ...message, data: { requestId, ...message.data } };
        window.sdkCallback(kind === "text" ? JSON.stringify(whole) : whole);
    }
    return [text, requestId, await answer];
}"""


@pytest.fixture(params=HOSTS)
def app(request, phone):
    """A page within an app of this platform."""
    owner, host = HOSTS[request.param]
    return phone(bridge=KEEP.replace("OWNER()", f"window.{owner}") + host, reduced_motion="reduce")


def heard(page, count):
    """What the app was told: so many texts, without the time of day."""
    until(page, "window.sent.length >= arg", count)
    return [re.sub(r"\d{4}-[\d-]+T[\d:.]+Z", "NOW", text) for text in page.evaluate("window.sent")]


def told(name, data):
    return json.dumps(
        {"user_id": "u_20841", "eventName": name, "data": data}, separators=(",", ":"), ensure_ascii=False
    )


def analytics(name, **properties):
    return told("ANALYTICS", {"timestamp": "NOW", "event_name": name, "event_properties": properties})


def test_a_strip_tells_that_it_is_there_how_high_it_is_and_what_to_open(app, address, wheel):
    app.goto(address("/wallet/", isEmbedded="true"))
    height = app.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")

    assert sorted(heard(app, 3)) == sorted(
        [
            told("HIDE_LOADER", None),
            analytics("wallet_interaction", pageName="wallet", action="load_success"),
            told("DIMENSIONS_UPDATE", {"height": height}),
        ]
    )
    link = app.get_by_role("link", name="Autumn wheel")
    container = {"type": "full-default", "absoluteHeight": 0, "relativeHeight": 100}
    content = {"type": "CAMPAIGN", "url": link.evaluate("each => each.href"), "campaignId": str(wheel.id)}
    app.evaluate("window.sent.length = 0")
    link.click()

    assert heard(app, 1) == [
        told("OPEN_CG_WEBVIEW", {"content": content, "container": container, "hidePrevious": "false"})
    ]


def test_a_play_is_told_by_the_name_that_makes_the_app_load_anew(app, address, wheel):
    app.goto(address("/reward/", campaignId=wheel.id))
    heard(app, 1)
    app.evaluate("window.sent.length = 0")
    app.get_by_role("button", name="Spin the wheel").click()
    app.wait_for_selector("[data-state=won]")
    attempt = app.evaluate("new URLSearchParams(location.search).get('rewardUserId')")

    assert heard(app, 1) == [
        analytics(
            "GAME_PLAYED",
            campaign_id=str(wheel.id),
            campaign_type="spinthewheel",
            reward_user_id=attempt,
            won=True,
            outcome="20% off",
        )
    ]


def test_an_unknown_campaign_is_told_beside_the_wallet(app, address):
    app.goto(address("/reward/", campaignId="nonsense"))
    unknown = {"campaignId": "nonsense", "message": "Invalid campaignId, opening Wallet"}

    assert told("CG_INVALID_CAMPAIGN_ID", unknown) in heard(app, 3)


def test_an_answer_is_read_as_an_object_or_as_a_text_and_only_by_whoever_asked(app, address):
    app.goto(address("/wallet/"))
    names = {"REQUEST_API_DATA": "REQUEST_API_RESULT", "REFRESH_API_DATA": "REFRESH_API_DATA_RESULT"}
    parts = {"rewardsResponse": '{"success":true}', "programsResponse": "{}"}

    for name, kind in product(names, ("object", "text")):
        answer = {"eventName": names[name], "data": parts}
        stranger = {**answer, "data": {"requestId": "somebody else's", "rewardsResponse": "no"}}
        late = {**answer, "data": {"rewardsResponse": "too late"}}
        text, request_id, got = app.evaluate(ASK, [name, [[kind, each] for each in (stranger, answer, late)]])
        assert text == told(name, {"requestId": request_id})
        assert got == {"requestId": request_id, **parts}
