"""The console in a real Chromium: every page at two widths, and a campaign made and launched by hand."""

import pytest
from django.utils import timezone

from campaigns import engine
from campaigns.models import Campaign
from glu_admin import config
from glu_admin.webhooks import endpoints
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Member, Membership
from tests.factories import EndUserFactory, identity_of, launched_campaign
from users.console import tabs
from users.events import forms, ingest
from users.models import EndUser, Erasure

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "brew-brew-brew-1"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def company(test_env):
    """A campaign that was played, an endpoint, and an owner."""
    campaign = launched_campaign(test_env, name="Weekend spin", weights=(1, 0, 0, 0))
    endpoints.create(test_env, endpoints.receiver_path(test_env.id), ["reward.won"], actor=Actor("a test"))
    person = EndUserFactory(environment=test_env, user_id="u_mia", user_name="Mia Kaur", is_test=True)
    engine.act(identity_of(person), str(campaign.id), key="k", body={}, now=timezone.now())
    member = Member.objects.create_user("olga@brewline.test", PASSWORD, name="Olga")
    Membership.objects.create(workspace=test_env.workspace, member=member, role="owner")
    return campaign


@pytest.fixture
def desk(phone, live_server, company):
    """A signed-in page; `phone` fails the test if it complained or asked another origin."""
    page = phone(bridge="", viewport=DESK)
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_label("E-mail").fill("olga@brewline.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/c/test/")
    page.base = live_server.url
    return page


def judge(page, axe, *, sizes=(DESK,)):
    """What must hold of every page: no axe finding (at `sizes`), nothing too wide, one h1."""
    wrong = []
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        wrong += [f"{size['width']} px: {wide} px too wide"] if wide > 0 else []
        wrong += [f"{size['width']} px: {each}" for each in axe(page)] if size in sizes else []
    page.set_viewport_size(DESK)
    headings = page.locator("h1").count()
    return wrong + ([f"{headings} h1"] if headings != 1 else [])


def test_every_page_is_clean_at_both_widths(desk, axe, company):
    campaign = f"/c/test/campaigns/{company.pk}/"
    paths = [
        "/c/test/",
        "/c/test/?view=table&days=7",
        "/c/live/",
        "/c/test/campaigns/",
        "/c/test/campaigns/?q=zzz",
        campaign,
        f"{campaign}edit/",
        f"{campaign}edit/#odds",
        f"{campaign}edit/#look",
        f"{campaign}edit/#schedule",
        f"{campaign}edit/#review",
        "/c/test/campaigns/new/",
        "/c/test/coupon-pools/",
        "/c/test/webhooks/",
        "/c/test/developers/",
        "/c/test/team/",
        "/c/test/audit-log/",
        "/account/",
    ]

    wrong = {}
    for path in paths:
        desk.goto("about:blank")
        desk.goto(desk.base + path)
        narrow_too = path == "/c/test/" or "edit" in path
        if found := judge(desk, axe, sizes=(DESK, PHONE) if narrow_too else (DESK,)):
            wrong[path] = found

    assert not wrong


def test_what_is_told_of_people_and_events_is_clean_at_both_widths(desk, axe, company):
    """A long event, one that was refused, and a person of every tab."""
    environment = company.environment
    send(environment, event_properties={"note": "x" * 300}, event_name="a_very_long_name_of_an_event")
    send(environment, timestamp="yesterday")
    person = EndUser.objects.get(user_id="u_mia")
    user = f"/c/test/users/{person.glu_id}/"
    paths = [
        *("/c/test/users/", "/c/test/users/?q=u_mi", "/c/test/users/?q=nobody", f"{user}erase/"),
        *(f"{user}?tab={tab.slug}" for tab in tabs.all_tabs()),
        *("/c/test/events/", "/c/test/events/?text=x&since=2026-01-01T10:00", "/c/test/signed-identity/"),
    ]

    wrong = {}
    for path in paths:
        desk.goto(desk.base + path)
        desk.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true })")
        if found := judge(desk, axe, sizes=(DESK, PHONE)):
            wrong[path] = found

    assert not wrong


def test_somebody_is_erased_by_hand_and_the_receipt_is_clean(desk, axe, company):
    person = EndUser.objects.get(user_id="u_mia")
    desk.goto(f"{desk.base}/c/test/users/{person.glu_id}/")
    desk.get_by_role("link", name="Erase…").click()
    desk.get_by_label("Type the user id to confirm").fill("u_mia")
    desk.get_by_role("button", name="Erase for ever").click()

    assert desk.get_by_label("Number").input_value() == str(Erasure.objects.get().pk)
    assert not judge(desk, axe, sizes=(DESK, PHONE))


@pytest.mark.timed
def test_an_event_that_came_while_somebody_looks_can_be_copied(desk, company):
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto(f"{desk.base}/c/test/events/")
    send(company.environment, event_id="fresh-1")

    desk.locator(".events summary").first.click(timeout=5000)
    desk.get_by_role("button", name="Copy as curl").click()

    desk.get_by_role("button", name="Copied").wait_for()
    assert "fresh-1" in desk.evaluate("navigator.clipboard.readText()")


def send(environment, **changes):
    now = timezone.now()
    raw = {"event_id": "e-1", "event_name": "order_placed", "user_id": "u_mia", "event_properties": {}}
    read = forms.read(raw | {"timestamp": now.isoformat()} | changes, now=now)
    ingest.take(config.get(environment.id), [read], source="server", now=now)


