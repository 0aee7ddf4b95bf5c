"""What the API reference says of events, their definitions and attributes under `/api/v1/`."""

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from glu_admin.api.reference import refusal
from users.events.models import Event, EventDefinition
from users.v1.documents import (
    DONE,
    GLU_ID,
    TIME,
    TOO_LONG,
    AnyObject,
    Anything,
    many,
    missing,
    nullable,
    one,
    operation,
    shape,
)
from users.v1.forms import (
    AttributeChanges,
    DefinitionChanges,
    DefinitionForm,
    EventsQuery,
    ExpectedProperty,
    NamesQuery,
    ParkedQuery,
)

TAG = "events for servers"
TEXT = serializers.CharField

RemarkShape = shape(
    "Remark", code=TEXT(), field=TEXT(required=False), message=TEXT(help_text="What is odd, in words.")
)
EventShape = shape(
    "Event",
    id=serializers.IntegerField(help_text="Ours; it grows as events come."),
    eventId=nullable(help_text="Yours."),
    event=nullable(),
    userId=nullable(help_text="As it was sent."),
    gluId=nullable(serializers.UUIDField, help_text="Whose it is; null while nobody has the id."),
    happenedAt=nullable(TIME),
    receivedAt=TIME(),
    source=TEXT(),
    verdict=serializers.ChoiceField(choices=Event.Verdict.values),
    reason=TEXT(allow_blank=True, help_text="Of a refusal: stable, for programs."),
    field=TEXT(allow_blank=True, help_text="What in the event to mend."),
    warnings=RemarkShape(many=True),
    properties=Anything(help_text="Of a refused event: what came, as far as it could be read."),
    requestId=TEXT(allow_blank=True),
)
EVENT_EXAMPLE: dict[str, Any] = {
    "id": 48121,
    "eventId": "5f0c6a0e-order-981",
    "event": "order_placed",
    "userId": "u_1042",
    "gluId": GLU_ID,
    "happenedAt": "2026-11-22T10:15:00.000Z",
    "receivedAt": "2026-11-22T10:15:01.204Z",
    "source": "server",
    "verdict": "accepted",
    "reason": "",
    "field": "",
    "warnings": [],
    "properties": {"amount": 420, "city": "Pune"},
    "requestId": "3f2c8d1ab0f94e5d8f7b6a5c4d3e2f10",
}
Searched = shape(
    "Searched",
    complete=serializers.BooleanField(help_text="false: the time for one search was up."),
    message=TEXT(required=False),
)
NO_EVENT = missing("event_not_found", "There is no event with this id.", "id")

FEED = operation(
    "events_list",
    "Follow the live feed",
    "events:read",
    tag=TAG,
    answers=many(
        "EventsPage",
        EventShape,
        EVENT_EXAMPLE,
        newest=(nullable(help_text="Send it as after to hear what comes next."), "eyJpZCI6NDgxMjF9"),
        searched=(Searched(), {"complete": True}),
    ),
    description="Every event that came, with its verdict: the newest first, back in time by next,"
    " onwards by newest. An event of the last seconds may be told twice in a row; go by its id."
    " A search that finds little ends when its time is up, and says so; next goes on from there.",
    parameters=[EventsQuery],
    refusals=missing("user_not_found", "There is no user with this gluId here.", "gluId"),
)
EVENT = operation(
    "events_read",
    "Read an event",
    "events:read",
    tag=TAG,
    answers=one("EventFound", EventShape, EVENT_EXAMPLE),
    refusals=NO_EVENT,
)
REPLAY = operation(
    "events_replay",
    "Hand an event on once more",
    "events:write",
    tag=TAG,
    answers=one(
        "EventReplayed",
        shape(
            "Replayed",
            taken=serializers.ListField(child=TEXT(), help_text="Who took it."),
            parked=serializers.ListField(child=TEXT(), help_text="For whom it was parked."),
        ),
        {"taken": ["tally"], "parked": []},
        "Handed on",
    ),
    description="In Test only: in Live all that the event led to would happen twice.",
    request=None,
    refusals=NO_EVENT
    | {
        409: refusal(
            "Not this one",
            "replay_only_in_test",
            "Events are replayed in Test only: in Live everything they led to would happen twice.",
        )
    },
)

_PARKED: dict[str, Any] = {
    "id": serializers.IntegerField(),
    "event": serializers.IntegerField(help_text="The id of the event."),
    "subscriber": TEXT(help_text="Who could not take it."),
    "error": TEXT(allow_blank=True),
    "attempts": serializers.IntegerField(),
    "parkedAt": TIME(),
    "replayedAt": nullable(TIME),
}
PARKED_EXAMPLE: dict[str, Any] = {
    "id": 3,
    "event": 48121,
    "subscriber": "tally",
    "error": "DataError: value too long",
    "attempts": 1,
    "parkedAt": "2026-11-22T10:15:02.000Z",
    "replayedAt": None,
}
PARKED = operation(
    "parked_events_list",
    "List parked events",
    "events:read",
    tag=TAG,
    answers=many("ParkedEventsPage", shape("ParkedEvent", **_PARKED), PARKED_EXAMPLE),
    description="Events that one subscriber could not take; everybody else has them.",
    parameters=[ParkedQuery],
)
PARKED_REPLAY = operation(
    "parked_events_replay",
    "Hand a parked event on again",
    "events:write",
    tag=TAG,
    answers=one(
        "ParkedEventReplayed",
        shape("ReplayedParkedEvent", **_PARKED, taken=serializers.BooleanField()),
        PARKED_EXAMPLE | {"replayedAt": "2026-11-22T11:00:00.000Z", "attempts": 2, "taken": True},
        "How it went",
    ),
    description="Once it is taken, nothing happens any more.",
    request=None,
    refusals=missing("parked_event_not_found", "No parked event has this id.", "id"),
)

