"""Event definitions and attributes for the client's servers: what was seen, what somebody declared."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Collate
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin.api import forms as checks
from glu_admin.api import pagination
from glu_admin.api.errors import ApiError
from glu_admin.api.json import answer
from users.events import definitions
from users.events.models import EventDefinition, EventTally
from users.history import catalogue
from users.history.models import AttributeDefinition
from users.v1 import event_documents as documents
from users.v1 import shapes
from users.v1.forms import AttributeChanges, DefinitionChanges, DefinitionForm, NamesQuery
from users.v1.views import ServerView, paged, told, unkept, within

READ, WRITE = "events:read", "events:write"


def _no_definition() -> ApiError:
    return ApiError(
        "definition_not_found", "There is no event definition with this id.", status=404, field="id"
    )


def _no_attribute() -> ApiError:
    return ApiError("attribute_not_found", "There is no attribute with this id.", status=404, field="id")


def _names(rows: QuerySet[Any], query: dict[str, Any]) -> QuerySet[Any]:
    """In the order of their bytes, which Python and every database agree on."""
    named = rows.annotate(key=Collate("name", "C"))
    if "name" in query:
        named = named.filter(name__startswith=query["name"])
    if "cursor" in query:
        named = named.filter(key__gt=pagination.decode(query["cursor"], name=str)["name"])
    page: QuerySet[Any] = named.order_by("key")[: pagination.limit_of(query) + 1]
    return page


def _definition(environment_id: UUID, pk: int) -> EventDefinition:
    rows = EventDefinition.objects.filter(environment_id=environment_id, pk=within(pk, _no_definition()))
    found = rows.select_related("environment__workspace").first()
    if found is None:
        raise _no_definition()
    return found


def _told(definition: EventDefinition) -> HttpResponse:
    tallies = EventTally.objects.filter(environment_id=definition.environment_id, name=definition.name)
    return told(shapes.definition(definition, tallies.first(), definition.name))


class DefinitionsView(ServerView):
    @extend_schema(**documents.DEFINITIONS)
    def get(self, request: Request) -> HttpResponse:
        """Names that were only seen are listed too: nothing that came is hidden."""
        caller, query = self.opened(request, READ, NamesQuery)
        written = {
            row.name: row
            for row in _names(EventDefinition.objects.filter(environment_id=caller.config.id), query)
        }
        seen = {
            row.name: row for row in _names(EventTally.objects.filter(environment_id=caller.config.id), query)
        }
        limit = pagination.limit_of(query)
        names = sorted(written.keys() | seen.keys(), key=str.encode)[: limit + 1]
        body = pagination.page(
            names,
            limit,
            lambda name: shapes.definition(written.get(name), seen.get(name), name),
            lambda name: {"name": name},
        )
        return paged(body)

    @extend_schema(**documents.DEFINE)
    def post(self, request: Request) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        said = checks.body(DefinitionForm, request)
        if EventDefinition.objects.filter(
            environment_id=caller.config.id, name=said["name"], declared=True
        ).exists():
            raise ApiError(
                "definition_exists",
                "This event is defined already. Change it by PATCH.",
                status=409,
                field="name",
            )
        return _told(definitions.save(caller.config.environment, actor=caller.actor, **said))


class DefinitionView(ServerView):
    @extend_schema(**documents.DEFINITION)
    def get(self, request: Request, pk: int) -> HttpResponse:
        caller, _ = self.opened(request, READ)
        return _told(_definition(caller.config.id, pk))

    @extend_schema(**documents.REDEFINE)
    def patch(self, request: Request, pk: int) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        known = _definition(caller.config.id, pk)
        stands = {name: getattr(known, name) for name in ("description", "mode", "expected")}
        said = stands | checks.body(DefinitionChanges, request)
        return _told(definitions.save(caller.config.environment, known.name, actor=caller.actor, **said))

    @extend_schema(**documents.UNDEFINE)
    def delete(self, request: Request, pk: int) -> HttpResponse:
        caller, _ = self.opened(request, WRITE)
        definitions.delete(_definition(caller.config.id, pk), caller.actor)
        return unkept(answer({"success": True}))


class AttributesView(ServerView):
    @extend_schema(**documents.ATTRIBUTES)
    def get(self, request: Request) -> HttpResponse:
        caller, query = self.opened(request, "users:read", NamesQuery)
        rows = list(_names(AttributeDefinition.objects.filter(environment_id=caller.config.id), query))
        limit = pagination.limit_of(query)
        return paged(pagination.page(rows, limit, shapes.attribute, lambda row: {"name": row.name}))


class AttributeView(ServerView):
    @extend_schema(**documents.DECLARE)
    def patch(self, request: Request, pk: int) -> HttpResponse:
        caller, _ = self.opened(request, "users:write")
        rows = AttributeDefinition.objects.filter(environment_id=caller.config.id)
        known = rows.filter(pk=within(pk, _no_attribute())).first()
        if known is None:
            raise _no_attribute()
        said = checks.body(AttributeChanges, request)
        declared = catalogue.declare(
            caller.config.environment,
            known.name,
            description=said.get("description", known.description),
            declared_type=said.get("declaredType", known.declared_type),
            actor=caller.actor,
        )
        return told(shapes.attribute(declared))
