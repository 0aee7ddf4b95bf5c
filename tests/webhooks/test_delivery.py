"""Deliveries from the lease to the record, against receivers of every kind, on a clock of our own."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from standardwebhooks import Webhook

from glu_admin import crypto
from glu_admin.webhooks import delivery, endpoints, leases, signatures
from glu_admin.webhooks.fanout import fan_out
from glu_admin.webhooks.models import Attempt, Delivery, Endpoint
from glu_admin.webhooks.sending import Answer
from tests.webhooks.conftest import CODE, KIND, TOKEN, cancelled


@pytest.fixture
def clock():
    """Far enough ahead that whatever was made just now is due."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)


def run_until_quiet(start, *, jitter=0.0, seconds=7200):
    """Every attempt and its second, by jumping from one due time to the next."""
    happened, now = [], start
    while True:
        for lease in leases.take(10, at=now):
            delivery.deliver(lease, at=now, jitter=jitter)
            happened.append((now - start).total_seconds())
        due = Delivery.objects.filter(state="pending", endpoint__status="active").order_by("next_at").first()
        if due is None or due.next_at > start + timedelta(seconds=seconds):
            return happened
        now = max(now, due.next_at)


def test_a_webhook_arrives_signed_in_both_ways(test_env, make_endpoint, tell, server, clock):
    endpoint = make_endpoint(test_env, "/200/hook")
    Endpoint.objects.filter(pk=endpoint.pk).update(legacy_header=True)
    [fact] = tell(test_env)
    fan_out()

    [lease] = leases.take(10)
    verdict = delivery.deliver(lease)

    assert verdict.state == "delivered"
    [got] = server.got
    expected = f'{{"rewardId":"{fact}","code":"{CODE}","rewardName":"Zoë\'s ☕"}}'.encode()
    assert got.body == expected
    made = Delivery.objects.get()
    assert (made.state, made.tries, made.lease_until) == ("delivered", 1, None)
    assert made.delivered_at is not None
    assert got.headers["webhook-id"] == str(made.id)
    assert got.headers["webhook-attempt"] == "1"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-cg-signature"] == signatures.cg_signature(TOKEN, got.body)
    assert got.headers["x-glu-signature"] == got.headers["x-cg-signature"]
    key = crypto.environment_key(test_env.id, test_env.wrapped_key)
    secret = crypto.unseal(key, endpoint.sealed_secret, f"endpoint-secret:{endpoint.pk}").decode()
    assert Webhook(secret).verify(got.body, got.headers) == json.loads(expected)


def test_without_a_token_there_is_no_original_signature(under_way, server):
    under_way(token=None)

    delivery.deliver(leases.take(1)[0])

    assert "x-cg-signature" not in server.got[0].headers
    assert "webhook-signature" in server.got[0].headers


FAILING = [
    "/500/",
    "/404/",
    "/400/",
    "/301/",
    "/302/",
    "/413/",
    "/503/",
    "/429/",
    "/reset/",
    "/short/",
    "/noise/",
]


@pytest.mark.parametrize("path", FAILING)
def test_a_failing_receiver_is_tried_at_once_after_30_s_and_after_5_min_then_no_more(
    under_way, server, clock, path
):
    under_way(path)

    assert run_until_quiet(clock) == [0, 30, 330]

    made = Delivery.objects.get()
    assert (made.state, made.tries, made.delivered_at) == ("exhausted", 3, None)
    assert [each.number for each in made.attempts.order_by("number")] == [1, 2, 3]
    assert all(each.problem for each in made.attempts.all())
    assert len({got.body for got in server.got}) == 1
    assert {got.headers["webhook-id"] for got in server.got} == {str(made.id)}
    assert [got.headers["webhook-attempt"] for got in server.got] == ["1", "2", "3"]
    times = [int(got.headers["webhook-timestamp"]) for got in server.got]
    assert [each - times[0] for each in times] == [0, 30, 330]
    assert run_until_quiet(clock + timedelta(days=1)) == []


@pytest.mark.parametrize(("jitter", "seconds"), [(-1, [0, 24, 264]), (1, [0, 36, 396]), (0.5, [0, 33, 363])])
def test_the_waits_are_spread(under_way, clock, jitter, seconds):
    under_way("/500/")

    assert run_until_quiet(clock, jitter=jitter) == seconds


