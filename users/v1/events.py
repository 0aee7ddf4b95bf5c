"""Events for the client's servers: the live feed, one event, replay, and what is parked."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin.api import pagination
from glu_admin.api.auth import Caller
from glu_admin.api.errors import ApiError
from users import people
from users.events import feed, parked, replay
from users.events.feed import FeedFilter, Found
from users.events.models import ParkedEvent
from users.v1 import event_documents as documents
from users.v1 import search, shapes
from users.v1.forms import EventsQuery, ParkedQuery
from users.v1.views import ServerView, paged, told, within

READ, WRITE = "events:read", "events:write"
TIME_IS_UP = (
    "The time for one search was up before this page was full. Go on with next, or look for one"
    " event, one user or a shorter time."
)


def _no_event() -> ApiError:
    return ApiError("event_not_found", "There is no event with this id.", status=404, field="id")


def _not_parked() -> ApiError:
    return ApiError("parked_event_not_found", "No parked event has this id.", status=404, field="id")


class FeedView(ServerView):
    @extend_schema(**documents.FEED)
    def get(self, request: Request) -> HttpResponse:
        caller, query = self.opened(request, READ, EventsQuery)
        wanted, limit, now = _filter(caller, query), pagination.limit_of(query), timezone.now()
        environment_id = caller.config.id
        if "after" in query:
            after = pagination.decode(query["after"], field="after", id=int)["id"]
            found = feed.newer(environment_id, wanted, after=after, limit=limit)
            return _told(found, following=None, newest=feed.settled(found, after=after, now=now))
        before = pagination.decode(query["cursor"], id=int)["id"] if "cursor" in query else None
        newest = feed.head(environment_id, now=now) if before is None else None
        found = feed.older(environment_id, wanted, before=before, limit=limit)
        return _told(found, following=found.reached, newest=newest)


def _filter(caller: Caller, query: dict[str, Any]) -> FeedFilter:
    user_pks = None
    if "gluId" in query:
        user = search.person(caller.config.id, query["gluId"])
        user_pks = people.ids_of(caller.config.id, user.pk)
    return FeedFilter(
        name=query.get("event"),
        client_id=query.get("userId"),
        user_pks=user_pks,
        verdict=query.get("verdict"),
        source=query.get("source"),
        since=query.get("since"),
        until=query.get("until"),
        text=query.get("text"),
    )


def _told(found: Found, *, following: int | None, newest: int | None) -> HttpResponse:
    searched: dict[str, object] = {"complete": found.in_time}
    if not found.in_time:
        searched["message"] = TIME_IS_UP
    return told(
        [shapes.event(each) for each in found.events],
        next=None if following is None else pagination.encode({"id": following}),
        newest=None if newest is None else pagination.encode({"id": newest}),
        searched=searched,
    )


class EventView(ServerView):
    @extend_schema(**documents.EVENT)
    def get(self, request: Request, pk: int) -> HttpResponse:
        caller, _ = self.opened(request, READ)
        found = feed.one(caller.config.id, within(pk, _no_event()))
        if found is None:
            raise _no_event()
        return told(shapes.event(found))


class ReplayView(ServerView):
    @extend_schema(**documents.REPLAY)
    def post(self, request: Request, pk: int) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        number = within(pk, _no_event())
        done = replay.replay_event(caller.config.environment, number, caller.actor, now=timezone.now())
        return told({"taken": list(done.taken), "parked": list(done.parked)})


class ParkedEventsView(ServerView):
    @extend_schema(**documents.PARKED)
    def get(self, request: Request) -> HttpResponse:
        caller, query = self.opened(request, READ, ParkedQuery)
        rows = ParkedEvent.objects.filter(environment_id=caller.config.id)
        if "subscriber" in query:
            rows = rows.filter(subscriber=query["subscriber"])
        if "replayed" in query:
            rows = rows.filter(replayed_at__isnull=not query["replayed"])
        return paged(pagination.numbered(rows, query, shapes.parked))


class ParkedReplayView(ServerView):
    @extend_schema(**documents.PARKED_REPLAY)
    def post(self, request: Request, pk: int) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        number = within(pk, _not_parked())
        found = ParkedEvent.objects.filter(environment_id=caller.config.id, pk=number).first()
        if found is None:
            raise _not_parked()
        taken = parked.replay(found, caller.actor, now=timezone.now())
        return told(shapes.parked(found) | {"taken": taken})