DefinitionShape = shape(
    "EventDefinition",
    id=nullable(serializers.IntegerField, help_text="null: nobody defined it, it was only seen."),
    name=TEXT(),
    description=TEXT(allow_blank=True),
    mode=serializers.ChoiceField(choices=EventDefinition.Mode.values),
    expected=ExpectedProperty(many=True),
    declared=serializers.BooleanField(),
    seen=serializers.IntegerField(help_text="How many were accepted."),
    types=AnyObject(help_text="How often each property came as which type."),
    firstSeenAt=nullable(TIME),
    lastSeenAt=nullable(TIME),
)
DEFINITION_BODY: dict[str, Any] = {
    "name": "order_placed",
    "description": "An order was paid",
    "mode": "warn",
    "expected": [{"name": "amount", "type": "number", "required": True}],
}
DEFINITION_EXAMPLE = DEFINITION_BODY | {
    "id": 12,
    "declared": True,
    "seen": 981,
    "types": {"amount": {"number": 980, "string": 1}},
    "firstSeenAt": "2026-10-01T08:00:00.000Z",
    "lastSeenAt": "2026-11-22T10:15:01.204Z",
}
NO_DEFINITION = missing("definition_not_found", "There is no event definition with this id.", "id")
FOUND = one("DefinitionFound", DefinitionShape, DEFINITION_EXAMPLE, "The definition")


def _definition(name: str, summary: str, scope: str, **more: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"answers": FOUND, "refusals": NO_DEFINITION} | more
    return operation(name, summary, scope, tag=TAG, **options)


DEFINITIONS = _definition(
    "event_definitions_list",
    "List event names",
    "events:read",
    answers=many("DefinitionsPage", DefinitionShape, DEFINITION_EXAMPLE),
    description="By name: those that are defined, and those that were only seen.",
    parameters=[NamesQuery],
    refusals={},
)
DEFINE = _definition(
    "event_definitions_create",
    "Define an event",
    "events:write",
    request=DefinitionForm,
    examples=[OpenApiExample("A definition", value=DEFINITION_BODY, request_only=True)],
    refusals=TOO_LONG
    | {409: refusal("There is one", "definition_exists", "This event is defined already.", "name")},
)
DEFINITION = _definition("event_definitions_read", "Read a definition", "events:read")
REDEFINE = _definition(
    "event_definitions_change",
    "Change a definition",
    "events:write",
    description="Only what is sent is changed; expected is replaced as a whole.",
    request=DefinitionChanges,
    examples=[OpenApiExample("Stricter", value={"mode": "refuse"}, request_only=True)],
    refusals=NO_DEFINITION | TOO_LONG,
)
UNDEFINE = _definition(
    "event_definitions_delete",
    "Delete a definition",
    "events:write",
    description="From now on nothing is expected of events of this name.",
    answers=DONE,
)

AttributeShape = shape(
    "Attribute",
    id=serializers.IntegerField(),
    name=TEXT(),
    description=TEXT(allow_blank=True),
    declaredType=TEXT(allow_blank=True),
    types=AnyObject(help_text="People by the type of their value; several types are a conflict."),
    topValues=Anything(help_text="[[value, people], …], the most frequent first."),
    people=serializers.IntegerField(help_text="How many people were looked at."),
    haveIt=serializers.IntegerField(help_text="How many of them have it."),
    sampled=serializers.BooleanField(help_text="true: those were not all."),
    firstSeenAt=TIME(),
    lastSeenAt=TIME(),
)
ATTRIBUTE_EXAMPLE: dict[str, Any] = {
    "id": 5,
    "name": "tier",
    "description": "",
    "declaredType": "string",
    "types": {"string": 812},
    "topValues": [["gold", 300], ["silver", 512]],
    "people": 1000,
    "haveIt": 812,
    "sampled": False,
    "firstSeenAt": "2026-10-01T08:00:00.000Z",
    "lastSeenAt": "2026-11-22T10:15:01.204Z",
}
ATTRIBUTES = operation(
    "attributes_list",
    "List attributes",
    "users:read",
    tag=TAG,
    answers=many("AttributesPage", AttributeShape, ATTRIBUTE_EXAMPLE),
    description="Every attribute that somebody has, by name.",
    parameters=[NamesQuery],
)
DECLARE = operation(
    "attributes_change",
    "Declare an attribute",
    "users:write",
    tag=TAG,
    answers=one("AttributeFound", AttributeShape, ATTRIBUTE_EXAMPLE, "The attribute"),
    description="What it is for, and of which type its values should be.",
    request=AttributeChanges,
    examples=[OpenApiExample("A type", value={"declaredType": "string"}, request_only=True)],
    refusals=missing("attribute_not_found", "There is no attribute with this id.", "id") | TOO_LONG,
)
