"""The phone beside the editor shows what is typed, stores nothing and lets nothing out."""

import pytest
from django.utils import timezone

from campaigns.console.preview_states import states_of
from campaigns.models import Campaign, Participation
from campaigns.publishing import draft_of
from campaigns.types import all_types
from tests.console.test_config_forms import Sent
from tests.console.test_editor import NEW, typed
from tests.factories import MOMENT, launched_campaign
from tests.types.happenings import OUTCOMES

PREVIEW = "/c/test/campaigns/preview/"


@pytest.fixture
def form(owner):
    return typed(owner.get(NEW)) | {"config-title": "Win a mug", "outcomes.0.name": "A mug"}


def test_a_campaign_without_a_name_is_shown_as_it_is_typed(owner, form):
    answer = owner.post(PREVIEW, form | {"state": "start"})

    assert answer.status_code == 200
    assert '<h1 tabindex="-1">Win a mug</h1>' in answer.text
    assert ">A mug</text>" in answer.text
    assert "1 play left today" in answer.text
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("won", "You won A mug"),
        ("lost", "No prize this time"),
        ("sold_out", "All prizes are gone"),
        ("ended", "This campaign has ended"),
        ("no_plays", "You have played for today"),
        ("not_eligible", "Not for you this time"),
        ("offline", "You are offline"),
        ("error", "Something went wrong on our side"),
        ("unheard-of", "Win a mug"),
    ],
)
def test_each_state_has_its_page(owner, form, state, words):
    assert words in owner.post(PREVIEW, form | {"state": state}).text


def test_the_page_has_no_script_sends_nothing_and_is_framed_by_us_only(owner, form):
    answer = owner.post(PREVIEW, form)

    assert "<script" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    for rule in ("script-src 'none'", "connect-src 'none'", "form-action 'none'", "frame-ancestors 'self'"):
        assert rule in policy
    assert "X-Frame-Options" not in answer.headers


@pytest.mark.parametrize(
    "broken",
    [
        {"outcomes.0.chance": "90"},
        {"outcomes.0.name": ""},
        {"starts_at": "soon"},
        {"type": "no-such-game"},
        {"outcomes.count": "1", "outcomes.0.chance": "100", "state": "start"},
    ],
)
def test_what_does_not_fit_yet_leaves_the_picture_as_it_was(owner, form, broken):
    answer = owner.post(PREVIEW, form | broken)

    assert (answer.status_code, answer.content) == (204, b"")


def test_a_game_without_a_losing_outcome_has_no_page_of_losing(owner, form):
    only_prizes = form | {"outcomes.3.reward_type": "points", "outcomes.3.amount": "5"}

    assert owner.post(PREVIEW, only_prizes | {"state": "lost"}).status_code == 204


def test_without_a_fallback_none_is_promised(owner, form):
    assert "you get “No prize” instead" in owner.post(PREVIEW, form).text
    assert "instead" not in owner.post(PREVIEW, form | {"fallback": ""}).text


def test_a_preview_of_a_live_campaign_is_no_visit_and_shows_no_code(owner, test_env):
    campaign = launched_campaign(test_env, weights=(1, 0, 0, 0))
    before = draft_of(campaign)
    form = typed(owner.get(f"/c/test/campaigns/{campaign.pk}/edit/"))

    answer = owner.post(PREVIEW, form | {"state": "won", "config-title": "Changed"})

    assert "You won 20% off" in answer.text
    assert "SAMPLE-CODE" in answer.text
    assert not Participation.objects.exists()
    campaign.refresh_from_db()
    assert draft_of(campaign) == before


def test_who_may_not_change_campaigns_has_no_preview(as_role):
    assert as_role("viewer").post(PREVIEW, {}).status_code == 403


@pytest.mark.parametrize("slug", sorted(all_types()))
@pytest.mark.parametrize("state", ["start", "won", "sold_out", "ended", "not_eligible", "offline", "error"])
def test_each_game_has_its_page_in_each_state_as_soon_as_it_is_chosen(owner, form, slug, state):
    answer = owner.post(PREVIEW, form | {"type": slug, "state": state})

    assert answer.status_code == 200
    assert f"types/{slug}/game.css" in answer.text
    assert "data-stage" in answer.text


def states_in(kind):
    return [state for state, _ in states_of(kind.slug, timezone.now())]


UNDER_WAY = [each for each in all_types().values() if "in_progress" in states_in(each)]


def test_what_takes_more_than_one_step_is_under_way_at_some_time():
    assert {each for each in all_types().values() if each.is_redrawn and each.page == "reward"} <= set(
        UNDER_WAY
    )
    assert len([each for each in UNDER_WAY if each.page == "program"]) >= 3


@pytest.mark.parametrize("kind", UNDER_WAY, ids=lambda kind: kind.slug)
def test_what_takes_more_than_one_step_is_shown_under_way(owner, form, kind):
    answer = owner.post(PREVIEW, form | {"type": kind.slug, "state": "in_progress"})

    assert answer.status_code == 200
    assert 'data-state="in-progress"' in answer.text


@pytest.mark.parametrize("kind", all_types().values(), ids=lambda kind: kind.slug)
def test_there_is_a_button_for_each_state_that_a_type_can_be_in(kind):
    shown = set(states_in(kind))

    assert {"start", "won", "sold_out", "ended", "not_eligible", "offline", "error"} <= shown
    assert ("no_plays" in shown) == (kind.page != "program")


@pytest.mark.parametrize(
    ("slug", "state", "words"),
    [
        ("memorygame", "won", "All pairs in"),
        ("memorygame", "lost", "You found 3 of 6 pairs"),
        ("quiz", "won", "<b>100%</b>"),
        ("quiz", "lost", "not passed this time"),
        ("multistep", "won", "<bdi>3</bdi> of <bdi>3</bdi>"),
        ("collectthestamps", "won", "10 of 10 stamps"),
        ("streak", "won", "<bdi>3</bdi>"),
    ],
)
def test_a_game_of_several_moves_is_shown_at_its_end(owner, form, slug, state, words):
    page = owner.get("/c/test/campaigns/new/", {"type": slug})

    sent = Sent(page.text.partition("<main")[2]).data
    answer = owner.post(PREVIEW, sent | {"state": state})

    assert words in answer.text


@pytest.mark.parametrize("kind", all_types().values(), ids=lambda kind: kind.slug)
@pytest.mark.parametrize("won", [True, False])
def test_an_end_is_one_that_the_type_itself_can_go_on_from(kind, won):
    config = kind.defaults()
    state = kind.finished(config, MOMENT, won=won)
    if state is None:
        return

    assert kind.merge(state, kind.start(config)) == state
    assert kind.view(config, state, OUTCOMES, MOMENT) is not None
    assert kind.reveal(config, OUTCOMES, OUTCOMES[0], state)


def test_a_weekly_streak_is_shown_at_its_first_milestone():
    kind = all_types()["streak"]
    config = kind.defaults() | {"period": "week", "goal": 3, "milestones": [2, 4]}

    state = kind.finished(config, MOMENT, won=True)

    assert kind.reveal(config, OUTCOMES, OUTCOMES[0], state) == {"length": 2, "period": "week"}
