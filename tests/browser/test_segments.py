"""The segment builder in a real Chromium: by keyboard alone, counted while one types."""

import pytest
from django.conf import settings

from glu_admin.workspaces.models import Member, Membership
from tests.browser.test_console import DESK, judge
from tests.factories import EndUserFactory
from users.models import AttributeDefinition, EndUser, Segment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BACKEND = "django.contrib.auth.backends.ModelBackend"
GOLD = {"field": "attributes.tier", "operator": "is", "value": "gold"}


@pytest.fixture
def people(test_env):
    AttributeDefinition.objects.create(environment=test_env, name="tier", types={"string": 5})
    for number, tier in enumerate(["gold", "gold", "gold", "silver", "silver"]):
        EndUserFactory(environment=test_env, user_id=f"u_{number}", attributes={"tier": tier})


@pytest.fixture
def desk(phone, live_server, test_env, client):
    """A page of an owner who is signed in."""
    member = Member.objects.create_user("olga@brewline.test", None, name="Olga")
    Membership.objects.create(workspace=test_env.workspace, member=member, role="owner")
    client.force_login(member, backend=BACKEND)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page = phone(bridge="", viewport=DESK)
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    page.base = live_server.url
    return page


def tab_to(page, name):
    """Press Tab until the element of this id or text has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        here = page.evaluate("[document.activeElement.id, document.activeElement.textContent.trim()]")
        if name == here[0] or (here[1] and here[1].startswith(name)):
            return
    raise AssertionError(f"{name} can't be reached by the keyboard")


def counted(page, number):
    page.locator("#count .big-number", has_text=str(number)).wait_for()


def test_a_segment_is_built_counted_and_saved_by_keyboard_alone(desk, people):
    desk.goto(f"{desk.base}/c/test/segments/new/")
    tab_to(desk, "name")
    desk.keyboard.type("Gold members")
    tab_to(desk, "g0r0-value")
    desk.keyboard.type("gold")

    counted(desk, 3)
    desk.locator("#words", has_text="tier is gold").wait_for()
    tab_to(desk, "Add a condition")
    desk.keyboard.press("Enter")
    desk.locator("#g0r1-kind:focus").wait_for()  # the new row has the focus
    tab_to(desk, "g0r1-field")
    desk.keyboard.type("U")
    tab_to(desk, "g0r1-value")
    desk.keyboard.type("u_1")

    counted(desk, 1)
    tab_to(desk, "Save segment")
    desk.keyboard.press("Enter")
    desk.get_by_text("is saved").wait_for()
    user = {"field": "core.userId", "operator": "is", "value": "u_1"}
    assert Segment.objects.get().rule == {"all": [GOLD, user]}


def test_the_number_beside_the_builder_is_that_of_the_database(desk, people):
    desk.goto(f"{desk.base}/c/test/segments/new/")
    desk.select_option("#g0r0-operator", "is_not")
    desk.locator("#g0r0-value").fill("gold")

    counted(desk, EndUser.objects.exclude(attributes__tier="gold").count())


def test_what_is_typed_survives_a_choice_that_changes_the_rows(desk, people):
    desk.goto(f"{desk.base}/c/test/segments/new/")
    desk.locator("#g0r0-value").fill("gold")
    desk.get_by_role("button", name="Add a group").click()
    desk.locator("#g1r0-kind").wait_for()
    desk.select_option("#g1r0-kind", "event")
    desk.locator("#g1r0-event").wait_for()
    desk.locator("#g1r0-kind:focus").wait_for()  # the focus stays where it was

    assert desk.locator("#g0r0-value").input_value() == "gold"


def test_the_pages_of_segments_are_clean_at_both_widths(desk, axe, people, test_env):
    segment = Segment.objects.create(environment=test_env, name="Gold members", rule={"all": [GOLD]})
    Segment.objects.create(environment=test_env, name="A list", kind="static")
    paths = ["/", "/new/", f"/{segment.pk}/?user=u_1", f"/{segment.pk}/edit/"]
    wrong = {}
    for path in paths:
        desk.goto(f"{desk.base}/c/test/segments{path}")
        desk.wait_for_timeout(300)
        if found := judge(desk, axe):
            wrong[path] = found

    assert not wrong


@pytest.fixture
def held(desk, people):
    """The builder, whose questions for rows stay away until they are let go on."""
    desk.goto(f"{desk.base}/c/test/segments/new/")
    waiting = []
    desk.route("**/segments/rows/", lambda route: waiting.append(route))
    return waiting


def let_go(page, held):
    for _ in range(100):
        if held:
            return held.pop(0).continue_()
        page.wait_for_timeout(50)
    raise AssertionError("nothing was asked for")


def test_what_is_typed_while_the_rows_are_away_is_kept(desk, held):
    desk.select_option("#g0r0-field", "core.userId")
    desk.locator("#g0r0-value").focus()
    desk.keyboard.type("u_")
    # as a slow machine: the next keys come when the rows are there but not settled
    desk.evaluate(
        "document.addEventListener('htmx:afterSwap', () => { document.activeElement.value += '1'; },"
        " { once: true })"
    )
    let_go(desk, held)
    counted(desk, 1)
    desk.keyboard.type("7")

    desk.locator("#g0r0-value:focus").wait_for()
    assert desk.locator("#g0r0-value").input_value() == "u_17"


def test_the_keyboard_stays_where_it_went_while_the_rows_were_away(desk, held):
    desk.select_option("#g0r0-field", "core.userId")
    desk.locator("#name").focus()
    let_go(desk, held)

    desk.locator("#g0r0-field option[selected]", has_text="User id").wait_for(state="attached")
    desk.keyboard.type("Mia")
    assert desk.locator("#name").input_value() == "Mia"


def test_a_choice_made_while_the_rows_are_away_comes_after_them(desk, held):
    desk.get_by_role("button", name="Add a condition").click()
    desk.select_option("#g0r0-field", "core.registeredAt")
    let_go(desk, held)
    desk.locator("#g0r1-kind").wait_for()
    let_go(desk, held)

    desk.locator("#g0r0-field option[value='core.registeredAt'][selected]").wait_for(state="attached")
    assert desk.locator("#g0r1-kind").count() == 1


def test_what_is_typed_below_a_row_that_is_being_removed_moves_up_with_its_row(desk, held):
    desk.get_by_role("button", name="Add a condition").click()
    let_go(desk, held)
    desk.locator("#g0r1-value").wait_for()
    desk.get_by_role("button", name="Remove condition 1").click()
    desk.locator("#g0r1-value").fill("silver")
    let_go(desk, held)

    desk.locator("#g0r1-value").wait_for(state="detached")
    assert desk.locator("#g0r0-value").input_value() == "silver"
