"""`./glu bench pages`: what a player's page of each type weighs, and how soon it is there on a slow phone.

One line of JSON a type, on a line of 1.6 Mb/s and 150 ms with a processor slowed 4 times: kilobytes
of our own HTML, CSS and JavaScript compressed (here they travel as they are, so paints come later
than from a real server), requests that the first paint waits for, that paint in milliseconds, and
the longest task of the main thread while the page opens and after its first press.
"""

import gzip
import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Response, sync_playwright

from tests import browsers
from tests.bench.databases import own_database
from tests.bench.processes import serving

GOALS = {"kB": 15, "requests": 3, "paint ms": 1500, "longest task ms": 50}
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
SLOWER = 4
PHONE = {"width": 360, "height": 720}
ROUNDS = 3
BLOCKING = {"Document", "Stylesheet", "Font", "Image"}  # what a paint waits for; modules it does not
WATCH = """
    window.tasks = [];
    new PerformanceObserver((list) => list.getEntries().forEach((each) => window.tasks.push(each.duration)))
        .observe({ type: "longtask", buffered: true });
"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def main(world: Any, environment: Any, say: Any) -> int:
    """Measure all types; `world` makes the campaigns, `environment` and `say` are the bench's own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="glu-pages-")))
        url = stack.enter_context(own_database("bench_pages"))
        say("Making a campaign of each type …")
        pages = world(url, "tests.bench.pages_world")
        server = stack.enter_context(
            serving("glu_admin.wsgi:application", environment(url), folder / "web.log")
        )
        playwright = stack.enter_context(sync_playwright())
        browser = browsers.start(playwright)
        for slug, address in pages.items():
            say(f"  {slug}")
            rounds = [_measured(browser, f"http://127.0.0.1:{server.port}{address}") for _ in range(ROUNDS)]
            found = {name: sorted(each[name] for each in rounds)[ROUNDS // 2] for name in GOALS}
            missed = [name for name, goal in GOALS.items() if found[name] > goal]
            print(json.dumps({"page": slug, **found, "missed": missed}), flush=True)
        browser.close()
    return 0


def _measured(browser: Browser, address: str) -> dict[str, float]:
    context = browser.new_context(viewport=PHONE, device_scale_factor=2)
    context.add_init_script(WATCH)
    page = context.new_page()
    phone = context.new_cdp_session(page)
    phone.send("Network.enable")
    phone.send("Network.emulateNetworkConditions", LINE)
    phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    kinds: list[str] = []
    phone.on("Network.requestWillBeSent", lambda each: kinds.append(each["type"]))
    answers: list[Response] = []
    page.on("response", lambda each: answers.append(each))  # noqa: PLW0108  # Playwright marks what it calls
    page.goto(address)
    page.locator("body[data-ready]").wait_for()
    page.wait_for_timeout(300)
    paint = page.evaluate(PAINT)
    weight = sum(len(gzip.compress(each.body())) for each in answers)
    button = page.locator("form[data-play] button:not([aria-disabled=true])").first
    if button.count():
        button.click()
        page.wait_for_timeout(2500)
    tasks = page.evaluate("window.tasks")
    context.close()
    return {
        "kB": round(weight / 1000, 1),
        "requests": sum(kind in BLOCKING for kind in kinds),
        "paint ms": round(paint),
        "longest task ms": round(max(tasks, default=0)),
    }
