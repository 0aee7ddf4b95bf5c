"""Times, colours and links: pure rules, many cases."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from campaigns.pages import times
from campaigns.pages.links import leads_out
from campaigns.pages.theme import READABLE, _parse, contrast, theme

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)  # 00:30 on the 23rd in Kolkata


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("moment", "zone", "words"),
    [
        (datetime(2026, 11, 22, 21, 5, tzinfo=UTC), UTC, "today at 21:05"),
        (datetime(2026, 11, 23, 0, 0, tzinfo=UTC), UTC, "tomorrow"),
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), UTC, "tomorrow at 09:00"),
        (datetime(2026, 11, 23, 18, 30, tzinfo=UTC), KOLKATA, "tomorrow"),
        (datetime(2026, 12, 5, 3, 30, tzinfo=UTC), KOLKATA, "on 5 December at 09:00"),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), UTC, "on 1 January 2027 at 00:00"),
    ],
)
def test_a_moment_is_said_as_people_say_it(moment, zone, words):
    assert times.when(moment, NOW, zone) == words


@pytest.mark.parametrize(
    ("end", "day"),
    [
        (datetime(2026, 12, 6, 0, 0, tzinfo=UTC), "5 December"),
        (datetime(2026, 12, 5, 23, 59, 59, tzinfo=UTC), "5 December"),
        (datetime(2027, 12, 5, 12, 0, tzinfo=UTC), "5 December 2027"),
    ],
)
def test_the_last_day_is_the_one_before_midnight_strikes(end, day):
    assert times.last_day(end, NOW, UTC) == day


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    "brand", ["#0f766e", "#ffffff", "#000000", "#ffe600", "#ff0000", "#7f7f7f", "#00ff00"]
)
def test_every_brand_colour_gives_text_that_can_be_read(brand, dark):
    colors = theme(brand, dark=dark)

    pairs = [(colors.on_action, colors.action), (colors.text, colors.tint), (colors.text, colors.ground)]
    assert min(contrast(_parse(one), _parse(other)) for one, other in pairs) >= READABLE


def test_a_brand_colour_that_is_none_gives_the_usual_one():
    assert theme("url(x)}", dark=False) == theme("#0f766e", dark=False)


@pytest.mark.parametrize(
    "link",
    [
        "https://shop.example/a?b=c#d",
        "HTTPS://shop.example",
        "https://shop.example:8443/",
        "brewline://checkout",
        "BREWLINE://checkout",
        "brewline:checkout",
    ],
)
def test_links_that_may_lead_out(link):
    assert leads_out(link, ["brewline", "other:"])


@pytest.mark.parametrize(
    "link",
    [
        "", " ", "/wallet", "//evil.example", "\\\\evil.example", "https:", "https:///x", "https:evil",
        "http://shop.example", "https://a@evil.example", "https://shop.example\\@evil.example",
        "https://shop.example/\n", "https://shop.example/ x", "https://[::1", "java\tscript:alert(1)",
        "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "javascript://x/%0aalert(1)",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://x", "about:blank",
        "intent://x", "unknown://x", "brewline", "\u202ehttps://x",
    ],
)  # fmt: skip
def test_links_that_may_not(link):
    assert not leads_out(link, ["brewline", "javascript", "data", "", "http", "file"])
