"""Weeks of people who come, act, merge and change: after each sweep the members are as plainly told.

Events come late, twice, out of order and before their people; windows pass; nothing is mocked.
"""

import os
import random
from datetime import UTC, datetime, timedelta

import pytest

from glu_admin import config
from glu_admin.webhooks.models import OutboxMessage
from tests.segments.reference import DAY, DOORS, World, rules
from users.events import drain, forms, ingest, waiting
from users.models import BehaviourState, EndUser, Segment, SegmentMember, SegmentMove
from users.registration import register
from users.registration_form import parse
from users.segments import filling, members, sweeping

START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
USERS = [f"user {n}" for n in range(5)]
VISITORS = [f"visitor {n}" for n in range(5)]
NAMES = ("order", "visit", "add", "add", "sign", "pause")
SEEDS = 8 if os.environ.get("GLU_TEST_FULL") else 3
pytestmark = pytest.mark.django_db


class Simulation:
    def __init__(self, environment, seed):
        self.environment = environment
        self.rng = random.Random(seed)  # noqa: S311  # which must be the same each time
        self.now = START
        self.world = World()
        self.sent = []
        self.segments = {}
        self._make_segments()

    @property
    def config(self):
        return config.get(self.environment.id)

    def _make(self, name, kind, **fields):
        made = Segment.objects.create(environment=self.environment, name=name, kind=kind, **fields)
        self.segments[name] = made
        return str(made.id)

    def _make_segments(self):
        vip = self._make("vip", "static")
        doors = {name: self._make(name, "event", entry=entry) for name, entry in DOORS.items()}
        loyal = None
        for name in rules(vip, doors, None):
            # the first of them is in another
            made = self._make(name, "rules", rule=rules(vip, doors, loyal)[name], notify=True)
            loyal = loyal or made
        filling.settle(self.config, now=self.now)
        self.now += 2 * filling.SETTLED
        assert filling.settle(self.config, now=self.now)

    def step(self):
        rng = self.rng
        for _ in range(rng.randint(1, 4)):
            self.now += rng.choice([timedelta(seconds=1), timedelta(minutes=rng.randint(1, 90))])
            rng.choice([self.act, self.act, self.act, self.say, self.say, self.list])()
            if rng.random() < 0.3:
                drain.drain(now=self.now)
            if rng.random() < 0.3:
                sweeping.sweep(now=self.now, limit=rng.choice([1, 2, 500]))
        self.now += rng.choice([timedelta(0), timedelta(hours=rng.randint(1, 60))])
        waiting.sweep(now=self.now)
        self.world.swept(self.now)
        while drain.drain(now=self.now):
            pass
        while sweeping.sweep(now=self.now):
            pass

    def act(self):
        for _ in range(self.rng.randint(1, 4)):
            if self.sent and self.rng.random() < 0.15:
                said = self.rng.choice(self.sent)  # once more
            else:
                said = self._event()
                self.sent.append(said)
            self._tell(said)

    def _event(self):
        late = self.rng.choice([0, 0, 0, 1, 30, 60 * 26, 60 * 24 * 4, 60 * 24 * 7, -2])
        at = self.now - timedelta(minutes=late, seconds=self.rng.randint(0, 59))
        properties = {"sku": self.rng.choice("abc")}
        if self.rng.random() < 0.8:
            properties["amount"] = self.rng.choice([5, 20, 30.5, "30", True])
        return f"e{len(self.sent)}", self.rng.choice(USERS + VISITORS), self.rng.choice(NAMES), at, properties

    def _tell(self, said):
        event_id, client, name, at, properties = said
        event = {
            "event_id": event_id,
            "event_name": name,
            "user_id": client,
            "timestamp": at.isoformat(),
            "event_properties": properties,
        }
        read = forms.read(event, now=self.now)
        ingest.take(self.config, [read], source="server", now=self.now)
        self.world.told(said, self.now)

    def say(self):
        rng = self.rng
        user = rng.choice([None, *USERS])
        visitor = rng.choice(VISITORS) if user is None or rng.random() < 0.4 else None
        if visitor and not self._may_become(user, visitor):
            visitor = None if user else visitor
        if not user and not visitor:
            return
        if not user and visitor in self.world.people and self._is_user(visitor):
            return  # who is known by now registers as the user
        joined = (self.now - rng.choice([0, 1, 4.9, 6]) * DAY).isoformat()
        choices = {"plan": ["gold", "silver", None], "tier": ["high", None], "joined": [joined, None]}
        attributes = {name: rng.choice(some) for name, some in choices.items() if rng.random() < 0.5}
        said = {"customAttributes": attributes}
        said |= {"userId": user} if user else {}
        said |= {"anonymousId": visitor} if visitor else {}
        register(self.config, parse(said), now=self.now)
        self.world.registered(user, visitor, attributes, self.now)

    def _names(self, client):
        person = self.world.people.get(client)
        return {name for name, each in self.world.people.items() if person is not None and each is person}

    def _is_user(self, client):
        return any(name in USERS for name in self._names(client))

    def _may_become(self, user, visitor):
        """One visitor is one user, and one user is one visitor."""
        if user is None:
            return True
        if self._is_user(visitor):
            return user in self._names(visitor)
        known = self._names(user) & set(VISITORS)
        return not known

    def list(self):
        if not self.world.people:
            return
        client = self.rng.choice(sorted(self.world.people))
        pk = self.pk_of(client)
        is_in = self.rng.random() < 0.6
        change = members.add if is_in else members.remove
        more = {"source": "hand"} if is_in else {}
        change(self.segments["vip"], [pk], why="hand", now=self.now, **more)
        self.world.people[client].is_listed = is_in

    def pk_of(self, client):
        rows = EndUser.objects.filter(environment=self.environment)
        row = rows.filter(user_id=client).first() or rows.filter(anonymous_id=client).latest("updated_at")
        return row.merged_into_id or row.pk

    def found(self):
        names = {pk: set() for pk in EndUser.objects.values_list("pk", flat=True)}
        for client in self.world.people:
            names[self.pk_of(client)].add(client)
        members_ = SegmentMember.objects.values_list("segment__name", "user_id")
        found = {}
        for segment, pk in members_:
            found.setdefault(segment, set()).add(frozenset(names[pk]))
        return found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_members_are_at_each_moment_as_they_are_told_plainly(test_env, monkeypatch, seed):
    monkeypatch.setattr(waiting, "SLICE", timedelta(hours=6))  # of the few events there are
    simulation = Simulation(test_env, seed)
    for number in range(45):
        simulation.step()
        assert simulation.found() == simulation.world.expected(simulation.now), number

    merged = EndUser.objects.filter(merged_into__isnull=False)
    assert not SegmentMember.objects.filter(user__in=merged).exists()
    assert not BehaviourState.objects.filter(user__in=merged).exists()
    assert simulation.now - START > timedelta(weeks=2)
    told_each_once_and_in_turn(merged)


def told_each_once_and_in_turn(merged):
    """Of everybody who never merged, entering and leaving follow on each other, and end in what is."""
    odd = {*merged.values_list("pk", flat=True), *merged.values_list("merged_into_id", flat=True)}
    inside = set(SegmentMember.objects.values_list("segment_id", "user_id"))
    last = {}
    for move in SegmentMove.objects.exclude(user_id__in=odd).order_by("at", "segment_id"):
        key = move.segment_id, move.user_id
        assert last.get(key, False) is not move.entered, (key, move.why)
        last[key] = move.entered
    assert {key for key, entered in last.items() if entered} == {
        key for key in inside if key in last and key[1] not in odd
    }
    told = SegmentMove.objects.filter(segment__notify=True)
    kinds = {True: "segment.entered", False: "segment.left"}
    assert dict(OutboxMessage.objects.values_list("subject_id", "kind")) == {
        move.id: kinds[move.entered] for move in told
    }
