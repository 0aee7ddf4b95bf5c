"""The outbox: a fact is written with its cause, holds no secret, and is told once to each subscriber."""

import threading
import time
import uuid

import pytest
from django.db import connection, transaction

from glu_admin.doorbell import Doorbell
from glu_admin.webhooks import outbox
from glu_admin.webhooks.fanout import fan_out
from glu_admin.webhooks.models import Delivery, Endpoint, OutboxMessage
from tests.webhooks.conftest import CODE, KIND


def test_a_fact_is_there_exactly_if_its_cause_is(test_env, tell):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(test_env)
        1 / 0  # noqa: B018
    assert not OutboxMessage.objects.exists()

    [fact] = tell(test_env)

    message = OutboxMessage.objects.get()
    assert (message.environment_id, message.kind, message.subject_id) == (test_env.id, KIND, fact)


def test_the_same_fact_told_twice_is_told_once(test_env):
    fact = uuid.uuid4()

    outbox.put(test_env.id, KIND, fact)
    outbox.put(test_env.id, KIND, fact)
    outbox.put(test_env.id, "other.kind", fact)

    assert OutboxMessage.objects.count() == 2


def test_putting_a_fact_is_one_statement(test_env, django_assert_num_queries):
    with django_assert_num_queries(1):
        outbox.put(test_env.id, KIND, uuid.uuid4())


def test_no_row_on_the_way_holds_the_body(test_env, make_endpoint, tell, opened):
    make_endpoint(test_env)
    [fact] = tell(test_env)
    fan_out()

    assert outbox.body_of(opened, KIND, fact)["code"] == CODE
    with connection.cursor() as cursor:
        for table in ("webhooks_outboxmessage", "webhooks_delivery", "webhooks_endpoint"):
            cursor.execute(f"SELECT row_to_json(each)::text FROM {table} each")
            assert all(CODE not in row[0] for row in cursor.fetchall())


def test_a_kind_that_nobody_renders_is_named(opened):
    with pytest.raises(outbox.UnknownKindError, match=r"Nothing renders tea\.brewed"):
        outbox.body_of(opened, "tea.brewed", uuid.uuid4())


def test_every_active_subscriber_gets_exactly_one_delivery(test_env, live_env, make_endpoint, tell, settings):
    mine = {make_endpoint(test_env).pk, make_endpoint(test_env, "/500/").pk}
    other_kind = make_endpoint(test_env)
    Endpoint.objects.filter(pk=other_kind.pk).update(kinds=["tea.brewed", "coffee"])
    stranger = make_endpoint(test_env)
    Endpoint.objects.filter(pk=stranger.pk).update(environment=live_env)
    facts = tell(test_env, 7)

    assert fan_out(limit=5) == 5
    assert fan_out(limit=5) == 2
    assert fan_out() == 0

    made = {(each.endpoint_id, each.message.subject_id) for each in Delivery.objects.all()}
    assert made == {(endpoint, fact) for endpoint in mine for fact in facts}
    assert Delivery.objects.count() == 14
    assert set(Delivery.objects.values_list("state", "tries", "lease_no")) == {("pending", 0, 0)}
    assert set(Delivery.objects.values_list("environment", flat=True)) == {test_env.id}


def test_a_subscriber_that_is_switched_off_misses_nothing(test_env, make_endpoint, tell):
    endpoint = make_endpoint(test_env)
    Endpoint.objects.filter(pk=endpoint.pk).update(status="disabled")
    tell(test_env)

    fan_out()

    assert Delivery.objects.get().state == "held"


def test_a_fact_without_subscribers_is_done_with(test_env, tell):
    tell(test_env, 3)

    assert fan_out() == 3
    assert not Delivery.objects.exists()
    assert not OutboxMessage.objects.filter(fanned_out_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_fan_out_at_once_make_each_delivery_once(test_env, make_endpoint, tell):
    for _ in range(3):
        make_endpoint(test_env)
    tell(test_env, 300)
    start, errors = threading.Barrier(4), []

    def work():
        start.wait()
        try:
            while fan_out(limit=7):
                pass
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not errors
    assert fan_out() == 0
    assert Delivery.objects.count() == 900


class Bell(Doorbell):
    """Rings nowhere, and remembers when."""

    def __init__(self, between=0.05, slow=0.0, broken=False):
        super().__init__("task", queue="q", between=between)
        self.rings, self.slow, self.broken = [], slow, broken

    def publish(self):
        time.sleep(self.slow)
        self.rings.append(time.monotonic())
        if self.broken:
            raise ConnectionRefusedError


def wait_until(condition, seconds=3.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


@pytest.mark.timed
def test_many_rings_are_few_messages_and_the_last_one_is_heard():
    bell = Bell(between=0.1)
    end = time.monotonic() + 0.35
    while time.monotonic() < end:
        bell.ring()
        time.sleep(0.001)
    last = time.monotonic()

    assert wait_until(lambda: bell.rings and bell.rings[-1] >= last - 0.005)
    assert 3 <= len(bell.rings) <= 6
    gaps = [later - earlier for earlier, later in zip(bell.rings, bell.rings[1:], strict=False)]
    assert min(gaps) >= 0.099


@pytest.mark.timed
@pytest.mark.parametrize("kind", [{"slow": 2.0}, {"broken": True}])
def test_a_slow_or_broken_broker_costs_the_caller_nothing(kind):
    bell = Bell(**kind)

    started = time.monotonic()
    for _ in range(1000):
        bell.ring()

    assert time.monotonic() - started < 0.2


def test_a_bell_rings_again_after_the_broker_failed():
    bell = Bell(broken=True)
    bell.ring()
    assert wait_until(lambda: len(bell.rings) == 1)
    bell.broken = False
    bell.ring()

    assert wait_until(lambda: len(bell.rings) == 2)
