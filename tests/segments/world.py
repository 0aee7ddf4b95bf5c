"""A small world of hostile people: their events, their aliases, their segments."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from glu_admin import config as configs
from tests.segments.drawing import Rules, parsable
from tests.segments.hostile import EVENTS, NAMES, NOW, PARTS, TEXTS, People, dice
from users.models import EndUser, Event, Segment, SegmentMember
from users.segments import facts

PEOPLE = 40
EVERYTHING = frozenset({"core", "device", "profile", "identities", "attributes", "memberships"})


@dataclass(frozen=True)
class Done:
    name: str
    happened_at: datetime
    properties: dict


@dataclass
class World:
    environment: object
    people: dict
    events: dict
    segments: list


def make(environment):
    """People with all that is hostile, what they did, and segments of every kind."""
    chance = dice(20)
    people = _people(environment, chance)
    events = _events(environment, people, chance)
    segments = _segments(environment, people, chance)
    found = facts.load(configs.get(environment.id), people, now=NOW, needs=EVERYTHING)
    assert len(found) == PEOPLE
    return World(environment, found, events, segments)


def _people(environment, chance):
    draw = People(chance)
    texts = [text for text in TEXTS if "\0" not in text and len(text) < 300]
    rows = []
    for number in range(PEOPLE + 10):
        names = {
            "user_name": chance.choice([None, *texts]),
            "email": chance.choice([None, *texts]),
            "phone": chance.choice([None, "1", "+49 1", "100%"]),
            "referred_by": chance.choice([None, *texts]),
            "anonymous_id": f"v{number}" if number >= PEOPLE else chance.choice([None, *texts]),
        }
        user_id = None if number >= PEOPLE else texts[number] or f"u{number}"
        rows.append(
            EndUser(
                environment=environment,
                user_id=user_id,
                referral_code=f"GLU-{number:08}",
                is_test=chance.random() < 0.5,
                registered_at=draw.near(),
                last_seen_at=draw.near(),
                **names,
            )
        )
    made = EndUser.objects.bulk_create(rows)
    for row in made:
        parts = {part: draw.object(names) for part, names in PARTS.items()} | {
            "attributes": draw.object(NAMES)
        }
        _write_json("users_enduser", row.id, parts)
    for alias in made[PEOPLE:]:
        alias.merged_into = chance.choice(made[:PEOPLE])
        alias.save(update_fields=["merged_into"])
    return [row.id for row in made[:PEOPLE]]


def _write_json(table, pk, parts):
    sets = ", ".join(f"{part} = %s::jsonb" for part in parts)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {sets} WHERE id = %s", [*parts.values(), pk])


def _events(environment, people, chance):
    """The events of everybody, those that count; and others that never do."""
    draw = People(chance)
    owners = dict(EndUser.objects.filter(environment=environment).values_list("id", "merged_into_id"))
    made = Event.objects.bulk_create(
        Event(
            environment=environment,
            user_id=None if chance.random() < 0.03 else chance.choice(list(owners)),
            name=chance.choice(EVENTS),
            happened_at=draw.near(),
            received_at=timezone.now(),
            verdict=chance.choice(("accepted",) * 8 + ("rejected", "duplicate", "waiting")),
        )
        for _ in range(PEOPLE * 14)
    )
    for event in made:
        _write_json("users_event", event.id, {"properties": draw.object(NAMES)})
    texts = dict(_rows("SELECT id, properties::text FROM users_event WHERE environment_id = %s", environment))
    events = {pk: [] for pk in people}
    for event in made:
        if event.verdict == "accepted" and event.user_id:
            owner = owners[event.user_id] or event.user_id
            events[owner].append(Done(event.name, event.happened_at, facts.read_json(texts[event.id])))
    return events


def _rows(sql, environment):
    with connection.cursor() as cursor:
        cursor.execute(sql, [environment.id])
        return cursor.fetchall()


def _segments(environment, people, chance):
    """Lists with members who have left or will; rules, one in another; and rules that are unsound."""
    made = [Segment(environment=environment, name=f"List {n}", kind="static") for n in range(3)]
    made += [Segment(environment=environment, name="Entered", kind="event", entry={"event": "buy"})]
    lists = list(made)
    for number in range(12):
        rules = Rules(chance, [segment.id for segment in made])
        (data,) = parsable(rules.tree, 1)
        made.append(Segment(environment=environment, name=f"Rule {number}", kind="rules", rule=data))
    broken = Segment(environment=environment, name="Broken", kind="rules", rule={"all": [{"was": 1}]})
    one, other = (Segment(environment=environment, name=name, kind="rules") for name in ("One", "Other"))
    one.rule, other.rule = {"segment": str(other.id)}, {"not": {"segment": str(one.id)}}
    made += [broken, one, other]
    made.append(
        Segment(environment=environment, name="On", kind="rules", rule={"not": {"segment": str(one.id)}})
    )
    Segment.objects.bulk_create(made)
    ends = (
        None,
        None,
        NOW,
        NOW + timedelta(microseconds=1),
        NOW - timedelta(days=1),
        NOW + timedelta(days=1),
    )
    SegmentMember.objects.bulk_create(
        SegmentMember(
            environment=environment, user_id=pk, segment=segment, source="rule", leaves_at=chance.choice(ends)
        )
        for segment in [*lists, broken, one, other]
        for pk in chance.sample(people, PEOPLE // 2)
    )
    return made
