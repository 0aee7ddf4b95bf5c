import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from campaigns.console import attention, figures
from campaigns.models import Campaign, Play
from glu_admin.observability import heartbeat
from glu_admin.webhooks.models import Delivery, Endpoint, OutboxMessage
from tests.factories import launched_campaign


def tiles(answer):
    return {tile.label: tile.value for tile in answer.context["tiles"]}


def test_an_empty_environment_says_what_will_be_here(owner):
    answer = owner.get("/c/test/")

    assert "Nothing to count yet" in answer.text
    assert tiles(answer) == {"Active players": "0", "Plays": "0", "Rewards issued": "0", "Win rate": "—"}


def test_plays_show_at_once_as_figures_bars_and_news(owner, wheel, play):
    for user_id in ("u_1", "u_2"):
        play(wheel, user_id, user_name="Mia Kaur")

    answer = owner.get("/c/test/")

    assert tiles(answer) == {"Active players": "2", "Plays": "2", "Rewards issued": "2", "Win rate": "100.0%"}
    assert answer.context["chart"].bars[-1].day.plays == 2
    assert "Mia Kaur" in answer.text
    assert "20% off" in answer.text


def test_live_shows_nothing_of_test(owner, wheel, play):
    play(wheel, "u_1")

    answer = owner.get("/c/live/")

    assert tiles(answer)["Plays"] == "0"
    assert "Weekend spin" not in answer.text


def test_names_are_masked_for_a_marketer(as_role, wheel, play):
    play(wheel, "u_1", user_name="Mia Kaur")

    answer = as_role("marketer").get("/c/test/")

    assert "Mia K." in answer.text
    assert "Mia Kaur" not in answer.text


def test_a_figure_is_compared_with_the_period_before(owner, wheel, play):
    for n in range(4):
        play(wheel, f"u_{n}")
    old = Play.objects.first()
    Play.objects.filter(pk=old.pk).update(played_at=timezone.now() - timedelta(days=10))

    answer = owner.get("/c/test/?days=7")

    plays = answer.context["tiles"][1]
    assert (plays.value, plays.delta, plays.direction) == ("3", "200.0%", "up")


def test_a_figure_without_a_past_claims_no_comparison(owner, wheel, play):
    play(wheel, "u_1")

    hints = [tile.hint for tile in owner.get("/c/test/?days=7").context["tiles"]]

    assert hints == [
        "none in the 7 days before",
        "1.0 a player",
        "none in the 7 days before",
        "of plays won a reward",
    ]


def test_a_line_leaves_out_the_day_that_is_not_over(owner, wheel, play):
    play(wheel, "u_1")

    assert owner.get("/c/test/?days=7").context["tiles"][1].points == ""


def test_the_table_shows_the_numbers_of_the_chart(owner, wheel, play):
    play(wheel, "u_1")

    answer = owner.get("/c/test/?view=table&days=7")

    table = answer.text.partition('id="chart"')[2].partition("</table>")[0]
    rows = re.findall(r'<td class="end number">(\d+)</td>', table)
    shown = [
        n for bar in answer.context["chart"].bars for n in (bar.day.players, bar.day.plays, bar.day.rewards)
    ]
    assert list(map(int, rows)) == shown
    assert len(shown) == 21


def test_days_begin_at_midnight_of_the_workspace(test_env, wheel, play):
    play(wheel, "u_1")
    test_env.workspace.time_zone = "Asia/Kolkata"
    Play.objects.update(played_at=datetime(2026, 6, 16, 18, 45, tzinfo=UTC))  # 00:15 on the 17th in Kolkata

    found = figures.period(test_env, [wheel.pk], days=2, now=datetime(2026, 6, 17, 12, tzinfo=UTC))

    assert [(day.date.day, day.plays) for day in found.days] == [(16, 0), (17, 1)]


@pytest.mark.parametrize("path", ["/c/test/", "/c/test/?part=live"])
def test_the_overview_takes_twelve_statements_at_most(
    owner, wheel, play, django_assert_max_num_queries, path
):
    for n in range(3):
        play(wheel, f"u_{n}")
    launched_campaign(wheel.environment, name="Another")

    with django_assert_max_num_queries(12):
        owner.get(path)


def labels(env):
    campaigns = list(Campaign.objects.filter(environment=env))
    return [(item.label, item.tone) for item in attention.items(env, campaigns, timezone.now())]


@pytest.fixture
def busy_worker(db):
    heartbeat.record()


def test_nothing_needs_attention_when_all_is_well(test_env, wheel, busy_worker):
    assert labels(test_env) == []


def test_a_silent_worker_needs_attention(test_env):
    assert labels(test_env) == [("Worker", "bad")]


@pytest.mark.parametrize(
    ("codes", "plays", "found"), [(1, 1, [("Stock", "bad")]), (2, 1, []), (2, 2, [("Stock", "bad")])]
)
@pytest.mark.usefixtures("busy_worker")
def test_a_pool_that_runs_out_needs_attention(test_env, play, codes, plays, found):
    campaign = launched_campaign(test_env, weights=(1, 0, 0, 0), codes=codes)
    for n in range(plays):
        play(campaign, f"u_{n}")

    assert labels(test_env) == found


def test_a_pool_of_no_running_campaign_may_be_empty(test_env, play, busy_worker):
    campaign = launched_campaign(test_env, weights=(1, 0, 0, 0), codes=1)
    play(campaign, "u_1")
    Campaign.objects.update(status="paused")

    assert labels(test_env) == []


@pytest.mark.parametrize(
    ("state", "tries", "found"),
    [("exhausted", 3, [("Webhook", "bad")]), ("pending", 1, [("Webhook", "warn")]), ("delivered", 2, [])],
)
def test_deliveries_that_fail_need_attention(test_env, busy_worker, state, tries, found):
    endpoint = Endpoint.objects.create(environment=test_env, url="https://x.example/", sealed_secret=b"x")
    message = OutboxMessage.objects.create(environment=test_env, kind="reward.won", subject_id=test_env.id)
    Delivery.objects.create(
        environment=test_env, message=message, endpoint=endpoint, state=state, tries=tries
    )

    assert labels(test_env) == found


@pytest.mark.parametrize(("hours", "found"), [(23, [("Schedule", "plain")]), (25, [])])
def test_a_campaign_that_ends_within_a_day_needs_attention(test_env, busy_worker, hours, found):
    launched_campaign(test_env, ends_at=timezone.now() + timedelta(hours=hours))

    assert labels(test_env) == found
