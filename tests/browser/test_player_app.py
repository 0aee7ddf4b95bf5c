"""The page and the app around it: what leaves the address, what is posted, and who may frame it."""

import json

import pytest

from campaigns.models import Play
from rewards.tables import OutcomeDraft
from tests.browser.conftest import ANDROID, IOS, until
from tests.factories import EndUserFactory, launched_campaign, token_of, wheel_outcomes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
REACT_NATIVE = (
    "window.sent = []; window.ReactNativeWebView = { postMessage: (text) => window.sent.push(text) };"
)
SHOP = "http://shop.test"


@pytest.fixture
def linked_wheel(test_env):
    """Every play wins a coupon that leads to the app's checkout."""
    coupon, *rest = wheel_outcomes(test_env, weights=(1, 0, 0, 0))
    test_env.deep_link_schemes = ["brewline"]
    test_env.save()
    return launched_campaign(
        test_env,
        outcomes=(OutcomeDraft(**{**coupon.__dict__, "deep_link": "brewline://checkout"}), *rest),
    )


@pytest.mark.parametrize("path", ["/wallet/", "/reward/"])
def test_the_token_leaves_the_address_and_the_rest_stays(phone, address, wheel, path):
    page = phone()

    page.goto(address(path, campaignId=wheel.id, darkMode="true"))

    query = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    assert sorted(query) == ["campaignId", "darkMode", "s"]
    assert page.evaluate("history.length") == 2  # about:blank and this page: no entry holds the token
    assert page.evaluate("sessionStorage.length") == 0
    assert "eyJ" not in page.evaluate("document.cookie + document.documentElement.outerHTML")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


@pytest.fixture
def forgetful(phone):
    """A page whose browser refuses cookies."""
    page = phone(reduced_motion="reduce", expect_complaints=("401",))

    def refuse_cookies(route):
        answer = route.fetch()
        page.context.clear_cookies()
        headers = {name: text for name, text in answer.headers.items() if name != "set-cookie"}
        route.fulfill(response=answer, headers=headers)

    page.route("**/reward/?token=*", refuse_cookies)
    page.route("**/wallet/?token=*", refuse_cookies)
    return page


def test_where_cookies_are_refused_the_tab_remembers(forgetful, address, wheel):
    page = forgetful
    page.goto(address("/reward/", campaignId=wheel.id))
    assert "token" not in page.url
    assert page.context.cookies() == []
    page.reload()
    assert page.locator("h1").inner_text() == "Spin to win"

    page.get_by_role("button", name="Spin the wheel").click()
    page.wait_for_selector("[data-state=won]")
    page.get_by_role("link", name="Open my wallet").click()

    page.wait_for_selector(".tile__code")
    assert "token" not in page.url


def test_a_form_sent_before_the_script_took_over_leads_back_to_the_game(forgetful, address, wheel):
    page = forgetful
    page.goto(address("/reward/", campaignId=wheel.id, darkMode="true"))

    page.evaluate("document.querySelector('form[data-play]').submit()")  # the script hears nothing of it
    page.wait_for_url(f"**/reward/?s=*campaignId={wheel.id}*")
    page.get_by_role("button", name="Spin the wheel").click()
    page.wait_for_selector("[data-state=won]")

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert Play.objects.count() == 1


def test_a_page_whose_time_is_over_asks_the_app(phone, live_server):
    page = phone(expect_complaints=("401",))

    page.goto(f"{live_server.url}/wallet/?token=abc.def.ghi&darkMode=true")

    assert page.locator("h1").inner_text() == "Open this again from the app"
    assert page.url == f"{live_server.url}/wallet/?darkMode=true"
    until(page, "window.sent.length === 2")
    assert page.evaluate("window.sent.map(JSON.parse).map(each => each.eventName).sort()") == [
        "HIDE_LOADER", "REFRESH_TOKEN",
    ]  # fmt: skip


@pytest.mark.parametrize("bridge", [ANDROID, IOS, REACT_NATIVE], ids=["android", "ios", "react-native"])
def test_every_message_is_one_json_text(phone, address, linked_wheel, bridge):
    page = phone(bridge=bridge, reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=linked_wheel.id))
    page.get_by_role("button", name="Spin the wheel").click()
    page.wait_for_selector("[data-state=won]")
    until(page, "window.sent.length === 2")
    page.evaluate("window.sent.length = 0")

    page.get_by_role("link", name="Use it now").click()
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Close").click()

    assert page.evaluate("window.sent.filter(text => !text.includes('ANALYTICS'))") == [
        '{"user_id":"u_20841","eventName":"OPEN_DEEPLINK","data":{"deepLink":"brewline://checkout",'
        '"isHandledByCG":"false","closeOnDeepLink":"true","closeOnDeeplink":"true"}}',
        '{"user_id":"u_20841","eventName":"SHARE","data":{"channelName":"OTHERS",'
        '"text":"I won 20% off at Brewline!","image":""}}',
        '{"user_id":"u_20841","eventName":"CLOSE","data":null}',
    ]


def test_a_link_that_leads_out_is_reported(phone, address, linked_wheel):
    page = phone(reduced_motion="reduce")
    page.goto(address("/reward/", campaignId=linked_wheel.id))
    page.get_by_role("button", name="Spin the wheel").click()
    page.wait_for_selector("[data-state=won]")
    page.get_by_role("link", name="Use it now").click()

    sent = [json.loads(each)["data"] for each in page.evaluate("window.sent") if "cta_interaction" in each]
    assert [each["event_properties"] for each in sent] == [
        {"pageName": "reward", "action": "OPEN_DEEPLINK", "campaign_id": str(linked_wheel.id),
         "component_name": "Use it now"},
    ]  # fmt: skip


