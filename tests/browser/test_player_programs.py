"""Programs on a phone: steps, earned cards, direct rewards and friends, in each state, for everyone."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.browser.conftest import in_light_or_dark, until
from tests.browser.programs import program, stands
from tests.browser.test_player_looks import check
from tests.types.test_multistep import step

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINK = "https://brew.example/go"
CLIPBOARD = ["clipboard-read", "clipboard-write"]
COUNTED = {"trigger": {"event": "visit", "where": []}, "kind": "count", "count": 3}


def ago(hours):
    return (timezone.now() - timedelta(hours=hours)).isoformat()


def done(hours):
    return {"n": 1, "since": ago(hours), "done": ago(hours)}


def friend(number, name="", **more):
    return {"id": f"g_{number}", "name": name, "at": ago(2), **more}


STEPS = [
    step("profile", title="Complete your profile", text="Tell us your name: we like cake.", link=LINK),
    {**step("visit", title="Visit us three times", link=LINK), **COUNTED, "hours": 48},
    step("pay", "sum", title="Spend 1,500", property="amount", total=1500),
]
TWO_DONE = {"1": done(5), "2": {"n": 2, "since": ago(3)}, "3": {"n": 450.5, "since": ago(3)}}
FRIENDS = [
    friend(1, "Asha", done=ago(1)), friend(2), friend(3, "Bartholomew-Maximilian", done=ago(1), over=True),
]  # fmt: skip
# what a person may find: the type, its settings, how far they are, and what the page then says
FOUND = {
    "steps, nothing done": ("multistep", {"steps": STEPS}, None, "Three steps to your reward"),
    "steps, some done": ("multistep", {"steps": STEPS, "hours": 9}, {"begun": ago(5), "steps": TWO_DONE},
                         "1 of 3 steps done"),
    "steps, in order": ("multistep", {"steps": STEPS, "order": "ordered"},
                        {"begun": ago(5), "steps": {"1": done(5)}}, "1 of 3 steps done"),
    "steps, too late": ("multistep", {"steps": STEPS, "hours": 3}, {"begun": ago(5), "steps": TWO_DONE},
                        "Your time is up"),
    "a locked card": ("activity-scratchcard", {"every": 3, "link": LINK}, {"counted": 1},
                      "Unlock a scratch card"),
    "two cards": ("activity-scratchcard", {}, {"cards": 2, "unlocked": 2}, "You have a card to scratch"),
    "all cards gone": ("activity-scratchcard", {"most": 1}, {"cards": 0, "unlocked": 1, "scratched": 1},
                       "All cards are scratched"),
    "a reward to come": ("direct", {"todo": "Order a cold brew", "link": LINK}, None,
                         "A little something for you"),
    "a reward that comes by itself": ("direct", {}, None, "A little something for you"),
    "a reward that came": ("direct", {"most": 2}, {"given": 1}, "A little something for you"),
    "nobody invited": ("referral", {"tiers": [3]}, None, "Invite friends, and both of you win"),
    "some friends": ("referral", {"qualifies": "event", "tiers": [3]}, {"friends": FRIENDS},
                     "Invite friends, and both of you win"),
    "invited oneself": ("referral", {"qualifies": "event"},
                        {"invited": {"by": "u_1", "name": "Asha Rao", "at": ago(1), "n": 0}},
                        "Invite friends, and both of you win"),
}  # fmt: skip
each_find = pytest.mark.parametrize("find", FOUND.values(), ids=FOUND)


@pytest.fixture
def finds(test_env, mia):
    """Launches a program and brings Mia as far as a case says."""
    test_env.referral_url = "https://brew.example/join"
    test_env.save()

    def make(find):
        slug, config, state, _ = find
        campaign = program(test_env, slug, **config)
        if state is not None:
            stands(campaign, mia, state)
        return campaign

    return make


def opened(page, address, campaign, **query):
    page.goto(address("/program/", campaignId=campaign.id, **query))
    page.evaluate("import('/static/player/game.js').then(() => 0)")
    page.wait_for_load_state("networkidle")
    return page


def tab_to(page, name):
    for _ in range(14):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent") == name:
            return
    raise AssertionError(f"Tab never reached {name}")


def comes_back(page):
    """To the page, from elsewhere: it looks for news at once."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def sent(page, name):
    return [
        each["data"] for each in map(json.loads, page.evaluate("window.sent")) if each["eventName"] == name
    ]


@pytest.mark.parametrize(("name", "dark"), in_light_or_dark(FOUND))
def test_it_is_for_everyone_and_says_how_far_one_is(phone, address, finds, axe, name, *, dark):
    page = opened(phone(reduced_motion="reduce"), address, finds(FOUND[name]), darkMode=dark)

    assert page.locator("h1").inner_text() == FOUND[name][3]
    check(page, axe)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@each_find
def test_it_can_be_read_without_a_script(phone, address, finds, find):
    page = phone(java_script_enabled=False, bridge=None)

    page.goto(address("/program/", campaignId=finds(find).id))

    assert page.locator("h1").inner_text() == find[3]


def test_steps_say_in_words_what_is_so(phone, address, finds):
    page = opened(phone(), address, finds(FOUND["steps, in order"]))

    said = [" ".join(each.inner_text().split()) for each in page.locator(".step__body").all()]
    assert said[0] == "Complete your profile Done"
    assert said[1].startswith("Visit us three times 0 / 3 To do")
    assert said[2] == "Spend 1,500 Opens after step 2"
    assert page.locator("progress[aria-label='Steps done']").get_attribute("value") == "1"


