import pytest

from campaigns.models import Campaign
from glu_admin.workspaces.models import AuditEntry
from tests.factories import EndUserFactory, launched_campaign


def path(campaign, rest=""):
    return f"/c/test/campaigns/{campaign.pk}/{rest}"


def test_tabs_count_and_the_search_finds_by_name_tag_and_id(owner, test_env):
    spin = launched_campaign(test_env, name="Weekend spin", tag="weekend")
    quiet = launched_campaign(test_env, name="Quiet wheel")
    owner.post(path(quiet, "pause/"))

    tabs = {tab.label: tab.count for tab in owner.get("/c/test/campaigns/").context["tabs"]}
    assert tabs == {"All": 2, "Live": 1, "Scheduled": 0, "Draft": 0, "Paused": 1, "Ended": 0}
    for wanted in ("weekEND s", "weekend", str(spin.pk)):
        found = owner.get("/c/test/campaigns/", {"q": wanted})
        assert [row.campaign for row in found.context["rows"]] == [spin]
    paused = owner.get("/c/test/campaigns/?status=paused").context["rows"]
    assert [row.campaign for row in paused] == [quiet]


def test_an_empty_search_is_not_an_empty_list(owner, wheel):
    assert "No campaign fits “zzz”" in owner.get("/c/test/campaigns/?q=zzz").text
    assert "No campaign in Live yet" in owner.get("/c/live/campaigns/").text


def test_the_page_shows_figures_odds_plays_and_how_to_open_it(owner, wheel, play):
    answer_data = play(wheel, "u_1", user_name="Mia Kaur")

    answer = owner.get(path(wheel))

    progress = answer.context["progress"]
    assert (progress.plays, progress.players, progress.wins) == (1, 1, 1)
    drawn = [(each.variant.name, each.drawn, each.given) for each in answer.context["outcomes"]]
    assert drawn[0] == ("20% off", 1, 1)
    assert sum(each[1] for each in drawn) == 1
    assert answer_data["reward"]["rewardId"][:8] in answer.text
    assert "Mia Kaur" in answer.text
    assert str(wheel.pk) in answer.text
    assert "data:image/svg+xml" in answer.text


def test_no_page_shows_a_coupon_code(owner, wheel, play):
    code = play(wheel, "u_1")["reward"]["code"]

    for page in (path(wheel), path(wheel, "edit/"), "/c/test/", "/c/test/campaigns/"):
        assert code not in owner.get(page).text


def test_what_ran_out_is_counted_as_drawn_and_the_fallback_as_given(owner, test_env, play):
    campaign = launched_campaign(test_env, weights=(1, 0, 0, 0), codes=1)
    for n in range(3):
        play(campaign, f"u_{n}")

    found = {
        each.variant.name: (each.drawn, each.given, each.left)
        for each in owner.get(path(campaign)).context["outcomes"]
    }

    assert found["20% off"] == (3, 1, 0)
    assert found["Not this time"] == (0, 2, None)


@pytest.mark.parametrize("page", ["", "edit/"])
def test_a_campaigns_pages_take_few_statements(owner, wheel, play, django_assert_max_num_queries, page):
    for n in range(5):
        play(wheel, f"u_{n}")

    with django_assert_max_num_queries(16 if page else 12):
        assert owner.get(path(wheel, page)).status_code == 200


def test_the_list_takes_twelve_statements_at_most(owner, test_env, django_assert_max_num_queries):
    for n in range(5):
        launched_campaign(test_env, name=f"Wheel {n}")

    with django_assert_max_num_queries(12):
        owner.get("/c/test/campaigns/")


def test_pause_resume_and_end_are_done_said_and_audited(owner, wheel):
    for action, status in (("pause", "paused"), ("resume", "live"), ("end", "ended")):
        answer = owner.post(path(wheel, f"{action}/"), follow=True)
        wheel.refresh_from_db()
        assert wheel.status == status
        assert "Weekend spin" in str(next(iter(answer.context["messages"])))
        assert AuditEntry.objects.filter(object_id=str(wheel.pk)).first().actor == "owner@brewline.test"


def test_what_is_not_possible_is_said_and_changes_nothing(owner, wheel):
    answer = owner.post(path(wheel, "resume/"), follow=True)

    assert "The campaign is live; this needs it to be paused." in answer.text
    wheel.refresh_from_db()
    assert wheel.status == "live"


def test_a_copy_is_a_draft_of_its_own(owner, wheel):
    owner.post(path(wheel, "duplicate/"))

    copy = Campaign.objects.get(status="draft")
    assert copy.name == "Copy of Weekend spin"
    assert copy.table_id != wheel.table_id


def test_a_viewer_reads_and_is_told_why_there_are_no_buttons(as_role, wheel):
    answer = as_role("viewer").get(path(wheel))

    assert "Only Owners, Admins and Marketers may change campaigns. Ask an Admin." in answer.text
    assert "Pause" not in answer.text


def test_the_link_is_for_a_person_who_exists(owner, wheel, test_env):
    EndUserFactory(environment=test_env, user_id="u_tester", is_test=True)

    assert f"userId=u_tester&amp;campaignId={wheel.pk}" in owner.get(path(wheel)).text


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_a_link_that_no_phone_can_reach_has_no_qr_code(owner, wheel, settings, address):
    settings.PUBLIC_URL = address

    answer = owner.get(path(wheel))

    assert "--host 0.0.0.0" in answer.text
    assert "data:image/svg+xml" not in answer.text


def test_odds_that_nobody_played_under_yet_say_so(owner, wheel):
    answer = owner.get(path(wheel))

    assert "Nobody has played under version 1 yet." in answer.text


def test_where_direct_links_are_off_none_is_shown(owner, wheel, test_env):
    test_env.allow_direct_links = False
    test_env.save()

    answer = owner.get(path(wheel))

    assert "writekey=" not in answer.text
    assert "Direct links with a bare user id are off" in answer.text
