"""Who should be in which segment: told plainly, from everything that ever happened, at any moment.

It shares no code with what it checks: lists of events, and conditions written as functions.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

DAY = timedelta(days=1)
WAIT = timedelta(hours=24)

DOORS = {
    "cart": {
        "event": "add",
        "where": [{"property": "amount", "operator": "greater_than", "value": 10}],
        "leave": {"event": "order", "where": []},
        "afterDays": 4,
    },
    "signed": {"event": "sign", "where": [], "leave": None, "afterDays": None},
    "away": {"event": "pause", "where": [], "leave": {"event": "visit", "where": []}, "afterDays": None},
}
ORDERED = {"event": "order", "operator": "at_least", "value": 2, "window": {"lastDays": 7}}
VISITED = {"event": "visit", "operator": "at_most", "value": 0, "window": {"lastDays": 3}}
SPENT = {"event": "order", "measure": {"sum": "amount"}, "operator": "at_least", "value": 60}
SPENT_LATELY = SPENT | {"window": {"lastDays": 5}, "where": [{"property": "amount", "operator": "is_set"}]}
TASTES = {"event": "add", "measure": {"distinct": "sku"}, "operator": "exactly", "value": 2}
TASTES = TASTES | {"window": {"lastDays": 6}}


def rules(vip, doors, loyal):
    """The rules of the kept segments; `vip`, `doors` and `loyal` are ids of other segments."""
    return {
        "loyal": {"all": [{"field": "attributes.plan", "operator": "is", "value": "gold"}, ORDERED]},
        "gone": {"any": [VISITED, {"field": "attributes.tier", "operator": "is_set"}]},
        "fresh": {"field": "attributes.joined", "operator": "in_last_days", "value": 5},
        "rich": {"any": [SPENT, SPENT_LATELY]},
        "curious": TASTES,
        "special": {"all": [{"segment": vip}, {"not": {"segment": loyal}}]},
        "hesitant": {"all": [{"segment": doors["cart"]}, {"not": {"segment": doors["away"]}}]},
    }


@dataclass
class Person:
    attributes: dict = field(default_factory=dict)
    events: list = field(default_factory=list)  # (name, when it happened, properties)
    is_listed: bool = False


class World:
    """What is known, by client id; a visitor who became a user is the same person as that user."""

    def __init__(self):
        self.people = {}
        self.seen = set()
        self.waiting = []

    def told(self, said, now):
        event_id, client, *event = said
        if event_id in self.seen:
            return
        self.seen.add(event_id)
        if client in self.people:
            self.people[client].events.append(event)
        else:
            self.waiting.append((client, now, event_id, event))

    def swept(self, now):
        """Who waits for a day is refused, and may be sent again."""
        self.seen -= {event_id for _, at, event_id, _ in self.waiting if at <= now - WAIT}
        self.waiting = [one for one in self.waiting if one[1] > now - WAIT]

    def registered(self, user, visitor, attributes, now):
        known = [self.people[each] for each in (user, visitor) if each and each in self.people]
        person = known[0] if known else Person()
        for other in known[1:]:
            if other is not person:
                person.attributes = other.attributes | person.attributes
                person.events += other.events
                person.is_listed |= other.is_listed
        for name, value in attributes.items():
            person.attributes.pop(name, None)
            if value is not None:
                person.attributes[name] = value
        for each in (user, visitor):
            if each:
                self.people[each] = person
                came = [event for client, at, _, event in self.waiting if client == each and at > now - WAIT]
                person.events += came
                self.waiting = [one for one in self.waiting if one[0] != each or one[1] <= now - WAIT]

    def expected(self, now):
        """By segment, who is in: the ids of each person as a set, and one set a person."""
        found = {}
        for person in {id(each): each for each in self.people.values()}.values():
            names = frozenset(client for client, each in self.people.items() if each is person)
            for segment in segments_of(person, now):
                found.setdefault(segment, set()).add(names)
        return found


def segments_of(person, now):  # noqa: C901  # one line a segment
    """The names of the segments that this person is in now."""

    def done(name, days=None):
        since = None if days is None else now - days * DAY
        return [
            properties
            for said, at, properties in person.events
            if said == name and (not since or at >= since)
        ]

    def spent(days=None):
        return sum(each["amount"] for each in done("order", days) if type(each.get("amount")) in (int, float))

    if person.is_listed:
        yield "vip"
    inside = {door for door, entry in DOORS.items() if is_through(person, entry, now)}
    yield from inside
    is_loyal = person.attributes.get("plan") == "gold" and len(done("order", 7)) >= 2
    if is_loyal:
        yield "loyal"
    if not done("visit", 3) or person.attributes.get("tier") is not None:
        yield "gone"
    joined = person.attributes.get("joined")
    if joined and now - 5 * DAY <= joined_at(joined) <= now:
        yield "fresh"
    if spent() >= 60 or spent(5) >= 60:
        yield "rich"
    if len({each["sku"] for each in done("add", 6) if "sku" in each}) == 2:
        yield "curious"
    if person.is_listed and not is_loyal:
        yield "special"
    if "cart" in inside and "away" not in inside:
        yield "hesitant"


def joined_at(text):
    return datetime.fromisoformat(text)


def is_through(person, entry, now):
    came = [
        at
        for name, at, properties in person.events
        if name == entry["event"] and (not entry["where"] or amount_above(properties, 10))
    ]
    if not came:
        return False
    newest = max(came)
    leave = entry["leave"]
    if leave and any(name == leave["event"] and at >= newest for name, at, _ in person.events):
        return False
    return not entry["afterDays"] or now < newest + entry["afterDays"] * DAY


def amount_above(properties, bound):
    amount = properties.get("amount")
    return type(amount) in (int, float) and amount > bound
