"""A real browser against the real server: one Chromium for all of these tests, a new profile for each."""

import os
from unittest import mock
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests import browsers
from tests.factories import EndUserFactory, launched_campaign, token_of

# Playwright runs a loop in this thread, which Django takes for asynchronous code
ALLOWED = {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}

PHONE = {"width": 360, "height": 720}
FULL = bool(os.environ.get("GLU_TEST_FULL"))
TIMEOUT = 20_000  # of a slow machine; nobody waits for it where all is well
# what an app's web view gives a page, on Android and on iOS; a test reads what arrived
ANDROID = "window.sent = []; window.app = { callback: (text) => window.sent.push(text) };"
IOS = (
    "window.sent = []; window.webkit = { messageHandlers: { callback: {"
    " postMessage: (text) => window.sent.push(text) } } };"
)
# a player's form also works before the page's script has taken it over: who presses then tests something else
NOT_YET = "body[data-page]:not([data-ready])"


def in_light_or_dark(cases):
    """Each case in one of the two, in turns; with --full in both."""
    both = [(case, dark) for case in cases for dark in ("false", "true")]
    return both if FULL else [pair for place, pair in enumerate(both) if place % 4 in (0, 3)]


@pytest.fixture(scope="package")
def chromium():
    with mock.patch.dict(os.environ, ALLOWED), sync_playwright() as playwright:
        browser = browsers.start(playwright)
        yield browser
        browser.close()


@pytest.fixture
def phone(chromium, live_server):
    """Makes pages of a phone; afterwards none of them may have complained or gone elsewhere."""
    contexts, complaints = [], []

    def make(*, bridge=ANDROID, expect_complaints=(), **options):
        context = chromium.new_context(**{"viewport": PHONE, "locale": "en-GB"} | options)
        contexts.append(context)
        if bridge:
            context.add_init_script(bridge)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        if options.get("java_script_enabled", True):
            wait_for_scripts(page)

        def complain(text):
            if not any(each in text for each in expect_complaints):
                complaints.append(text)

        page.on("console", lambda said: said.type in {"error", "warning"} and complain(said.text))
        page.on("pageerror", lambda error: complain(str(error)))
        page.on(
            "request",
            lambda request: request.url.startswith((live_server.url, "data:")) or complain(request.url),
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints, complaints


def wait_for_scripts(page):
    """Let whatever a test does with a page, or with a frame in it, wait until its script has taken over."""
    for place in (page, page.locator("iframe:not([sandbox])").first.content_frame):
        page.add_locator_handler(place.locator(NOT_YET), lambda: None)
    for name in ("goto", "reload"):
        setattr(page, name, then_wait(page, getattr(page, name)))


def then_wait(page, open_page):
    """What presses keys or evaluates right after an opening waits for nothing by itself."""

    def open_and_wait(*args, **options):
        answer = open_page(*args, **options)
        page.locator(NOT_YET).wait_for(state="detached")
        return answer

    return open_and_wait


@pytest.fixture
def mia(test_env):
    return EndUserFactory(environment=test_env, user_id="u_20841", user_name="Mia")


@pytest.fixture
def address(live_server, mia):
    """The address that the API would give an app."""

    def make(path, **query):
        return f"{live_server.url}{path}?{urlencode({'token': token_of(mia, kind='page'), **query})}"

    return make


@pytest.fixture
def wheel(test_env):
    """Every play wins a coupon."""
    return launched_campaign(test_env, weights=(1, 0, 0, 0), plays_a_day=2)


def until(page, condition, arg=None):
    """Wait until an expression holds; Playwright's own wait needs `eval`, which our policy refuses."""
    for _ in range(160):
        if page.evaluate(f"arg => Boolean({condition})", arg):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{condition} did not come true")


@pytest.fixture(scope="session")
def axe():
    script = Axe().axe_script

    def violations(page):
        page.evaluate(script)
        # the thousands of passes stay in the browser; a preview's frame runs no script that could answer
        found = page.evaluate(
            "axe.run({ resultTypes: ['violations'], iframes: false }).then(found => found.violations)"
        )
        return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]

    return violations
