"""Workers killed at their work, among merges: everybody gets what they earned, once."""

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

from campaigns import verification
from campaigns.models import Earning, Participation, Play
from glu_admin import config
from glu_admin.workspaces import keys
from rewards.models import Reward
from rewards.tables import OutcomeDraft
from tests.campaigns.programs import NOTHING, program, send, step
from users.events.models import ParkedEvent, PendingEvent
from users.models import EndUser
from users.registration import register
from users.registration_form import parse

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.chaos]
ROOT = Path(__file__).resolve().parents[2]
PEOPLE, EACH, KILLS = 40, 4, 12
REWARDS = tuple(
    OutcomeDraft(name=f"{n} points", weight=1, reward_type="points", amount=n, occasion=occasion)
    for n, occasion in enumerate(["step-1", "step-2", "step-3", "end"], 1)
)


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
        [sys.executable, "-m", "tests.campaigns.settlers", "3"],
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


def says(environment, **ids):
    register(config.get(environment.id), parse(ids), now=timezone.now())


def test_everybody_gets_what_they_earned_once(killer, transactional_db):
    environment = keys.create_workspace("Brewline").environments.get(kind="test")
    steps = [step(name) for name in ("order", "review", "visit")]
    program(environment, *steps, outcomes=(*REWARDS, NOTHING))
    chance = random.Random(7)  # noqa: S311  # the same each time
    for number in range(PEOPLE):
        says(environment, anonymousId=f"v_{number}")

    # each does everything twice, first as a visitor, in any order, and becomes known on the way
    deeds = [(n, name) for n in range(PEOPLE) for name in ("order", "review", "visit") * 2]
    chance.shuffle(deeds)
    for place, (number, name) in enumerate(deeds):
        send(environment, f"v_{number}", name)
        if place % EACH == 0:
            person = chance.randrange(PEOPLE)
            says(environment, anonymousId=f"v_{person}", userId=f"u_{person}")
            says(environment, userId=f"u_{person}")
    for number in range(PEOPLE):
        says(environment, anonymousId=f"v_{number}", userId=f"u_{number}")

    end = time.monotonic() + 60
    while (PendingEvent.objects.exists() or Earning.objects.exists()) and time.monotonic() < end:
        time.sleep(0.05)
    assert killer.left == 0, "nobody was killed in time to prove anything"
    assert not PendingEvent.objects.exists() and not Earning.objects.exists()
    assert not ParkedEvent.objects.exists()
    known = EndUser.objects.filter(user_id__isnull=False)
    assert known.count() == PEOPLE
    for person in known:
        mine = Participation.objects.get(user=person)
        assert mine.status == "completed", mine.state
    assert Play.objects.count() == Reward.objects.count() == 4 * PEOPLE
    for name in ("plays", "draws", "earnings", "ledger", "people"):
        for finding in verification.run(name):
            assert finding.holds, finding
