"""Pictures from a marketer's file to a player's phone, in a real Chromium."""

from dataclasses import asdict

import pytest

from campaigns.types import get_type
from glu_admin.pictures import keeping
from glu_admin.pictures.reading import Use
from glu_admin.workspaces.audit import Actor
from rewards.tables import OutcomeDraft
from tests.browser.test_console import company, desk, judge, quick_passwords  # noqa: F401  # fixtures
from tests.factories import launched_campaign
from tests.pictures.drawing import SVG, file, logo, photo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
# how every text reads over a picture that is all black, or all white: [text, contrast] of those below 4.5
UNREADABLE = """worst => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], back) => [r, g, b].map((each, n) => each * a + back[n] * (1 - a));
  const light = (color) => {
    const [r, g, b] = color.map((each) => each / 255)
      .map((each) => each <= .04045 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const veil = parse(getComputedStyle(document.body, "::before").backgroundImage);
  const behind = (node) => {
    if (!node || node === document.body) return over(veil.slice(0, 4), worst);
    const own = parse(getComputedStyle(node).backgroundColor);
    return (own[3] ?? 1) === 0 ? behind(node.parentElement) : over(own, behind(node.parentElement));
  };
  return [...document.querySelectorAll("body *")].filter((node) =>
    node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })
      && !node.closest("svg, [data-art], .quiet-live")
      && [...node.childNodes].some((each) => each.nodeType === 3 && each.data.trim())
  ).map((node) => {
    const both = [parse(getComputedStyle(node).color), behind(node)].map(light);
    const [one, other] = both.sort((a, b) => b - a);
    return [node.className + ": " + node.textContent.trim().slice(0, 40), (one + .05) / (other + .05)];
  }).filter(([, contrast]) => contrast < 4.5);
}"""


@pytest.fixture
def files(tmp_path):
    """Paths of pictures as a marketer has them."""
    made = {"logo.png": file(logo(), "PNG"), "beach.jpg": file(photo((900, 1200)), "JPEG"), "bad.png": SVG}
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def choose(page, use, path, said):
    field = page.locator(f"[data-picture={use}]")
    field.locator("input[type=file]").set_input_files(path)
    field.get_by_text(said).wait_for()


def pictured(environment, slug):
    """A live campaign of a type as it comes, with a logo and a background picture."""
    kind, actor = get_type(slug), Actor("a test")
    look = {
        "logo": keeping.keep(environment, file(logo(), "PNG"), Use.LOGO, actor),
        "background": keeping.keep(environment, file(photo((300, 400)), "JPEG"), Use.BACKGROUND, actor),
    }
    outcomes = [OutcomeDraft(**asdict(each)) for each in kind.first_outcomes()]
    return launched_campaign(environment, type=slug, config=kind.defaults(), outcomes=outcomes, look=look)


def test_a_marketer_gives_a_campaign_its_pictures(desk, axe, company, files):  # noqa: F811
    desk.goto(f"{desk.base}/c/test/campaigns/{company.pk}/edit/#look")
    choose(desk, "logo", files / "logo.png", "Kept as 300 × 120 pixels")
    choose(desk, "background", files / "beach.jpg", "Kept as 900 × 1200 pixels")
    choose(desk, "card", files / "beach.jpg", "Kept as 720 × 960 pixels")
    desk.frame_locator(".phone iframe:not([hidden])").get_by_role("img", name="Brewline").wait_for()
    wrong = judge(desk, axe, sizes=(desk.viewport_size,))
    desk.locator("[data-picture=card]").get_by_label("Remove it").check()
    desk.get_by_role("button", name="Save", exact=True).click()
    desk.get_by_text("Saved.").wait_for()

    company.refresh_from_db()
    assert not wrong
    assert set(company.look) == {"logo", "background"}
    assert company.banner == {}


def test_a_question_s_picture_is_there_as_soon_as_it_is_chosen(desk, axe, company, files):  # noqa: F811
    desk.goto(f"{desk.base}/c/test/campaigns/new/?type=quiz#look")
    question = desk.locator("details.disclosed").first
    question.evaluate("each => { each.open = true; }")
    question.get_by_text("Picture, video, points, time").click()
    question.get_by_label("File of the picture").set_input_files(files / "beach.jpg")
    question.get_by_text("Uploaded. Save to use it.").wait_for()
    question.get_by_label("What the picture shows").fill("A beach")
    address = question.get_by_label("Picture", exact=True).input_value()
    shown = desk.frame_locator(".phone iframe:not([hidden])")
    desk.get_by_role("button", name="Under way").click()
    shown.get_by_role("img", name="A beach").wait_for()

    assert address.startswith("/pictures/")
    assert shown.get_by_role("img", name="A beach").get_attribute("src") == address
    assert not judge(desk, axe, sizes=(desk.viewport_size,))


def test_what_can_t_be_shown_is_said_at_its_field_at_once(desk, company, files):  # noqa: F811
    page = desk.context.new_page()  # whose browser may complain of the refusal
    page.goto(f"{desk.base}/c/test/campaigns/{company.pk}/edit/#look")

    choose(page, "logo", files / "bad.png", "Save it as PNG")
    choose(page, "logo", files / "logo.png", "Kept as 300 × 120 pixels")

    assert page.locator("[data-picture=logo]").get_by_text("Save it as PNG").count() == 0


def test_a_player_sees_them_and_waits_for_none(phone, address, axe, test_env):
    campaign = pictured(test_env, "spinthewheel")
    page = phone(viewport=PHONE)

    page.goto(address("/reward/", campaignId=campaign.id))
    shown = page.get_by_role("img", name="Brewline")

    assert shown.evaluate("each => each.decode().then(() => each.naturalWidth)") == 300
    assert shown.bounding_box()["height"] == 40
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').filter(each => each.name.includes('/pictures/'))"
        ".map(each => each.renderBlockingStatus)"
    )
    assert loaded == ["non-blocking", "non-blocking"]
    assert not axe(page)


def test_all_of_a_page_is_read_on_the_worst_of_pictures(phone, address, test_env):
    page, wrong = phone(viewport=PHONE), {}
    for slug in ("quiz", "streak", "referral"):
        campaign = pictured(test_env, slug)
        for dark, worst in (("false", [0, 0, 0]), ("true", [255, 255, 255])):
            page.goto(address(f"/{get_type(slug).page}/", campaignId=campaign.id, darkMode=dark))
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
            wrong[slug, dark] = page.evaluate(UNREADABLE, worst)

    assert not any(wrong.values()), wrong
