"""The quiz on a phone: by keyboard, by eye and by ear, with a script and without."""

import base64

import pytest

from campaigns.models import Participation, Play
from campaigns.types import get_type
from rewards.models import Reward
from rewards.tables import OutcomeDraft
from tests.browser.conftest import until
from tests.browser.test_player_looks import check
from tests.factories import launched_campaign
from tests.types.quizzes import CONFIG, PEOPLE, question

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmütze and a cup of coffee, "


@pytest.fixture
def quiz(test_env):
    """Makes a quiz that gives a coupon to whoever passes it."""

    def make(config=CONFIG, **more):
        settings = get_type("quiz").defaults() | config | more
        return launched_campaign(test_env, type="quiz", config=settings, weights=(1, 0, 0, 0), plays_a_day=2)

    return make


def opened(page, address, campaign, **query):
    page.goto(address("/reward/", campaignId=campaign.id, **query))
    page.wait_for_load_state("networkidle")
    return page


def moved(page, press):
    """Press, and wait until the server has moved on."""
    before = page.locator("[name='action.move']").first.get_attribute("value")
    press()
    until(
        page,
        "document.querySelector('[name=\"action.move\"]')?.value !== arg"
        " || /won|lost/.test(document.body.dataset.state)",
        before,
    )


def main_button(page):
    return page.locator("[data-part=actions] .button").first


def answer(page, *texts):
    for text in texts:
        page.get_by_label(text, exact=True).check()
    moved(page, main_button(page).click)


def go_on(page):
    moved(page, main_button(page).click)


def take(page, *all_texts):
    """A quiz that tells what is right after each answer."""
    go_on(page)
    for texts in all_texts:
        answer(page, *texts)
        go_on(page)


RIGHT = (["Mars"], ["True"], ["Green", "Violet"])


def test_by_keyboard_alone_it_ends_on_the_coupon(phone, address, quiz):
    page = opened(phone(reduced_motion="reduce"), address, quiz(shuffle_answers=False))
    name = "document.activeElement.textContent.trim()"

    def tab_to(condition):
        for _ in range(9):
            page.keyboard.press("Tab")
            if page.evaluate(condition):
                return
        raise AssertionError(condition)

    tab_to(f"{name} === 'Start'")
    moved(page, lambda: page.keyboard.press("Enter"))
    assert page.evaluate(name) == "Question 1?", "the focus is on what to read next"
    tab_to("document.activeElement.type === 'radio'")
    page.keyboard.press("Space")
    moved(page, lambda: page.keyboard.press("Enter"))
    assert page.evaluate(name) == "That is right"
    tab_to(f"{name} === 'Next question'")
    moved(page, lambda: page.keyboard.press("Enter"))
    tab_to("document.activeElement.type === 'radio'")
    page.keyboard.press("Space")
    moved(page, lambda: page.keyboard.press("Enter"))
    tab_to(f"{name} === 'Next question'")
    moved(page, lambda: page.keyboard.press("Enter"))
    for step in (1, 2):
        for _ in range(step):
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
    tab_to(f"{name} === 'Check my answer'")
    moved(page, lambda: page.keyboard.press("Enter"))
    assert page.evaluate(name) == "That is right"
    tab_to(f"{name} === 'See my result'")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-state=won]")

    assert page.locator("h1").inner_text() == "You won 20% off"
    assert page.evaluate("document.activeElement === document.querySelector('h1')")
    assert "100%" in page.locator(".quiz__score").inner_text()
    assert Reward.objects.count() == Play.objects.count() == 1
    page.reload()
    assert page.locator(".code__text").inner_text().startswith("CODE-")