@pytest.mark.parametrize("path", ["/200/", "/201/", "/204/", "/huge/", "/bomb/", "/echo/"])
def test_any_2xx_ends_it(under_way, clock, path):
    under_way(path)

    assert run_until_quiet(clock) == [0]
    assert Delivery.objects.get().state == "delivered"


@pytest.mark.parametrize("path", ["/hang/", "/drip/", "/driphead/"])
def test_a_receiver_that_takes_its_time_fails_the_try(under_way, clock, settings, path):
    settings.WEBHOOK_TIMEOUT_SECONDS = 0.2
    under_way(path)

    assert run_until_quiet(clock) == [0, 30, 330]
    assert set(Attempt.objects.values_list("status", flat=True)) == {None}


def test_a_receiver_that_recovers_gets_it_at_the_next_try(under_way, server, clock):
    endpoint = under_way("/500/")
    delivery.deliver(leases.take(1, at=clock)[0], at=clock, jitter=0)
    Endpoint.objects.filter(pk=endpoint.pk).update(url=f"{server.url}/200/")

    assert run_until_quiet(clock + timedelta(seconds=30)) == [0]

    made = Delivery.objects.get()
    assert (made.state, made.tries) == ("delivered", 2)
    assert list(made.attempts.order_by("number").values_list("status", flat=True)) == [500, 200]


def test_retry_after_is_obeyed_three_times_and_then_counts(under_way, server, clock):
    under_way("/wait/")

    assert run_until_quiet(clock) == [0, 7, 14, 21, 51, 351]

    made = Delivery.objects.get()
    assert (made.state, made.tries, made.postponed) == ("exhausted", 3, 3)
    assert [got.headers["webhook-attempt"] for got in server.got] == ["1", "2", "3", "4", "5", "6"]


def test_410_switches_the_endpoint_off_and_holds_what_it_would_have_got(test_env, make_endpoint, tell, clock):
    endpoint = make_endpoint(test_env, "/410/")
    other = make_endpoint(test_env, "/200/")
    tell(test_env, 3)
    fan_out()

    [first, *_] = [lease for lease in leases.take(10, at=clock) if lease.endpoint_id == endpoint.pk]
    delivery.deliver(first, at=clock, jitter=0)

    endpoint.refresh_from_db()
    other.refresh_from_db()
    assert (endpoint.status, other.status) == ("disabled", "active")
    later = clock + timedelta(minutes=2)
    assert {lease.endpoint_id for lease in leases.take(10, at=later)} == {other.pk}
    assert Delivery.objects.get(id=first.delivery_id).state == "held"
    entry = test_env.workspace.audit_entries.get(action="endpoint.disable")
    assert entry.changes == {"status": ["active", "disabled"], "reason": [None, "410 Gone"]}


def test_what_was_held_goes_out_when_the_endpoint_is_switched_on(under_way, test_env, tell, server, clock):
    endpoint = under_way("/200/", count=2)
    endpoints.disable(endpoint, actor=endpoints.SYSTEM)
    facts = {str(each) for each in tell(test_env, 2)}
    fan_out()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"held"}
    assert run_until_quiet(clock) == []

    endpoints.enable(endpoint, actor=endpoints.SYSTEM)

    assert run_until_quiet(clock) == [0, 0, 0, 0]
    assert facts < {json.loads(got.body)["rewardId"] for got in server.got}


def test_a_fact_that_is_no_longer_to_be_told_is_cancelled(test_env, make_endpoint, tell, server, clock):
    make_endpoint(test_env)
    [fact] = tell(test_env)
    fan_out()
    cancelled.add(fact)

    delivery.deliver(leases.take(1)[0])

    assert Delivery.objects.get().state == "cancelled"
    assert server.got == []
    assert run_until_quiet(clock) == []


def test_an_address_that_became_private_fails_the_try_and_reaches_nobody(under_way, server, clock, settings):
    under_way()
    settings.WEBHOOK_ALLOWED_NETWORKS = []

    assert run_until_quiet(clock) == [0, 30, 330]
    assert server.got == []
    assert Attempt.objects.first().problem == "127.0.0.1 is not a public address."


def test_live_never_sends_over_plain_http(live_env, make_endpoint, tell, server, clock):
    endpoint = endpoints.create(live_env, "https://example.com/", [KIND])[0]
    Endpoint.objects.filter(pk=endpoint.pk).update(url=f"{server.url}/200/")
    tell(live_env)
    fan_out()

    assert run_until_quiet(clock) == [0, 30, 330]
    assert server.got == []
    assert Attempt.objects.first().problem == "The address must start with https://."


