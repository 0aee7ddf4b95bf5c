"""A program that events move on, and short ways to tell them and to settle what they earn."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from campaigns import earnings, publishing
from campaigns.publishing import CampaignDraft
from glu_admin import config
from glu_admin.workspaces.audit import Actor
from rewards.tables import OutcomeDraft
from users.events import drain, forms, ingest

_serial = count(1)
POINTS = OutcomeDraft(
    name="50 points", weight=1, reward_type="points", amount=50, occasion="end", details={"from": "us"}
)
STEP = OutcomeDraft(name="10 points", weight=1, reward_type="points", amount=10, occasion="step-1")
NOTHING = OutcomeDraft(name="Not this time", weight=0, reward_type="noReward", is_fallback=True)


def step(event="order", **said):
    plain = {"title": "Do it", "text": "", "link": "", "hours": 0, "kind": "event"}
    return plain | {"trigger": {"event": event, "where": []}} | said


def program(environment, *steps, outcomes=(POINTS, STEP, NOTHING), **fields):
    """A live program; each step gives ten points if it is the first, the end gives fifty."""
    actor = Actor("a test")
    settings = {
        "title": "Two steps", "order": "free", "hours": 0, "late": "ends",
        "steps": list(steps) or [step("order"), step("review")],
    }  # fmt: skip
    draft = CampaignDraft(
        **{"type": "multistep", "name": "Two steps", "config": settings, "outcomes": outcomes} | fields
    )
    return publishing.launch(publishing.create(environment, draft, actor), actor)


def send(environment, person, *names, event_id=None, now=None, **properties):
    """Events as an app sends them; not drained yet."""
    now = now or timezone.now()
    sent = [
        forms.read(
            {
                "event_id": event_id or f"p-{next(_serial)}",
                "event_name": name,
                "user_id": person if isinstance(person, str) else person.user_id or person.anonymous_id,
                "timestamp": (now - timedelta(milliseconds=1)).isoformat(),
                "event_properties": properties,
            },
            now=now,
        )
        for name in names
    ]
    return ingest.take(config.get(environment.id), sent, source="server", now=now)


def work():
    """Drain and settle until nothing is left to do."""
    while drain.drain(now=timezone.now()) + earnings.settle(now=timezone.now()):
        pass


def did(environment, person, *names, **properties):
    send(environment, person, *names, **properties)
    work()
