"""The live feed: an environment's events, newest first, by filters. Reads only.

Ids grow as events come, so a page is a stretch of ids. A filter that few events pass is tried
stretch by stretch until the page is full or the time is up; whoever asked is told how far it
went, and goes on from there. No filter ever reads the whole table for one answer.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from glu_admin.workspaces.models import Environment
from users import people
from users.events.models import Event
from users.v1 import search

SECONDS = 1.5  # of looking, for one answer
STATEMENT_TIMEOUT = "5s"  # the floor under it: a busy database
FIRST_STRETCH, LONGEST_STRETCH = 1_000, 32_000  # events
CLOCKS = timedelta(minutes=5)  # by which the order of ids and of arrival may differ
SETTLED = timedelta(seconds=2)  # after that, no event with a lower id is still to be committed


@dataclass(frozen=True)
class FeedFilter:
    """What to look for; None lets everything pass. `user_pks` are a person's, aliases included;
    `client_id` is what the client calls them, also if nobody has the id."""

    name: str | None = None
    client_id: str | None = None
    user_pks: Sequence[int] | None = None
    verdict: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None

    @property
    def is_sparse(self) -> bool:
        """Whether no index leads to what passes."""
        return any(each is not None for each in (self.name, self.verdict, self.source, self.text))

    @property
    def person(self) -> Q | None:
        """The events of whom is looked for, and those that came while nobody had the id."""
        known = None if self.user_pks is None else Q(user_id__in=self.user_pks)
        nobody = None if self.client_id is None else Q(client_id=self.client_id, user_id=None)
        return known | nobody if known and nobody else known or nobody


@dataclass(frozen=True)
class Found:
    """Events, newest first. `reached` is the id to go on from, null at the end of what there is;
    `in_time` is false where the time was up before the page was full."""

    events: list[Event]
    reached: int | None
    in_time: bool = True


def newest(
    environment: Environment,
    filter: FeedFilter,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[Event]:
    """The events of `older`, or of `newer` where `after` is given."""
    if after is not None:
        return newer(environment.pk, filter, after=after, limit=limit).events
    return older(environment.pk, filter, before=before, limit=limit).events


def older(environment_id: UUID, wanted: FeedFilter, *, before: int | None, limit: int) -> Found:
    """The newest events with ids below `before`."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
        wanted = _with_keys(environment_id, wanted)
        return _walk(_base(environment_id, wanted, below=before), wanted, limit, "-id")


