"""Probes and metrics: true about what they say, closed to strangers."""

import pytest
from django.db import connection

from glu_admin.observability import health, heartbeat, metrics

pytestmark = pytest.mark.django_db


def test_a_live_process_says_so_without_asking_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"success": True, "status": "up"}


def test_readiness_names_every_part(client):
    heartbeat.record()

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "parts": {"database": "ok", "migrations": "ok", "worker": "ok"},
    }


def test_a_database_that_is_away_makes_it_unready(client, settings, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"success": False, "parts": {"database": "not reachable"}}


def test_a_migration_that_is_not_applied_makes_it_unready(client, monkeypatch):
    monkeypatch.setattr(health, "_migrations", health._Migrations(lambda: ["users.0002_more", "x.0001"]))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["parts"]["migrations"] == "2 to apply, first users.0002_more"


def test_migrations_are_asked_again_until_they_are_applied():
    answers = [["users.0002_more"], [], ["never asked"]]
    migrations = health._Migrations(lambda: answers.pop(0))

    assert [migrations.check() for _ in range(3)] == ["1 to apply, first users.0002_more", "ok", "ok"]


def test_a_worker_that_was_never_seen_is_told_but_does_not_refuse(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["parts"]["worker"].startswith("No worker has been seen yet")


@pytest.mark.parametrize(
    ("age", "said"),
    [
        ("90 seconds", ""),
        ("150 seconds", "No worker seen for 2 min; webhooks wait. Start the worker and beat."),
        ("3 hours", "No worker seen for 3 h; webhooks wait. Start the worker and beat."),
        ("9 days", "No worker seen for 9 days; webhooks wait. Start the worker and beat."),
    ],
)
def test_a_silent_worker_is_told_with_the_time_it_has_been_silent(age, said):
    heartbeat.record()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE observability_heartbeat SET at = clock_timestamp() - %s::interval", [age])

    assert heartbeat.worker_problem() == said


def test_metrics_count_requests_by_route_and_status(client):
    client.get("/healthz")
    client.get("/api/v1/nothing/mia@example.com")

    text = client.get("/metrics").text

    assert 'glu_requests_total{method="GET",route="healthz",status="200"}' in text
    assert 'glu_requests_total{method="GET",route="(none)",status="404"}' in text
    assert 'glu_request_seconds_bucket{le="0.0025",method="GET",route="healthz"}' in text
    assert "mia" not in text


def test_metrics_read_what_waits_from_the_database(client, test_env):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO webhooks_outboxmessage (environment_id, kind, subject_id, created_at)"
            " SELECT %s, 'reward.won', gen_random_uuid(), now() FROM generate_series(1, 3)",
            [test_env.id],
        )

    assert "glu_outbox_waiting 3.0" in client.get("/metrics").text


def test_metrics_count_plays_rewards_and_deliveries(client):
    metrics.count_play(won=True)
    metrics.count_reward("coupons")
    metrics.count_delivery("delivered")

    text = client.get("/metrics").text

    assert 'glu_plays_total{result="won"}' in text
    assert 'glu_rewards_total{type="coupons"}' in text
    assert 'glu_deliveries_total{outcome="delivered"}' in text


@pytest.mark.parametrize(
    ("address", "headers", "token", "status"),
    [
        ("127.0.0.1", {}, "right", 403),
        ("127.0.0.1", {"Authorization": "Bearer right"}, "right", 200),
        ("127.0.0.1", {}, "", 200),
        ("::1", {}, "", 200),
        ("192.0.2.7", {}, "", 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, "", 403),
        ("not an address", {}, "", 403),
        ("192.0.2.7", {"Authorization": "Bearer right"}, "right", 200),
        ("192.0.2.7", {"Authorization": "Bearer wröng"}, "right", 403),
        ("192.0.2.7", {"Authorization": "Bearer "}, "", 403),
    ],
)
def test_metrics_are_for_this_machine_or_for_who_has_the_token(  # noqa: PLR0917  # the table's columns
    client, settings, address, headers, token, status
):
    settings.METRICS_TOKEN = token

    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


def test_behind_a_proxy_the_address_opens_no_metrics(client, settings):
    settings.TRUSTED_PROXIES = 1

    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_only_read(client, path):
    assert client.post(path).status_code == 405
