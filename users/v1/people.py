"""People for the client's servers: find, read, change, block, sign out; their devices and timeline."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request

from glu_admin.api import forms as checks
from glu_admin.api import pagination
from glu_admin.api.auth import Caller
from glu_admin.api.errors import ApiError
from users import people, registration
from users.history import timeline
from users.models import Device, EndUser
from users.registration_form import parse
from users.v1 import people_documents as documents
from users.v1 import search, shapes
from users.v1.forms import PeopleQuery, PersonChanges, TimelineQuery
from users.v1.privacy import PersonErasure
from users.v1.views import ServerView, paged, told

READ, WRITE = "users:read", "users:write"


def _whole(caller: Caller, glu_id: UUID) -> dict[str, object]:
    found = search.person(caller.config.id, glu_id)
    return shapes.whole(found, search.aliases_of(found))


class PeopleView(ServerView):
    @extend_schema(**documents.SEARCH)
    def get(self, request: Request) -> HttpResponse:
        caller, query = self.opened(request, READ, PeopleQuery)
        limit, cursor = pagination.limit_of(query), query.pop("cursor", None)
        found = search.search(caller.config.id, query, cursor=cursor, limit=limit + 1)
        return paged(pagination.page(found, limit, shapes.listed, search.position))


class PersonView(PersonErasure):
    @extend_schema(**documents.READ)
    def get(self, request: Request, glu_id: UUID) -> HttpResponse:
        caller, _ = self.opened(request, READ)
        return told(_whole(caller, glu_id))

    @extend_schema(**documents.CHANGE)
    def patch(self, request: Request, glu_id: UUID) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        user = search.person(caller.config.id, glu_id)
        said = checks.body(PersonChanges, request)
        warnings = _change(caller, user, said)
        more = {"warnings": list(warnings)} if warnings else {}
        return told(_whole(caller, user.glu_id), **more)


def _change(caller: Caller, user: EndUser, said: dict[str, object]) -> tuple[dict[str, str], ...]:
    """Say it to registration, as the person's own app would; the warnings that it answers."""
    marked = said.pop("isTest", None)
    with transaction.atomic():
        warnings: tuple[dict[str, str], ...] = ()
        if said:
            ids = {"userId": user.user_id} if user.user_id else {"anonymousId": user.anonymous_id}
            form = parse(ids | said)
            registered = registration.register(caller.config, form, now=timezone.now(), source="api")
            if registered.record.id != user.pk:  # erased or merged in this very moment
                raise ApiError("busy", "This user is being changed right now. Try again.", status=503)
            warnings = registered.warnings
        if marked is not None:
            registration.mark_test(user, bool(marked), caller.actor, source="api")
    return warnings


class _ActView(ServerView):
    """One thing that is done to a person, who is told afterwards as a whole."""

    do: Callable[..., object]  # of registration: (user, actor, source=…)

    def post(self, request: Request, glu_id: UUID) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        type(self).do(search.person(caller.config.id, glu_id), caller.actor, source="api")
        return told(_whole(caller, glu_id))


@extend_schema_view(post=extend_schema(**documents.BLOCK))
class BlockView(_ActView):
    do = staticmethod(registration.block)


@extend_schema_view(post=extend_schema(**documents.UNBLOCK))
class UnblockView(_ActView):
    do = staticmethod(registration.unblock)


@extend_schema_view(post=extend_schema(**documents.REVOKE_TOKENS))
class RevokeTokensView(_ActView):
    do = staticmethod(registration.revoke_tokens)


class DevicesView(ServerView):
    @extend_schema(**documents.DEVICES)
    def get(self, request: Request, glu_id: UUID) -> HttpResponse:
        caller, query = self.opened(request, READ, checks.QuerySerializer)
        user = search.person(caller.config.id, glu_id)
        devices = Device.objects.filter(
            environment_id=caller.config.id, user_id__in=people.ids_of(caller.config.id, user.pk)
        )
        return paged(pagination.numbered(devices, query, shapes.device))


class TimelineView(ServerView):
    @extend_schema(**documents.TIMELINE)
    def get(self, request: Request, glu_id: UUID) -> HttpResponse:
        caller, query = self.opened(request, READ, TimelineQuery)
        user = search.person(caller.config.id, glu_id)
        kinds = {kind.strip() for kind in query["kind"].split(",")} if "kind" in query else None
        entries, following = timeline.of_person(
            caller.config.environment,
            people.ids_of(caller.config.id, user.pk),
            kinds=kinds,
            before=query.get("cursor"),
            limit=pagination.limit_of(query),
        )
        return told([shapes.entry(each) for each in entries], next=following)
