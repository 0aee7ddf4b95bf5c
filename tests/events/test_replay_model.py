"""Whatever is killed, and however events come: in the end the database knows what a model knows."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from campaigns import verification
from glu_admin import config
from glu_admin.workspaces import keys
from tests.events.conftest import tell
from tests.events.history import POISON, Merge, Model, Register, Send, operations
from users.events import waiting
from users.events.models import Event, EventTally, ParkedEvent, PendingEvent
from users.models import EndUser

ROOT = Path(__file__).resolve().parents[2]
SIZE, KILLS = (200_000, 100) if os.environ.get("GLU_TEST_FULL") else (20_000, 10)
DRAINERS = 3


@pytest.fixture
def journals(transactional_db):
    tables = (
        "CREATE TABLE replay_journal (place bigserial, user_pk bigint, client_id text, event_id text)",
        "CREATE TABLE replay_picky (event_id text)",
    )
    with connection.cursor() as cursor:
        for each in tables:
            cursor.execute(each)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE replay_journal, replay_picky")


class Killer(threading.Thread):
    """Kills a drain whenever it says that it is in a batch, up to `kills` times."""

    def __init__(self, lines, kills):
        super().__init__(daemon=True)
        self.lines, self.left = lines, kills

    def run(self):
        for line in self.lines:
            if self.left:
                os.kill(int(line.split()[0]), signal.SIGKILL)
                self.left -= 1


@pytest.fixture
def killer(journals):
    address, name = os.environ["DATABASE_URL"], connection.settings_dict["NAME"]
    before, _, query = address.partition("?")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.events.drainers", str(DRAINERS)],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": before.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")},
        stdout=subprocess.PIPE,
        text=True,
    )
    killer = Killer(process.stdout, KILLS)
    killer.start()
    yield killer
    process.terminate()
    process.wait(20)
    killer.join(20)
    process.stdout.close()


def happen(environment, operation):
    """Let it happen to the product; the verdicts on what was sent."""
    match operation:
        case Send(events):
            return tell(environment, *events, now=timezone.now())
        case Register(client_id):
            register(environment, client_id)
        case Merge(visitor, client_id):
            merge(environment, visitor, client_id)
    return []


def register(environment, client_id):
    kind = "anonymous_id" if client_id.startswith("v_") else "user_id"
    with transaction.atomic():
        person = EndUser.objects.create(environment=environment, referral_code=client_id, **{kind: client_id})
        waiting.release(config.get(environment.id), person.pk, [client_id], now=timezone.now())


def merge(environment, visitor, client_id):
    person = EndUser.objects.get(environment=environment, user_id=client_id)
    alias = EndUser.objects.get(environment=environment, anonymous_id=visitor)
    with transaction.atomic():
        waiting.follow(environment.id, alias.pk, person.pk, timezone.now())
        EndUser.objects.filter(pk=alias.pk).update(merged_into=person, merged_at=timezone.now())


def wait_until_drained(seconds):
    """However slow the machine is: only a drain that gets nothing done in this time has failed."""
    left, deadline = PendingEvent.objects.count(), time.monotonic() + seconds
    while left:
        time.sleep(0.1)
        before, left = left, PendingEvent.objects.count()
        if left < before:
            deadline = time.monotonic() + seconds
        assert time.monotonic() < deadline, "the drains came to a stop"


def told():
    """Who was told what, in order, and the people whom it was told of as they are known now."""
    order, people = defaultdict(list), defaultdict(set)
    names = {each.pk: each.user_id or each.anonymous_id for each in EndUser.objects.all()}
    became = dict(EndUser.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_pk, client_id, event_id FROM replay_journal ORDER BY place")
        for user_pk, client_id, event_id in cursor.fetchall():
            order[client_id].append(event_id)
            people[client_id].add(names[became.get(user_pk, user_pk)])
    return order, people


def picked():
    with connection.cursor() as cursor:
        cursor.execute("SELECT event_id FROM replay_picky")
        return Counter(row[0] for row in cursor.fetchall())


def tallies():
    totals, types = {}, {}
    for each in EventTally.objects.all():
        totals[each.name] = each.total
        types |= {(each.name, name): counts for name, counts in each.types.items()}
    return totals, types


@pytest.mark.chaos
def test_events_with_duplicates_disorder_and_killed_drains_end_as_the_model_says(killer):
    environment = keys.create_workspace("Replay").environments.get(kind="test")
    model, verdicts = Model(), []

    for operation in operations(SIZE, seed=3):
        verdicts += happen(environment, operation)
        model.apply(operation)
    wait_until_drained(60)

    assert killer.left == 0, "not all kills happened: the drains were never seen in a batch"
    assert verdicts == model.verdicts
    assert Counter(verdicts).keys() == {"accepted", "duplicate", "rejected", "waiting"}
    order, people = told()
    assert order == model.told
    assert people == {client: {model.people[client]} for client in model.told}
    everything = {event_id for each in model.told.values() for event_id in each}
    parked = ParkedEvent.objects.values_list("event_id", "subscriber")
    assert {subscriber for _, subscriber in parked} == {"picky"}
    assert ids_of(number for number, _ in parked) == model.parked
    assert model.parked, f"no {POISON} was generated"
    assert picked() == Counter(everything - model.parked)
    assert tallies() == (model.totals, model.types)
    left = Event.objects.filter(verdict="waiting").values_list("event_id", flat=True)
    assert sorted(left) == sorted(each["event_id"] for kept in model.waiting.values() for each in kept)
    assert [each.name for each in verification.run("events") if not each.holds] == []


def ids_of(numbers):
    return set(Event.objects.filter(pk__in=list(numbers)).values_list("event_id", flat=True))
