"""A made-up stretch of history, always the same for one seed, and the model of what comes of it.

Events come in batches, some twice, some unreadable, in an order that is not that of their times;
people register in between, and visitors turn out to be people. `Model` says in plain Python
what must be known in the end.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from tests.events.conftest import NOW

NAMES = [f"event {n}" for n in range(25)]
VALUES = {"string": "tea", "number": 2.5, "boolean": True, "null": None, "list": [1], "object": {"a": 1}}
POISON = "poison"


@dataclass(frozen=True)
class Send:
    events: list


@dataclass(frozen=True)
class Register:
    client_id: str


@dataclass(frozen=True)
class Merge:
    visitor: str
    client_id: str


def operations(size, seed):
    """About `size` events with what happens between them."""
    random, sent, number = Random(seed), [], 0  # noqa: S311  # nothing is secret here
    people = max(20, size // 100)
    known = [f"u_{n}" for n in range(people)]
    later = [f"late_{n}" for n in range(people // 4)]
    visitors = [f"v_{n}" for n in range(people // 8)]
    strangers = [f"nobody_{n}" for n in range(people // 16)]
    for client in known:
        yield Register(client)
    for visitor in visitors:
        yield Register(visitor)
    everybody = known * 3 + later + visitors + strangers
    due = [Register(client) for client in later] + [
        Merge(visitor, random.choice(known)) for visitor in visitors
    ]
    random.shuffle(due)
    each = max(1, size // (len(due) + 1))
    while number < size:
        batch = []
        for _ in range(random.choice((1, 2, 10, 50, 100, 200))):
            batch.append(_event(random, number, everybody, sent))
            number += 1
        yield Send(batch)
        while due and number > each * (len(later) + len(visitors) - len(due) + 1):
            yield due.pop()
    yield from due


def _event(random, number, everybody, sent):
    chance = random.random()
    if chance < 0.06 and sent:
        return random.choice(sent[-3000:])
    if chance < 0.07:
        return {"event_id": f"e-{number}", "event_name": "broken", "user_id": 7}
    properties = {random.choice("abcdefghij"): random.choice(list(VALUES.values())) for _ in range(3)}
    if chance < 0.074:
        properties[POISON] = True
    made = {
        "event_id": f"e-{number}",
        "event_name": random.choice(NAMES),
        "user_id": random.choice(everybody),
        "timestamp": (NOW - timedelta(seconds=random.randrange(86_400))).isoformat(),
        "event_properties": properties,
    }
    sent.append(made)
    return made


@dataclass
class Model:
    """What must come of it."""

    people: dict = field(default_factory=dict)  # client id -> who that is in the end
    seen: set = field(default_factory=set)
    verdicts: list = field(default_factory=list)
    waiting: dict = field(default_factory=lambda: defaultdict(list))
    told: dict = field(default_factory=lambda: defaultdict(list))  # client id -> event ids, in order
    parked: set = field(default_factory=set)
    totals: Counter = field(default_factory=Counter)
    types: dict = field(default_factory=lambda: defaultdict(Counter))

    def apply(self, operation):
        match operation:
            case Send(events):
                for each in events:
                    self.verdicts.append(self._take(each))
            case Register(client_id):
                self.people[client_id] = client_id
                for each in self.waiting.pop(client_id, []):
                    self._hand_on(each)
            case Merge(visitor, client_id):
                self.people[visitor] = client_id

    def _take(self, event):
        if event["event_name"] == "broken":
            return "rejected"
        if event["event_id"] in self.seen:
            return "duplicate"
        self.seen.add(event["event_id"])
        if event["user_id"] not in self.people:
            self.waiting[event["user_id"]].append(event)
            return "waiting"
        self._hand_on(event)
        return "accepted"

    def _hand_on(self, event):
        self.told[event["user_id"]].append(event["event_id"])
        if POISON in event["event_properties"]:
            self.parked.add(event["event_id"])
        self.totals[event["event_name"]] += 1
        for name, value in event["event_properties"].items():
            kind = next(kind for kind, sample in VALUES.items() if type(sample) is type(value))
            self.types[event["event_name"], name][kind] += 1