def test_signing_in_and_error_pages_are_clean(phone, live_server, axe, company):
    page = phone(bridge="", viewport=DESK, expect_complaints=["status of 4"])
    wrong = {}
    for path in ("/sign-in/", "/sign-in/link/none/", "/nowhere/"):
        page.goto(live_server.url + path)
        if found := judge(page, axe):
            wrong[path] = found
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_label("E-mail").fill("olga@brewline.test")
    page.get_by_label("Password").fill("not-it")
    page.get_by_role("button", name="Sign in").click()
    assert "do not fit together" in page.get_by_role("alert").inner_text()
    wrong["wrong password"] = judge(page, axe)

    assert not any(wrong.values()), wrong


def test_a_campaign_is_made_and_launched_by_hand_and_is_live(desk):
    desk.get_by_role("link", name="New campaign").first.click()
    desk.get_by_label("Name", exact=True).fill("Coffee wheel")
    desk.get_by_role("button", name="Next: Audience").click()
    desk.get_by_role("button", name="Next: Rewards & odds").click()
    chances = desk.get_by_label("Chance of outcome", exact=False)
    status = desk.locator("[data-status]")

    numbers = [desk.get_by_label(f"Chance of outcome {n}", exact=True) for n in (1, 2, 3, 4)]
    for number, text in zip(numbers, ("40", "40", "0", "0"), strict=True):
        number.fill(text)
    assert chances.count() >= 4
    assert status.inner_text().endswith("Adds up to 80%. 20% still to give out.")
    desk.get_by_role("link", name="Review & launch").click()
    launch = desk.get_by_role("button", name="Save and launch")
    assert launch.is_disabled()
    desk.get_by_role("link", name="Rewards & odds").first.click()
    desk.get_by_role("button", name="Fix to 100%").click()
    assert [number.input_value() for number in numbers] == ["50", "50", "0", "0"]
    desk.get_by_role("button", name="Split evenly").click()
    assert [number.input_value() for number in numbers] == ["25"] * 4
    desk.get_by_role("link", name="Review & launch").click()
    launch.click()
    desk.get_by_role("button", name="Pause").wait_for()

    assert desk.get_by_role("heading", level=1).inner_text() == "Coffee wheel"
    assert desk.get_by_text("“Coffee wheel” is launched.").is_visible()
    assert Campaign.objects.get(name="Coffee wheel").status == "live"


def test_a_chance_moves_with_the_arrow_keys_and_locks_hold(desk, company):
    desk.goto(f"{desk.base}/c/test/campaigns/new/#odds")
    first = desk.get_by_label("Chance of outcome 1", exact=True)
    slider = desk.get_by_label("Chance of outcome 1, slider")

    slider.focus()
    for _ in range(4):
        slider.press("ArrowRight")
    assert first.input_value() == "12"
    desk.locator('[data-outcome="1"]').get_by_label("Lock").check()
    desk.get_by_role("button", name="Fix to 100%").click()

    assert first.input_value() == "12"
    assert desk.locator("[data-status]").inner_text().endswith("Adds up to 100%.")


def test_an_outcome_goes_to_another_reward_and_counts_there(desk, axe):
    desk.goto(f"{desk.base}/c/test/campaigns/new/?type=referral#odds")
    lots = desk.locator("[data-lot]")
    status = [lots.nth(n).locator("[data-status]") for n in (0, 1)]
    assert [each.inner_text().lstrip("✓ ") for each in status] == ["Always.", "Always."]

    desk.locator('[data-outcome="2"] select[name$=".occasion"]').select_option(index=1)

    assert lots.nth(0).locator("[data-outcome]").count() == 2
    assert status[0].inner_text() == "Adds up to 200%. 100% too much."
    assert status[1].inner_text().endswith("Nothing is given for this.")
    assert desk.evaluate("document.activeElement.name") == "outcomes.1.occasion"
    assert desk.locator("[data-launch]").is_disabled()
    desk.get_by_role("button", name="Fix to 100%").click()
    assert desk.get_by_label("Chance of outcome 2", exact=True).input_value() == "50"
    judge(desk, axe, sizes=(DESK, PHONE))


def test_pasted_weights_become_percentages(desk):
    desk.goto(f"{desk.base}/c/test/campaigns/new/#odds")
    desk.get_by_label("Paste from a sheet").fill("1 1 1 1")
    desk.get_by_role("button", name="Use these chances").click()

    numbers = [desk.get_by_label(f"Chance of outcome {n}", exact=True).input_value() for n in (1, 2, 3, 4)]
    assert numbers == ["25"] * 4
    assert desk.locator("#odds").is_visible()


@pytest.mark.timed
def test_a_play_shows_on_the_overview_within_seconds_without_a_reload(desk, company, test_env):
    feed = desk.locator("ol.feed")
    assert "Noor" not in feed.inner_text()
    noor = EndUserFactory(environment=test_env, user_id="u_noor", user_name="Noor Ali")
    engine.act(identity_of(noor), str(company.id), key="k", body={}, now=timezone.now())

    desk.get_by_text("Noor Ali").wait_for(timeout=5000)


def test_the_menu_opens_and_closes_on_a_phone_without_a_script(phone, live_server, company):
    page = phone(bridge="", viewport=PHONE, java_script_enabled=False)
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_label("E-mail").fill("olga@brewline.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    team = page.get_by_role("link", name="Team & roles")

    assert not team.is_visible()
    page.get_by_role("link", name="Menu").click()
    assert team.is_visible()
    page.get_by_role("link", name="Close").click()
    assert not team.is_visible()


def test_the_skip_link_leads_into_the_page(desk):
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.textContent") == "Skip to content"
    desk.keyboard.press("Enter")
    assert desk.evaluate("document.activeElement.id") == "main"
