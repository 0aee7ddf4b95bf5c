"""The product as it runs: what a person does reaches the outbox within two seconds, by real workers."""

import json
import subprocess
import time

import httpx
import pytest

from tests.bench.databases import migrated, own_database
from tests.installation import running

pytestmark = [pytest.mark.chaos, pytest.mark.timed]
WITHIN = 2.0  # seconds from the event's answer to the row
MAKE = """
import json
from users.models import Segment
from glu_admin.workspaces.models import Environment
env = Environment.objects.filter(write_keys__key="{key}").get()
loyal = {{"event": "order", "operator": "at_least", "value": 2, "window": {{"lastDays": 7}}}}
gold = {{"field": "attributes.plan", "operator": "is", "value": "gold"}}
cart = {{"event": "add", "where": [], "leave": {{"event": "order", "where": []}}, "afterDays": None}}
for name, rule in {{"Loyal": loyal, "Gold": gold}}.items():
    Segment.objects.create(environment=env, name=name, rule=rule, notify=True)
Segment.objects.create(environment=env, name="Cart", kind="event", entry=cart, notify=True)
"""
KEPT = """
from users.models import Segment
print(Segment.objects.filter(kept_since__isnull=False).count())
"""
TOLD = """
import json
from users.models import SegmentMove
from glu_admin.webhooks.models import OutboxMessage
moves = SegmentMove.objects.select_related("segment", "user")
made = dict(OutboxMessage.objects.filter(kind__startswith="segment.").values_list("subject_id", "created_at"))
told = [move for move in moves if move.id in made]
print(json.dumps([[m.user.user_id, m.segment.name, m.entered, made[m.id].timestamp()] for m in told]))
"""


def shell(installation, code):
    command = installation.glu("manage", "shell", "--verbosity", "0", "-c", code)
    return subprocess.run(
        command, env=installation.environment, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture(scope="module")
def installation():
    # a first run is tested elsewhere
    with own_database("live", template=migrated()) as database, running("glu move ", database) as made:
        shell(made, MAKE.format(key=made.facts()["writeKey"]))
        deadline = time.monotonic() + 60
        while int(shell(made, KEPT)) < 2:
            assert time.monotonic() < deadline
        yield made


def post(facts, path, body, **headers):
    answer = httpx.post(f"{facts['url']}{path}", json=body, headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    return time.time()


def did(facts, person, name, number):
    sent = {"event_id": f"{person}-{number}", "event_name": name, "user_id": person}
    sent |= {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "event_properties": {}}
    return post(facts, "/server/v4", sent, **{"x-api-key": facts["writeKey"]})


def test_entering_and_leaving_reach_the_outbox_within_two_seconds(installation, tell_figure):
    facts = installation.facts()
    happened = {}
    for number in range(10):
        person = f"p_{number}"
        register = {"userId": person, "writeKey": facts["writeKey"]}
        post(facts, "/user/v1/user/sdk?token=true", register)
        happened[person, "Cart", True] = did(facts, person, "add", 0)
        happened[person, "Cart", False] = did(facts, person, "order", 1)
        happened[person, "Loyal", True] = did(facts, person, "order", 2)
        plan = register | {"customAttributes": {"plan": "gold"}}
        happened[person, "Gold", True] = post(facts, "/user/v1/user/sdk?token=true", plan)
        time.sleep(0.3)
    time.sleep(WITHIN)
    told = {(who, name, entered): at for who, name, entered, at in json.loads(shell(installation, TOLD))}

    # who is in and out again before anybody looked was never in
    steady = {key: at for key, at in happened.items() if key[1] != "Cart"}
    assert steady.keys() <= told.keys()
    delays = sorted(told[key] - at for key, at in happened.items() if key in told)
    tell_figure(
        f"From an event to the outbox: median {delays[len(delays) // 2]:.2f} s, most {delays[-1]:.2f} s"
    )
    assert delays[-1] < WITHIN
