"""Segments that people enter by an event: in by the newest one that fits, out by a later one that leads out.

What counts is when events happened, not when they came: a late one changes nothing that a
later one has decided. Of both at the same moment, the one that leads out counts. Serves the
drain, which holds the shards of these people.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from glu_admin.config import EnvironmentConfig
from users.events.subscribers import Happened
from users.segments import behaviour, members, recount
from users.segments.comparisons import Moment
from users.segments.conditions import Params
from users.segments.entry import Entry, Happening
from users.segments.models import Segment, SegmentMember


@dataclass(frozen=True)
class Door:
    """A segment, and how it is entered and left."""

    segment: Segment
    entry: Entry


def pass_through(
    config: EnvironmentConfig, doors: Iterable[Door], events: Sequence[Happened], *, now: datetime
) -> int:
    """Let in and out whom these events lead; how many moved."""
    zone = config.zone
    moved = 0
    for door in doors:
        enter = _fits(door.entry.enter, now, zone)
        came: dict[int, datetime] = {}
        for event in filter(enter, events):
            came[event.user_pk] = max(event.happened_at, came.get(event.user_pk, event.happened_at))
        leave = door.entry.leave
        went = {event.user_pk for event in filter(_fits(leave, now, zone), events)} if leave else set()
        if came or went:
            moved += _decide(config, door, came, came.keys() | went, now)
    return moved


def look_again(
    config: EnvironmentConfig, doors: Iterable[Door], user_pks: Collection[int], *, now: datetime
) -> int:
    """Take out whom an event of a visitor who they turned out to be has led out; how many."""
    return sum(_decide(config, door, {}, user_pks, now) for door in doors if door.entry.leave)


def _fits(happening: Happening, now: datetime, zone: ZoneInfo) -> Callable[[Happened], bool]:
    fits = behaviour.where_fits(happening.where, Moment(now, zone))
    return lambda event: event.name == happening.event and fits(event.properties)


def _decide(
    config: EnvironmentConfig,
    door: Door,
    came: Mapping[int, datetime],
    user_pks: Collection[int],
    now: datetime,
) -> int:
    segment, days = door.segment, door.entry.after_days
    rows = SegmentMember.objects.filter(
        environment_id=config.id, user_id__in=list(user_pks), segment=segment, source="event"
    )
    inside = dict(rows.values_list("user_id", "entered_at"))
    known = [came, inside]
    newest = {pk: max(each[pk] for each in known if pk in each) for pk in came.keys() | inside.keys()}
    left = _left(config, door, newest, now)
    out = {pk for pk, at in newest.items() if pk in left and left[pk] >= at}
    entries = {}
    for pk, at in newest.items():
        leaves_at = at + timedelta(days=days) if days else None
        if pk not in out and pk in came and (leaves_at is None or leaves_at > now):
            entries[pk] = at, leaves_at
    gone = sorted(out & inside.keys())
    moved = members.remove(segment, gone, why="event", now=now) if gone else 0
    return moved + (members.enter(segment, entries, why="event", now=now) if entries else 0)


def _left(
    config: EnvironmentConfig, door: Door, newest: Mapping[int, datetime], now: datetime
) -> dict[int, datetime]:
    """When each of them last did what leads out, if that was not before the entry of all."""
    leave = door.entry.leave
    if leave is None or not newest:
        return {}
    params = Params(config.id, now, config.environment.workspace.time_zone, "n", people=sorted(newest))
    events = recount.events_of(leave.event, leave.where, params, since=min(newest.values()))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT person, max(at) FROM ({events}) done GROUP BY person", params.values)
        return dict(cursor.fetchall())