@pytest.mark.parametrize("dark", ["false", "true"])
def test_it_is_for_everyone_in_every_state(phone, address, quiz, axe, *, dark):
    page = opened(phone(reduced_motion="reduce"), address, quiz(seconds=60), darkMode=dark)
    check(page, axe)
    go_on(page)
    check(page, axe)
    answer(page, "Venus")
    check(page, axe)
    go_on(page)
    answer(page, "True")
    check(page, axe)
    go_on(page)
    page.get_by_role("button", name="Check my answer").click()
    page.wait_for_selector("[data-nudge]")
    check(page, axe)
    answer(page, "Pink")
    page.get_by_role("button", name="See my result").click()
    page.wait_for_selector("[data-state=lost]")
    page.wait_for_timeout(300)
    check(page, axe)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_long_words_and_pictures_stay_within_a_small_phone(phone, address, quiz, axe):
    picture = "https://pictures.example/one.png"
    long = question(1, f"*{LONG}", f"{LONG}2", kind="picture", picture=picture, alt="A cup", video=picture)
    long["text"] = LONG * 3
    for each in long["answers"]:
        each["picture"] = picture
    page = phone(reduced_motion="reduce", expect_complaints=("pictures.example",))
    page.route(
        "https://pictures.example/**", lambda route: route.fulfill(body=PIXEL, content_type="image/png")
    )
    opened(page, address, quiz(questions=[long], tell="end"))
    go_on(page)

    check(page, axe)

    assert page.evaluate("document.querySelector('.quiz__picture').naturalWidth") == 1, (
        "the policy lets it in"
    )
    assert page.get_by_role("link", name="Watch the video").get_attribute("rel") == "noopener noreferrer"
    answer(page, LONG.strip())
    page.wait_for_selector("[data-state=won]")
    page.get_by_text("Your answers").click()
    check(page, axe)


def test_a_closed_page_finds_the_question_as_it_was_left(phone, address, quiz):
    page = opened(phone(), address, quiz())
    go_on(page)
    answer(page, "Venus")

    page.reload()

    assert page.locator("h1").inner_text() == "Question 1 of 3"
    told = page.locator(".quiz__told").inner_text()
    assert (told.splitlines()[0].strip(), told.splitlines()[-1]) == ("Not this one", "It is full of rust.")
    assert Participation.objects.get().status == "in-progress"


def test_a_double_click_and_a_second_tab_answer_once(phone, address, quiz):
    campaign = quiz()
    page = opened(phone(), address, campaign)
    go_on(page)
    other = opened(phone(), address, campaign)

    page.get_by_label("Mars").check()
    main_button(page).dblclick()
    page.wait_for_selector(".quiz__told")
    other.get_by_label("Venus").check()
    main_button(other).click()
    other.wait_for_selector(".quiz__told")

    assert "That is right" in other.locator(".quiz__told").inner_text()
    assert Participation.objects.get().state["answers"] == {"q1": ["a0"]}


def test_what_is_right_is_in_no_answer_before_it_is_told(phone, address, quiz):
    questions = [
        question(n, "*one", "two", explanation=f"PLANTED-{n}", points=n, picture="") for n in (1, 2, 3)
    ]
    page = phone(reduced_motion="reduce")
    answers = []
    page.on("response", lambda each: "/reward/" in each.url and each.ok and answers.append(each))
    opened(page, address, quiz(questions=questions))
    for number in (1, 2, 3):
        go_on(page)
        bodies = [each.text() for each in answers]
        assert not [body for body in bodies if f"PLANTED-{number}" in body]
        assert not [word for word in ("a0", "right") if f'"{word}' in bodies[-1]]
        answer(page, "one")
        assert f"PLANTED-{number}" in answers[-1].text()
    assert len(answers) == 7


