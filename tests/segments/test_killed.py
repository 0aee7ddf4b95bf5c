"""Drains and sweeps killed at their work, among merges: in the end all is as counted plainly."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from glu_admin import config
from glu_admin.webhooks.models import OutboxMessage
from glu_admin.workspaces import keys
from tests.events.conftest import event, tell
from users.events.models import Event, PendingEvent
from users.models import BehaviourState, EndUser, Segment, SegmentCheck, SegmentMember, SegmentMove
from users.registration import register
from users.registration_form import parse
from users.segments import filling, sweeping

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
ROOT = Path(__file__).resolve().parents[2]
PEOPLE, EVENTS, KILLS = 60, 3_000, 12
ORDERED = {"event": "order", "operator": "at_least", "value": 25}
SPENT = {"event": "order", "measure": {"sum": "amount"}, "operator": "at_least", "value": 120}
GOLD = {"field": "attributes.plan", "operator": "is", "value": "gold"}
RULES = {"often": ORDERED, "both": {"all": [SPENT, GOLD]}, "none": {"not": {"any": [ORDERED, GOLD]}}}


class Killer(threading.Thread):
    def __init__(self, lines):
        super().__init__(daemon=True)
        self.lines, self.left = lines, KILLS

    def run(self):
        for line in self.lines:
            if self.left:
                os.kill(int(line.split()[0]), signal.SIGKILL)
                self.left -= 1


@pytest.fixture
def killer(transactional_db):
    address, name = os.environ["DATABASE_URL"], connection.settings_dict["NAME"]
    before, _, query = address.partition("?")
    url = before.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.segments.keepers", "3"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
    )
    killer = Killer(process.stdout)
    killer.start()
    yield killer
    process.terminate()
    process.wait(20)
    killer.join(20)
    process.stdout.close()


@pytest.fixture
def shop(transactional_db):
    environment = keys.create_workspace("Brewline").environments.get(kind="test")
    for name, rule in RULES.items():
        Segment.objects.create(environment=environment, name=name, rule=rule, notify=True)
    now = timezone.now() - 2 * filling.SETTLED
    filling.settle(config.get(environment.id), now=now)
    filling.settle(config.get(environment.id), now=now + filling.SETTLED)
    return environment


def says(environment, user=None, visitor=None, **attributes):
    said = {"userId": user, "anonymousId": visitor, "customAttributes": attributes}
    said = {name: value for name, value in said.items() if value}
    register(config.get(environment.id), parse(said), now=timezone.now())


def expected():
    """By segment, the keys of the people: counted of the events, whoever sent them."""
    counts, sums = {}, {}
    became = dict(EndUser.objects.values_list("pk", "merged_into"))
    for each in Event.objects.filter(verdict="accepted", name="order"):
        pk = became[each.user_id] or each.user_id
        counts[pk] = counts.get(pk, 0) + 1
        sums[pk] = sums.get(pk, 0) + each.properties["amount"]
    found = {name: set() for name in RULES}
    for person in EndUser.objects.filter(merged_into__isnull=True):
        often, is_gold = counts.get(person.pk, 0) >= 25, person.attributes.get("plan") == "gold"
        found["often"] |= {person.pk} if often else set()
        found["both"] |= {person.pk} if sums.get(person.pk, 0) >= 120 and is_gold else set()
        found["none"] |= {person.pk} if not often and not is_gold else set()
    return found


def wait_until_settled():
    deadline, before = time.monotonic() + 60, None
    while time.monotonic() < deadline:
        now = timezone.now()
        left = (
            PendingEvent.objects.count(),
            BehaviourState.objects.filter(check_at__lte=now).count(),
            SegmentCheck.objects.filter(due_at__lte=now).count(),
        )
        if not any(left):
            return
        if left != before:  # however slow the machine is
            deadline, before = time.monotonic() + 60, left
        time.sleep(0.1)
    raise AssertionError(f"the sweeps came to a stop: {left}")


def test_after_kills_at_work_members_are_as_counted_of_the_events(shop, killer):
    rng = random.Random(7)  # noqa: S311
    for number in range(PEOPLE):
        says(shop, f"u_{number}")
        says(shop, visitor=f"v_{number}")
    sent, merged = 0, 0
    while sent < EVENTS or killer.left > KILLS // 2:
        clients = rng.choices([f"{kind}_{number}" for number in range(PEOPLE) for kind in "uv"], k=30)
        tell(shop, *(event(each, "order", amount=rng.randint(0, 9)) for each in clients), now=timezone.now())
        says(shop, f"u_{rng.randrange(PEOPLE)}", plan=rng.choice(["gold", "silver", None]))
        if rng.random() < 0.5 and merged < PEOPLE:
            says(shop, f"u_{merged}", f"v_{merged}")
            merged += 1
        sent += 30
    wait_until_settled()

    members = {name: set() for name in RULES}
    for name, pk in SegmentMember.objects.values_list("segment__name", "user_id"):
        members[name].add(pk)
    assert members == expected()
    assert killer.left < KILLS
    assert EndUser.objects.filter(merged_into__isnull=False).count() == merged > 0
    moves = set(SegmentMove.objects.values_list("id", flat=True))
    assert set(OutboxMessage.objects.values_list("subject_id", flat=True)) == moves
    assert sweeping.sweep(now=timezone.now()) == 0
