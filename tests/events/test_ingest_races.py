"""Two calls at once, each in a session of its own."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from glu_admin import config
from tests.events.conftest import event
from tests.factories import EndUserFactory
from users.events import forms, ingest
from users.events.models import Event, PendingEvent, SeenEvent

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """What the calls gave back, begun together on connections of their own."""
    gate, found = threading.Barrier(len(calls)), {}

    def run(place, call):
        try:
            gate.wait(10)
            found[place] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return [found[place] for place in range(len(calls))]


def taking(environment, events):
    now = timezone.now()
    sent = [forms.read(each | {"timestamp": now.isoformat()}, now=now) for each in events]
    opened = config.get(environment.id)
    return lambda: [each.verdict for each in ingest.take(opened, sent, source="server", now=now)]


def test_one_event_sent_by_many_at_once_is_accepted_once(test_env):
    EndUserFactory(environment=test_env, user_id="u_1")
    same = [event(event_id="e-1")]

    verdicts = at_once(*(taking(test_env, same) for _ in range(6)))

    assert sorted(verdict for [verdict] in verdicts) == ["accepted"] + ["duplicate"] * 5
    assert PendingEvent.objects.count() == SeenEvent.objects.count() == 1
    assert Event.objects.count() == 6


def test_batches_with_the_same_events_in_another_order_do_not_block_each_other(test_env):
    EndUserFactory(environment=test_env, user_id="u_1")
    events = [event(event_id=f"e-{number}") for number in range(150)]

    for _ in range(3):
        verdicts = at_once(taking(test_env, events), taking(test_env, events[::-1]))

    assert Event.objects.filter(verdict="accepted").count() == 150
    assert {verdict for each in verdicts for verdict in each} == {"duplicate"}
