"""Every page of every type in every state, for everyone: the states of the contact sheets, in pairs of looks.

Each page is dressed so that any two of width, direction, colours and motion meet; `./glu test --full`
looks at all of them, otherwise each type shows some of its states, each in another dress.
"""

import pytest
from django.urls import reverse

from campaigns.console.preview_states import STATES
from campaigns.types import all_types
from tests.browser.conftest import FULL, until
from tests.console.conftest import as_role, member_of, owner, quick_passwords  # noqa: F401  # fixtures
from tests.console.test_editor import typed
from tests.shots.sheet import previews

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TYPES = list(all_types())
PLAYING = "playing"  # between the press and the result; taken from the page of the start
ALL_STATES = [*STATES, PLAYING]
ONE_OF = 4  # states that are looked at without --full
# any two of width, direction, colours and motion meet in every combination
DRESSES = (
    (320, "en", "light", "no-preference"),
    (320, "ar", "dark", "reduce"),
    (390, "en", "dark", "reduce"),
    (390, "ar", "light", "reduce"),
    (390, "ar", "dark", "no-preference"),
)
RESTS = (
    "document.getAnimations().every(each => each.playState !== 'running'"
    " || each.effect.getComputedTiming().iterations === Infinity)"
)
PLAY = """() => {
    const { content, dataset } = document.querySelector("template[data-screen=playing]");
    content.querySelectorAll("[data-own=head]").forEach((own) => {
        document.querySelector("[data-part=head]").innerHTML = own.innerHTML; });
    document.querySelectorAll("#play button").forEach((each) => each.setAttribute("aria-disabled", "true"));
    document.body.dataset.state = "playing";
}"""
# marks what must be reached; a group of radio buttons is one stop
STOPS = """() => {
    const groups = new Set(), found = [];
    const all = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    for (const each of document.querySelectorAll(all)) {
        const isIdle = each.disabled || each.tabIndex < 0 || each.closest("[inert]");
        if (isIdle || !each.checkVisibility()) continue;
        if (each.type === "radio") {
            if (groups.has(each.name)) continue;
            groups.add(each.name);
        }
        found.push(each.type === "radio" ? `radio ${each.name}` : `${found.length}`);
        each.dataset.stop = found.at(-1);
    }
    document.activeElement.blur();
    return found;
}"""
AT = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const drawn = [at, ...(at.labels ?? []), at.nextElementSibling, at.parentElement].filter(Boolean);
    const isSeen = drawn.map(each => getComputedStyle(each)).some(
        (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
    const stop = at.type === "radio" ? `radio ${at.name}` : at.dataset.stop;
    return [stop, isSeen, at.outerHTML.slice(0, 160)];
}"""


@pytest.fixture
def draw(owner):  # noqa: F811  # the fixture's value
    """The page that the preview draws, its buttons as a player has them; "" if there is no such state."""
    form = typed(owner.get(reverse("campaign-new", kwargs={"kind": "test"})))

    def drawn(slug, state, dress):
        _, language, colors, _ = dress
        like = "start" if state == PLAYING else state
        worn = {"type": slug, "preview_language": language} | (
            {"preview_dark": "1"} if colors == "dark" else {}
        )
        text = previews(owner, form | worn, [like]).get(like, "")
        return text.replace(" inert>", ">").replace("<body ", "<body data-ready ", 1)

    return drawn


@pytest.fixture
def show(phone, live_server):
    """Opens such a page as it is dressed; what it says to the console is told at the end of the test."""
    page, address = phone(bridge="", viewport={"width": 390, "height": 720}), f"{live_server.url}/state/"

    def shown(text, state, dress, colors="none"):
        width, _, _, motion = dress
        page.emulate_media(reduced_motion=motion, forced_colors=colors)
        page.set_viewport_size({"width": width, "height": 720})
        page.route(address, lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"))
        page.goto(address)
        page.unroute(address)
        if state == PLAYING:
            page.evaluate(PLAY)
        until(page, RESTS)
        return page

    return shown


@pytest.mark.parametrize("slug", TYPES)
def test_every_state_is_for_everyone(draw, show, axe, slug):
    wrong = {}
    for state, dress in cases(slug):
        text = draw(slug, state, dress)
        if text and (found := complaints_of(show(text, state, dress), axe)):
            wrong[state, *dress] = found
    forced = show(draw(slug, "start", DRESSES[0]), "start", DRESSES[0], colors="active")

    assert not wrong
    assert not complaints_of(forced, axe), "in forced colours"
    assert forced.locator("[data-stage]").bounding_box()["height"] > 60


def test_any_two_looks_meet():
    for one in range(4):
        for other in range(one):
            assert len({(dress[one], dress[other]) for dress in DRESSES}) == 4


def test_without_full_every_state_and_every_dress_is_looked_at():
    chosen = [case for slug in TYPES for case in cases(slug, full=False)]

    assert {state for state, _ in chosen} == set(ALL_STATES)
    assert {dress for _, dress in chosen} == set(DRESSES)


def cases(slug, *, full=FULL):
    """The states of a type, each with its dresses."""
    turn = TYPES.index(slug)
    if full:
        return [(state, dress) for state in ALL_STATES for dress in DRESSES]
    some = [number for number in range(len(ALL_STATES)) if (number + turn) % ONE_OF == 0]
    return [(ALL_STATES[number], DRESSES[(number + turn // ONE_OF) % len(DRESSES)]) for number in some]


def complaints_of(page, axe):
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return ([f"{wide} px too wide"] if wide > 0 else []) + axe(page) + unreached(page)


def unreached(page):
    """The controls that Tab alone doesn't come to, and those on which its focus can't be seen."""
    stops = page.evaluate(STOPS)
    missed, wrong = set(stops), []
    for _ in range(len(stops) + 1):
        page.keyboard.press("Tab")
        at = page.evaluate(AT)
        if at is None:
            continue
        stop, is_seen, html = at
        missed.discard(stop)
        if not is_seen:
            wrong.append(f"no focus to be seen: {html}")
    return wrong + [f"not reached by Tab: {stop}" for stop in sorted(missed)]