def test_by_keyboard_a_step_leads_into_the_app(phone, address, finds):
    page = opened(phone(), address, finds(FOUND["steps, nothing done"]))

    tab_to(page, "Go: Complete your profile")
    page.keyboard.press("Enter")

    assert [each["deepLink"] for each in sent(page, "OPEN_DEEPLINK")] == [LINK]


def test_who_comes_back_sees_what_was_done_meanwhile(phone, address, finds, mia):
    find = FOUND["steps, nothing done"]
    campaign = finds(find)
    page = opened(phone(), address, campaign)

    stands(campaign, mia, {"begun": ago(1), "steps": {"1": done(1)}})
    comes_back(page)
    page.wait_for_selector("[data-state=in-progress]")

    assert page.locator("h1").inner_text() == "1 of 3 steps done"
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.title().startswith("1 of 3 steps done")


def test_what_is_due_to_two_people_who_became_one_is_got_on_the_page(phone, address, finds, mia):
    campaign = finds(FOUND["steps, nothing done"])
    stands(campaign, mia, {"begun": ago(1), "steps": {str(n): done(1) for n in (1, 2, 3)}})
    page = opened(phone(), address, campaign)

    tab_to(page, "Get my reward")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-state=won]")

    assert page.locator("h1").inner_text() == "You won 200 points"
    assert page.locator(".steps").count() == 0
    page.reload()
    assert page.locator("h1").inner_text() == "You won 200 points"


def test_a_card_that_is_unlocked_meanwhile_is_there_to_be_scratched(phone, address, finds, mia):
    campaign = finds(FOUND["a locked card"])
    page = opened(phone(reduced_motion="reduce"), address, campaign)
    assert page.get_by_role("button", name="Reveal").count() == 0

    stands(campaign, mia, {"cards": 1, "unlocked": 1, "counted": 0})
    comes_back(page)
    page.wait_for_selector("[data-state=pristine]")
    page.wait_for_load_state("networkidle")
    tab_to(page, "Reveal")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-state=won]")

    assert page.locator("h1").inner_text() == "You won 50 points"
    assert page.locator("[data-name]").inner_text() == "50 points"


def test_a_finger_scratches_the_card(phone, address, finds):
    page = opened(phone(), address, finds(FOUND["two cards"]))
    box = page.locator("canvas").bounding_box()

    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for turn in range(12):
        across = box["width"] - 20 if turn % 2 else 20
        page.mouse.move(box["x"] + across, box["y"] + 15 + turn * (box["height"] - 30) / 11, steps=14)
    page.mouse.up()
    page.wait_for_selector("[data-state=won]")

    page.get_by_role("link", name="Go on").click()
    page.wait_for_selector("[data-state=pristine]")
    assert page.get_by_role("button", name="Reveal").count() == 1


def test_a_direct_reward_that_comes_meanwhile_opens_the_parcel(phone, address, finds, mia):
    campaign = finds(FOUND["a reward that comes by itself"])
    page = opened(phone(), address, campaign)
    assert page.locator(".parcel--open").count() == 0

    stands(campaign, mia, {"given": 1}, "completed")
    comes_back(page)
    page.wait_for_selector("[data-state=completed]")

    assert page.locator("h1").inner_text() == "You have your reward"
    assert page.locator(".parcel--open").count() == 1


def test_by_keyboard_a_code_is_copied_and_an_invitation_shared_by_the_app(phone, address, finds, mia):
    page = opened(phone(permissions=CLIPBOARD), address, finds(FOUND["nobody invited"]))

    tab_to(page, f"Copy code {mia.referral_code}")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[data-status]').textContent === 'Code copied'")
    tab_to(page, "Invite a friend")
    page.keyboard.press("Enter")

    link = f"https://brew.example/join?referralCode={mia.referral_code}"
    assert [each["text"] for each in sent(page, "SHARE")] == [f"Join me, and we both get a reward. {link}"]
    assert page.evaluate("navigator.clipboard.readText()") == mia.referral_code
    assert "coupon_code_interaction" not in [each["event_name"] for each in sent(page, "ANALYTICS")]


def test_without_an_app_or_a_way_to_share_the_invitation_is_copied(phone, address, finds):
    page = phone(bridge="delete Navigator.prototype.share;", permissions=CLIPBOARD)
    opened(page, address, finds(FOUND["nobody invited"]))

    page.get_by_role("button", name="Invite a friend").click()
    until(page, "document.querySelector('[data-status]').textContent === 'Text copied'")

    assert page.evaluate("navigator.clipboard.readText()").startswith(
        "Join me, and we both get a reward. https://"
    )


def test_friends_are_listed_the_newest_first_with_how_they_stand(phone, address, finds):
    page = opened(phone(), address, finds(FOUND["some friends"]))

    said = [" ".join(each.inner_text().split()) for each in page.locator(".friend").all()]
    assert said == ["B Bartholomew-Maximilian Beyond the limit", "A friend Joined", "A Asha Counts"]
    assert page.locator(".head__text").inner_text() == "Friends who count: 1 · Pending: 1"


@pytest.mark.parametrize("name", ["steps, some done", "a locked card", "a reward to come", "some friends"])
def test_in_forced_colours_nothing_that_tells_something_is_lost(phone, address, finds, name):
    page = opened(phone(forced_colors="active"), address, finds(FOUND[name]))

    assert page.locator("h1").is_visible()
    marks = page.locator(".step__mark, .note, .parcel svg, .scratch--locked .scratch__under, .friend")
    assert marks.count() >= 1
