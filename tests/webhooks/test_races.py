"""Endpoints that are switched while deliveries are made and written down, and turns under load."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from glu_admin.webhooks import delivery, endpoints, leases
from glu_admin.webhooks.endpoints import SYSTEM
from glu_admin.webhooks.fanout import fan_out
from glu_admin.webhooks.models import Delivery
from glu_admin.webhooks.sending import Answer

pytestmark = pytest.mark.django_db(transaction=True)
LONG = 10  # seconds that a test waits before it says that something hangs


def enable_while(endpoint, work):
    """Switch the endpoint on while `work` is done and not yet committed."""

    def enable():
        endpoints.enable(endpoint, actor=SYSTEM)
        connection.close()

    with transaction.atomic():
        work()
        other = threading.Thread(target=enable)
        other.start()
        other.join(0.5)
    other.join(LONG)
    assert not other.is_alive()


def states():
    return list(Delivery.objects.values_list("state", flat=True))


def test_what_is_held_while_the_endpoint_is_switched_on_goes_out(test_env, make_endpoint, tell):
    endpoint = make_endpoint(test_env)
    endpoints.disable(endpoint, actor=SYSTEM)
    tell(test_env)

    enable_while(endpoint, fan_out)

    assert states() == ["pending"]


def test_a_try_that_ends_while_the_endpoint_is_switched_on_is_not_left_behind(test_env, under_way):
    endpoint = under_way()
    [lease] = leases.take(1)
    endpoints.disable(endpoint, actor=SYSTEM)
    failed = Answer(500, "It answered 500.", b"", 5)

    enable_while(endpoint, lambda: delivery.conclude(lease, failed, started=delivery.utc_now(), jitter=0))

    assert states() == ["pending"]


def test_an_endpoint_with_nothing_in_flight_goes_before_one_that_hangs(test_env, make_endpoint, tell):
    hanging, idle = make_endpoint(test_env, "/hang/"), make_endpoint(test_env)
    tell(test_env, 5)
    fan_out()
    hanging.deliveries.update(next_at=timezone.now() - timedelta(minutes=5))
    assert {each.endpoint_id for each in leases.take(2)} == {hanging.pk, idle.pk}
    idle.deliveries.filter(state="leased").update(state="delivered", delivered_at=timezone.now())

    [lease] = leases.take(1)

    assert lease.endpoint_id == idle.pk


def test_a_sweep_reads_no_delivery_that_was_delivered_long_ago(under_way):
    under_way(count=400)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE webhooks_delivery")  # when all of them were due
        cursor.execute("UPDATE webhooks_delivery SET state = 'delivered', delivered_at = now()")
        cursor.execute(f"EXPLAIN {leases._ENDPOINTS}", {"at": None})
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "delivery_due_by_endpoint" in plan