def test_a_lease_is_for_one_worker_and_a_minute(under_way, clock):
    under_way()

    [first] = leases.take(10, at=clock)

    assert first.number == 1
    assert leases.take(10, at=clock) == []
    assert leases.take(10, at=clock + timedelta(seconds=59)) == []
    [second] = leases.take(10, at=clock + timedelta(seconds=60))
    assert (second.delivery_id, second.number) == (first.delivery_id, 2)


def test_a_lease_counts_by_the_databases_clock(under_way):
    under_way()

    [lease] = leases.take(10)

    with connection.cursor() as cursor:
        cursor.execute("SELECT lease_until - statement_timestamp() FROM webhooks_delivery")
        left = cursor.fetchone()[0]
    assert timedelta(seconds=58) < left <= timedelta(seconds=60)
    assert leases.take(10) == []
    assert lease.attempt == 1


@pytest.mark.parametrize(
    "answer", [Answer(200, "", b"", 3), Answer(500, "bad", b"", 3), Answer(410, "", b"", 3)]
)
def test_a_worker_that_lost_its_lease_changes_nothing(under_way, clock, answer):
    endpoint = under_way()
    [stale] = leases.take(1, at=clock)
    later = clock + timedelta(seconds=61)
    [fresh] = leases.take(1, at=later)
    before = Delivery.objects.values().get()

    assert delivery.conclude(stale, answer, started=clock, jitter=0, at=later) is None
    delivery.cancel(stale)

    assert Delivery.objects.values().get() == before
    assert not Attempt.objects.exists()
    endpoint.refresh_from_db()
    assert endpoint.status == "active"
    assert delivery.deliver(fresh, at=later).state == "delivered"
    assert delivery.conclude(stale, answer, started=clock, jitter=0, at=later) is None
    assert Delivery.objects.get().state == "delivered"
    assert Attempt.objects.count() == 1


def test_at_most_four_are_in_flight_to_one_endpoint_and_the_others_get_their_turn(
    test_env, make_endpoint, tell, clock
):
    slow, quick = make_endpoint(test_env), make_endpoint(test_env)
    tell(test_env, 10)
    fan_out()

    taken = leases.take(100, at=clock)

    assert sorted(lease.endpoint_id for lease in taken) == sorted([slow.pk] * 4 + [quick.pk] * 4)
    assert leases.take(100, at=clock) == []
    mine = next(lease for lease in taken if lease.endpoint_id == quick.pk)
    delivery.deliver(mine, at=clock)
    assert [lease.endpoint_id for lease in leases.take(100, at=clock)] == [quick.pk]


def test_a_backlog_of_one_endpoint_does_not_come_before_anothers_first(test_env, make_endpoint, tell, clock):
    busy = make_endpoint(test_env)
    tell(test_env, 20)
    fan_out()
    late = make_endpoint(test_env)
    tell(test_env, 1)
    fan_out()

    assert {lease.endpoint_id for lease in leases.take(2, at=clock)} == {busy.pk, late.pk}


def test_what_a_receiver_echoes_is_kept_sealed(under_way, opened):
    under_way("/echo/")

    delivery.deliver(leases.take(1)[0])

    attempt = Attempt.objects.get()
    assert CODE.encode() not in bytes(attempt.sealed_answer)
    head = crypto.unseal(
        opened.key, attempt.sealed_answer, delivery.answer_place(attempt.delivery_id, attempt.number)
    )
    assert CODE in head.decode()


def test_each_try_is_signed_anew_over_the_same_bytes(under_way, server, clock):
    under_way("/500/")

    run_until_quiet(clock)

    assert len({got.body for got in server.got}) == 1
    assert len({got.headers["webhook-signature"] for got in server.got}) == 3


def test_the_secret_before_a_rotation_signs_for_a_day(under_way, server, opened, clock):
    endpoint = under_way()
    old = endpoints.signing_keys(opened, endpoint, clock).secrets
    new = endpoints.rotate(endpoint, actor=endpoints.SYSTEM, now=clock)
    endpoint.refresh_from_db()

    assert endpoints.signing_keys(opened, endpoint, clock).secrets == [new, *old]
    assert endpoints.signing_keys(opened, endpoint, clock + timedelta(hours=24)).secrets == [new]
    delivery.deliver(leases.take(1)[0])
    got = server.got[0]
    assert Webhook(old[0]).verify(got.body, got.headers) == Webhook(new).verify(got.body, got.headers)
