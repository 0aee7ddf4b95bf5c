"""The segment builder in a real Chromium: by keyboard alone, counted while one types."""

import pytest
from django.conf import settings

from glu_admin.jobs.desk import work_once
from glu_admin.workspaces.models import Member, Membership
from tests.browser.test_console import DESK, PHONE, judge
from tests.factories import EndUserFactory
from users.models import AttributeDefinition, EndUser, Segment, SegmentMember

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BOTH = (DESK, PHONE)
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
    listed = Segment.objects.create(environment=test_env, name="A list", kind="static")
    SegmentMember.objects.bulk_create(
        SegmentMember(environment=test_env, segment=listed, user=person, source="hand")
        for person in EndUser.objects.all()
    )
    paths = ["/", "/new/", f"/{segment.pk}/?user=u_1", f"/{segment.pk}/edit/"]
    paths += ["/new/list/", "/new/event/", f"/{listed.pk}/", f"/{listed.pk}/people/"]
    wrong = {}
    for path in paths:
        desk.goto(f"{desk.base}/c/test/segments{path}")
        desk.wait_for_timeout(300)
        if found := judge(desk, axe, sizes=BOTH):
            wrong[path] = found

    assert not wrong


@pytest.fixture
def held(desk, people):
    """The builder, whose questions for rows stay away until they are let go on."""
    desk.goto(f"{desk.base}/c/test/segments/new/")
    waiting = []

    def hold(route):
        waiting.append(route)

    desk.route("**/segments/rows/", hold)
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


def test_a_file_is_imported_and_undone_on_a_page_that_follows_it(desk, axe, people, test_env):
    listed = Segment.objects.create(environment=test_env, name="A list", kind="static")
    desk.goto(f"{desk.base}/c/test/segments/{listed.pk}/people/")
    rows = b"userId\nu_0\nnobody\nu_1\n"
    desk.locator("#file").set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": rows})
    desk.get_by_role("button", name="Check the file").click()
    wrong = []
    for pressed, told in (
        ("Add 2 people", "2 of 3 rows name somebody here"),
        ("Undo", "The import is done"),
        ("", "The import is undone"),
    ):
        work_once()
        desk.get_by_role("heading", name=told).wait_for()  # the page asks by itself
        wrong += judge(desk, axe, sizes=BOTH)
        if pressed:
            desk.get_by_role("button", name=pressed).click()

    assert not wrong
    assert not SegmentMember.objects.exists()


def test_a_segment_is_exported_on_a_page_that_links_to_the_file(desk, axe, people, test_env):
    segment = Segment.objects.create(environment=test_env, name="Gold members", rule={"all": [GOLD]})
    desk.goto(f"{desk.base}/c/test/segments/{segment.pk}/")
    desk.get_by_role("button", name="Export CSV").click()
    desk.get_by_role("heading", name="The export waits for its turn").wait_for()
    work_once()
    desk.get_by_role("heading", name="The file is ready").wait_for()
    wrong = judge(desk, axe, sizes=BOTH)
    with desk.expect_download() as file:
        desk.get_by_role("link", name="Download the CSV").click()

    assert file.value.path().read_text().count("u_") == 3
    assert not wrong


def test_one_button_leads_to_the_three_kinds_of_segments_by_keyboard(desk, axe, people):
    desk.goto(f"{desk.base}/c/test/segments/")
    tab_to(desk, "New segment")
    desk.keyboard.press("Enter")
    assert not judge(desk, axe, sizes=BOTH)
    tab_to(desk, "By an event")
    desk.keyboard.press("Enter")

    desk.get_by_role("heading", name="New segment by an event").wait_for()
    assert not desk.locator("#enter0-to").is_visible()
    desk.select_option("#enter0-operator", "between")
    assert desk.locator("#enter0-to").is_visible()
    assert not judge(desk, axe, sizes=BOTH)