def test_an_embedded_page_tells_its_height_and_opens_others_over_itself(phone, address, wheel):
    page = phone()
    page.goto(address("/wallet/", isEmbedded="true"))
    until(page, "window.sent.some(text => text.includes('DIMENSIONS_UPDATE'))")
    page.get_by_role("link", name="Autumn wheel").click()
    until(page, "window.sent.some(text => text.includes('OPEN_CG_WEBVIEW'))")

    sent = {each["eventName"]: each["data"] for each in map(json.loads, page.evaluate("window.sent"))}
    assert sent["DIMENSIONS_UPDATE"] == {
        "height": page.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
    }
    opened = sent["OPEN_CG_WEBVIEW"]
    assert opened.pop("hidePrevious") == "false"
    assert opened["container"] == {"type": "full-default", "absoluteHeight": 0, "relativeHeight": 100}
    assert (opened["content"]["type"], opened["content"]["campaignId"]) == ("CAMPAIGN", str(wheel.id))
    assert "/wallet/" in page.url, "the strip itself stays"
    assert not page.locator(".top").is_visible()


def test_what_the_app_answers_reaches_whoever_asked(phone, address):
    page = phone()
    page.goto(address("/wallet/"))

    answer = page.evaluate("""async () => {
        const { connect } = await import([...document.scripts].find(each => each.type === "module").src
            .replace("player.js", "bridge.js"));
        const answer = connect({ user: "u", origins: [] }).ask("REQUEST_API_DATA");
        const { data } = JSON.parse(window.sent.pop());
        window.sdkCallback({ eventName: "REQUEST_API_RESULT", data: { ...data, rewardsResponse: "{}" } });
        return await answer;
    }""")

    assert answer["rewardsResponse"] == "{}"


def test_an_unknown_campaign_opens_the_wallet_and_tells_the_app(phone, address):
    page = phone()

    page.goto(address("/reward/", campaignId="gone"))
    until(page, "window.sent.length === 3")

    assert "/wallet/?s=" in page.url
    assert (
        '{"user_id":"u_20841","eventName":"CG_INVALID_CAMPAIGN_ID","data":{"campaignId":"gone",'
        '"message":"Invalid campaignId, opening Wallet"}}'
    ) in page.evaluate("window.sent")


def test_a_copied_code_is_in_the_clipboard_and_reported(phone, address, wheel):
    page = phone(reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"])
    page.goto(address("/reward/", campaignId=wheel.id))
    page.get_by_role("button", name="Spin the wheel").click()
    page.wait_for_selector("[data-state=won]")
    code = page.locator(".code__text").inner_text()

    page.get_by_role("button", name=f"Copy code {code}").click()
    until(page, "document.querySelector('[data-status]').textContent === 'Code copied'")

    assert page.evaluate("navigator.clipboard.readText()") == code
    sent = json.loads(page.evaluate("window.sent.pop()"))["data"]
    del sent["timestamp"]
    reward = page.evaluate("new URLSearchParams(location.search).get('rewardUserId')")
    assert sent == {
        "event_name": "coupon_code_interaction",
        "event_properties": {
            "page_name": "reward",
            "action": "copy",
            "game_name": "spinthewheel",
            "value": code,
            "campaign_id": str(wheel.id),
            "reward_user_id": reward,
        },
    }


def test_in_a_plain_browser_nothing_is_posted_and_close_goes_back(phone, address):
    page = phone(bridge=None)
    page.goto("data:text/html,<title>before</title>")
    page.goto(address("/wallet/"))

    page.get_by_role("button", name="Close").click()

    until(page, "document.title === 'before'")


@pytest.fixture
def framed(phone, live_server, live_env):
    """A shop's site that frames Mia's live wallet, and notes what the frame posts."""

    def open_shop(allowed):
        live_env.allowed_origins = allowed
        live_env.save()
        person = EndUserFactory(environment=live_env, user_id="u_live", user_name="Mia")
        launched_campaign(live_env, weights=(1, 0, 0, 0), tag="wheel")
        page = phone(
            bridge=None,
            reduced_motion="reduce",
            expect_complaints=(SHOP, "frame-ancestors", "401"),
        )
        frame = f"{live_server.url}/reward/?token={token_of(person)}&campaignId=wheel"
        html = (
            "<script>window.sent = [];"
            "addEventListener('message', (event) => sent.push([event.origin, event.data]))</script>"
            f"<iframe src='{frame}' width=350 height=700></iframe>"
        )
        page.route(f"{SHOP}/**", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(f"{SHOP}/")
        return page

    return open_shop


def test_a_listed_site_may_frame_a_page_and_hears_from_it(framed, live_server):
    page = framed([SHOP])
    frame = page.frame_locator("iframe")

    # the frame is another site's guest: its cookie is refused, and it plays all the same
    frame.get_by_role("button", name="Spin the wheel").click()
    frame.locator("[data-state=won]").wait_for()

    sent = page.evaluate("window.sent")
    assert {origin for origin, _ in sent} == {live_server.url}
    assert [json.loads(text)["eventName"] for _, text in sent] == ["HIDE_LOADER", "ANALYTICS"]


def test_another_site_may_not_frame_a_page(framed):
    page = framed(["https://other.example"])
    page.wait_for_timeout(500)

    assert page.evaluate("window.sent") == []
    assert page.frames[1].url.startswith("chrome-error:")