def newer(environment_id: UUID, wanted: FeedFilter, *, after: int, limit: int) -> Found:
    """The oldest events with ids above `after`, so that whoever polls misses none."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
        wanted = _with_keys(environment_id, wanted)
        found = _walk(_base(environment_id, wanted, above=after), wanted, limit, "id")
    return Found(found.events[::-1], found.reached, found.in_time)


def settled(found: Found, *, after: int, now: datetime) -> int:
    """Where the next poll goes on: behind what was told, but for events so fresh that one with a
    lower id may still be on its way. Those are told twice; their ids tell."""
    if found.reached is not None:
        return found.reached
    return max((event.pk for event in found.events if event.received_at <= now - SETTLED), default=after)


def head(environment_id: UUID, *, now: datetime) -> int:
    """Where whoever read the first page begins to poll: the newest id that has settled."""
    events = Event.objects.filter(environment_id=environment_id, received_at__lte=now - SETTLED)
    return events.order_by("-id").values_list("pk", flat=True).first() or 0


def one(environment_id: UUID, event_id: int) -> Event | None:
    return Event.objects.filter(environment_id=environment_id, pk=event_id).select_related("user").first()


def _with_keys(environment_id: UUID, wanted: FeedFilter) -> FeedFilter:
    """The filter with the keys of whom `client_id` names, if somebody is known by it."""
    if wanted.client_id is None or wanted.user_pks is not None:
        return wanted
    found = search.named(environment_id, wanted.client_id)
    return replace(wanted, user_pks=people.ids_of(environment_id, found.pk)) if found else wanted


def _base(
    environment_id: UUID, wanted: FeedFilter, *, below: int | None = None, above: int | None = None
) -> QuerySet[Event]:
    """What an index leads to: the environment or the person, and a stretch of ids for the time."""
    events = Event.objects.filter(environment_id=environment_id)
    if wanted.person is not None:
        events = events.filter(wanted.person)
    elif wanted.since is not None or wanted.until is not None:
        first, last = _ids_of(environment_id, wanted)
        above = max(above or 0, first - 1)
        below = min(below, last) if below is not None and last is not None else below or last
    if wanted.since is not None:
        events = events.filter(received_at__gte=wanted.since)
    if wanted.until is not None:
        events = events.filter(received_at__lt=wanted.until)
    if above is not None:
        events = events.filter(pk__gt=above)
    return events if below is None else events.filter(pk__lt=below)


def _walk(base: QuerySet[Event], wanted: FeedFilter, limit: int, order: str) -> Found:
    matching = _matching(base, wanted).select_related("user").order_by(order)
    if not wanted.is_sparse:
        events = list(matching[: limit + 1])
        return Found(events[:limit], events[limit - 1].pk if len(events) > limit else None)
    events = []
    stretch, edge, until = FIRST_STRETCH, None, time.monotonic() + SECONDS
    while True:
        ids = base.order_by(order).values_list("pk", flat=True)
        start, edge = edge, _edge(ids, order, edge, stretch)
        piece = _between(matching, order, start, edge)
        events += piece[: limit + 1 - len(events)]
        if len(events) > limit:
            return Found(events[:limit], events[limit - 1].pk)
        if edge is None:
            return Found(events, None)
        if time.monotonic() > until:
            return Found(events, edge, in_time=False)
        stretch = min(stretch * 2, LONGEST_STRETCH)


def _edge(ids: "QuerySet[Event, int]", order: str, start: int | None, stretch: int) -> int | None:
    """The id at which a stretch ends; None if fewer events are left."""
    return _between(ids, order, start, None)[stretch - 1 : stretch].first()


def _between[Rows: QuerySet[Event, object]](
    rows: Rows, order: str, start: int | None, end: int | None
) -> Rows:
    """The rows behind `start`, up to `end`, in the order of the walk."""
    behind, up_to = ("pk__lt", "pk__gte") if order == "-id" else ("pk__gt", "pk__lte")
    if start is not None:
        rows = rows.filter(**{behind: start})
    return rows if end is None else rows.filter(**{up_to: end})


def _matching(events: QuerySet[Event], wanted: FeedFilter) -> QuerySet[Event]:
    for column in ("name", "verdict", "source"):
        value = getattr(wanted, column)
        if value is not None:
            events = events.filter(**{column: value})
    if wanted.text is not None:
        events = events.annotate(text=Cast("properties", TextField())).filter(text__icontains=wanted.text)
    return events


def _ids_of(environment_id: UUID, wanted: FeedFilter) -> tuple[int, int | None]:
    """The ids between which everything lies that came in the wanted time, and somewhat more."""
    first = 0 if wanted.since is None else _id_at(environment_id, wanted.since - CLOCKS)
    last = None if wanted.until is None else _id_at(environment_id, wanted.until + CLOCKS)
    return first, last


def _id_at(environment_id: UUID, moment: datetime) -> int:
    """The lowest id of what came after `moment`, found by halving: no index by time is needed."""
    events = Event.objects.filter(environment_id=environment_id)
    newest_id = events.order_by("-id").values_list("pk", flat=True).first()
    low, high = 0, (newest_id or 0) + 1
    while low < high:
        middle = (low + high) // 2
        row = (
            events.filter(pk__gte=middle, pk__lt=high).order_by("id").values_list("pk", "received_at").first()
        )
        if row is None or row[1] > moment:
            high = middle
        else:
            low = row[0] + 1
    return low