def test_an_answer_lost_on_the_way_is_fetched_again(phone, address, quiz):
    page = opened(phone(expect_complaints=("ERR_FAILED",)), address, quiz())
    go_on(page)

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/reward/play/**", lose, times=1)
    page.get_by_label("Mars").check()
    main_button(page).click()
    page.wait_for_selector("[data-state=offline]")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(".quiz__told")

    assert Participation.objects.get().state["moves"] == 2


def test_without_script_plain_forms_lead_to_the_coupon(phone, address, quiz):
    page = phone(bridge=None, java_script_enabled=False)
    page.goto(address("/reward/", campaignId=quiz().id))

    main_button(page).click()
    for texts in RIGHT:
        for text in texts:
            page.get_by_label(text, exact=True).check()
        main_button(page).click()
        assert "That is right" in page.locator(".quiz__told").inner_text()
        main_button(page).click()

    assert page.locator("h1").inner_text() == "You won 20% off"
    assert Play.objects.count() == 1


def test_without_script_nothing_chosen_is_said_and_loses_nothing(phone, address, quiz):
    page = phone(bridge=None, java_script_enabled=False)
    page.goto(address("/reward/", campaignId=quiz(questions=[CONFIG["questions"][2]]).id))
    main_button(page).click()

    main_button(page).click()

    assert page.locator("[data-nudge]").inner_text() == "Choose an answer first."


def test_one_goes_back_with_the_answer_still_chosen(phone, address, quiz):
    page = opened(phone(), address, quiz(tell="end"))
    go_on(page)
    answer(page, "Venus")

    moved(page, page.get_by_role("button", name="Back to the question before").click)

    assert page.get_by_label("Venus").is_checked()
    assert page.locator("h1").inner_text() == "Question 1 of 3"


def test_the_clock_warns_and_can_be_extended(phone, address, quiz):
    page = opened(phone(), address, quiz(seconds=11))
    go_on(page)
    until(page, "document.querySelector('[data-warn]').textContent.includes('nearly up')")

    moved(page, page.get_by_role("button", name="More time").click)

    until(page, "Number(document.querySelector('[data-left]').textContent) > 12")


def test_when_the_time_is_up_the_page_says_so_kindly_and_the_button_leads_on(phone, address, quiz):
    page = opened(phone(), address, quiz(seconds=5))
    go_on(page)
    until(page, "document.querySelector('[data-warn]').textContent.includes('is up')")
    assert main_button(page).inner_text() == "Go on"
    page.wait_for_timeout(3200)  # what is on the road then still counts

    go_on(page)

    assert (
        page.locator(".quiz__verdict").inner_text().strip() == "The time was up, so this one does not count"
    )


def test_a_poll_asks_at_once_and_keeps_what_was_answered(phone, address, quiz, axe):
    page = opened(
        phone(reduced_motion="reduce"), address, quiz(mode="poll", questions=CONFIG["questions"][:1])
    )
    check(page, axe)
    page.get_by_label("Jupiter").check()
    page.get_by_role("button", name="Vote").click()
    page.wait_for_selector("[data-state=won]")

    assert page.locator(".stage__said").inner_text() == "Thank you for your vote"
    assert Play.objects.get().answer["reveal"]["answers"] == [
        {"question": "Question 1?", "chosen": ["Jupiter"]}
    ]


def test_a_personality_is_shown_with_the_reward_of_its_result(phone, address, test_env, axe):
    prizes = [
        OutcomeDraft(name=f"A treat for a {name}", weight=1, reward_type="freebie", occasion=f"result-{name}")
        for name in ("cat", "dog")
    ]
    nothing = OutcomeDraft(name="Nothing", weight=0, reward_type="noReward", is_fallback=True)
    campaign = launched_campaign(test_env, type="quiz", config=PEOPLE, outcomes=(*prizes, nothing))
    page = opened(phone(reduced_motion="reduce"), address, campaign)
    go_on(page)
    answer(page, "Purr")
    answer(page, "Purr")
    page.wait_for_selector("[data-state=won]")

    assert page.locator("h1").inner_text() == "You won A treat for a cat"
    assert page.locator(".quiz__result").inner_text().split("\n")[0] == "Cat"
    page.wait_for_timeout(300)
    check(page, axe)


def test_in_forced_colours_the_answers_and_the_score_are_still_there(phone, address, quiz):
    page = opened(phone(forced_colors="active", reduced_motion="reduce"), address, quiz())

    take(page, *RIGHT)

    assert page.locator(".quiz__score").bounding_box()["height"] > 100
