"""What the API reference says of the paths that events come in by. Documents only: forms.py checks."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from glu_admin.api.reference import WRITE_KEY, RefusalSerializer, refusal
from users.events.answers import SHARD, TOLD
from users.events.forms import ID_LIMIT, NAME_LIMIT
from users.events.models import SdkSignal
from users.events.sources import Source

RULES = """
One event, a JSON array of them, or one a line; at most 1,000 a call and 5 MiB, `Content-Encoding:
gzip` is taken. Every event gets a verdict:

* `accepted`: it counts. With the warning `user_unknown` it is kept for 24 hours, and counts as soon
  as somebody registers with that id.
* `duplicate`: an event with this `event_id` was taken in the last 30 days; nothing changes.
* `rejected`: `reason`, `field` and `message` say what to mend.

A batch is answered 200 with a verdict each. An event that comes alone, and a batch of which nothing
was taken, is answered 400 where it is rejected, in the same shape; the environment's switch "always
200" changes that status only. A clock that is 5 minutes ahead or 24 hours behind gets a warning; one
that is a year ahead or ten years behind is refused. Refused events are kept too, to be looked at.
"""


class WarningOfEventSerializer(serializers.Serializer[object]):
    code = serializers.CharField()
    field = serializers.CharField(required=False)
    message = serializers.CharField()


class VerdictSerializer(serializers.Serializer[object]):
    id = serializers.IntegerField(help_text="Where the console and `/api/v1/events/{id}` find it.")
    eventId = serializers.CharField(allow_null=True)  # noqa: N815  # the API's name
    verdict = serializers.ChoiceField(choices=TOLD)
    reason = serializers.CharField(required=False, help_text="Stable: made for programs.")
    field = serializers.CharField(required=False)
    message = serializers.CharField(required=False)
    warnings = WarningOfEventSerializer(many=True, required=False)


class VerdictsSerializer(serializers.Serializer[object]):
    accepted = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    rejected = serializers.IntegerField()
    events = VerdictSerializer(many=True, help_text="One for each event, in the order sent.")


class TakenSerializer(serializers.Serializer[object]):
    success = serializers.BooleanField(default=True)
    SequenceNumber = serializers.CharField(help_text="The id of the last event.")
    ShardId = serializers.CharField()
    data = VerdictsSerializer()  # type: ignore[assignment]  # a field of this name, not the property


class RejectedSerializer(RefusalSerializer):
    """A refusal; where events were read, with their verdicts."""

    SequenceNumber = serializers.CharField(required=False)
    ShardId = serializers.CharField(required=False)
    data = VerdictsSerializer(required=False)  # type: ignore[assignment]  # as above


class SignalCountSerializer(serializers.Serializer[object]):
    accepted = serializers.IntegerField()


class SignalsTakenSerializer(serializers.Serializer[object]):
    success = serializers.BooleanField(default=True)
    SequenceNumber = serializers.CharField()
    ShardId = serializers.CharField()
    data = SignalCountSerializer()  # type: ignore[assignment]  # as above


EVENT = {
    "event_id": "0b6f1c9e-58d7-4a6b-9b0e-7f2f5d1f6a20",
    "event_name": "purchase_completed",
    "user_id": "u_1042",
    "timestamp": "2026-11-22T09:30:00Z",
    "event_properties": {"amount": 450, "currency": "INR"},
}
_EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": list(EVENT),
    "properties": {
        "event_id": {"type": "string", "minLength": 1, "maxLength": ID_LIMIT},
        "event_name": {"type": "string", "minLength": 1, "maxLength": NAME_LIMIT},
        "user_id": {
            "type": "string",
            "minLength": 1,
            "maxLength": ID_LIMIT,
            "description": "The userId of registration, or a visitor's anonymousId.",
        },
        "timestamp": {"type": "string", "description": "ISO 8601, in UTC."},
        "event_properties": {"type": "object", "additionalProperties": {}},
    },
}
_LINES = "\n".join(
    f'{{"event_id":"e-{n}","event_name":"visit","user_id":"u_1042",'
    f'"timestamp":"2026-11-22T09:3{n}:00Z","event_properties":{{}}}}'
    for n in range(2)
)
_BODIES = {
    "application/json": {
        "oneOf": [_EVENT_SCHEMA, {"type": "array", "items": _EVENT_SCHEMA, "minItems": 1, "maxItems": 1000}]
    },
    "application/x-ndjson": {"type": "string", "example": _LINES},
}
GZIP = OpenApiParameter(
    "Content-Encoding", OpenApiTypes.STR, OpenApiParameter.HEADER, enum=["gzip", "identity"], required=False
)


def _verdicts(**one: Any) -> dict[str, Any]:
    counts = {name: int(one["verdict"] == name) for name in TOLD}
    return {"SequenceNumber": "81234", "ShardId": SHARD, "data": counts | {"events": [one]}}


_ACCEPTED = {"success": True} | _verdicts(id=81234, eventId=EVENT["event_id"], verdict="accepted")
_WRONG = 'user_id must be text; put it into quotes: "user_id": "…".'
_REJECTED = {
    "success": False,
    "message": _WRONG,
    "error": {
        "code": "wrong_type",
        "message": _WRONG,
        "field": "user_id",
        "requestId": "3f2c8d1ab0f94e5d8f7b6a5c4d3e2f10",
    },
} | _verdicts(
    id=81235,
    eventId=EVENT["event_id"],
    verdict="rejected",
    reason="wrong_type",
    field="user_id",
    message=_WRONG,
)
_REFUSALS = {
    401: refusal("No such key", "key_unknown", "This write key does not exist."),
    413: refusal("Too much", "body_too_large", "Send at most 5 MiB a call, counted without compression."),
    415: refusal(
        "Unknown encoding", "unknown_encoding", "Send the body plain, or with Content-Encoding: gzip."
    ),
    503: refusal("Too often", "too_many_requests", "Too many requests. Try again in 12 s."),
}
_RESPONSES = {
    200: OpenApiResponse(
        TakenSerializer, description="A verdict each", examples=[OpenApiExample("Accepted", value=_ACCEPTED)]
    ),
    400: OpenApiResponse(
        RejectedSerializer,
        description="Nothing of it could be taken",
        examples=[OpenApiExample("Rejected", value=_REJECTED)],
    ),
    403: OpenApiResponse(RejectedSerializer, description="The event's user is blocked"),
    **_REFUSALS,
}

EVENTS: dict[str, Any] = {
    "tags": ["events"],
    "summary": "Send events",
    "description": RULES,
    "auth": WRITE_KEY,
    "parameters": [GZIP],
    "request": _BODIES,
    "examples": [
        OpenApiExample("One event", value=EVENT, request_only=True, media_type="application/json"),
        OpenApiExample("A batch", value=[EVENT], request_only=True, media_type="application/json"),
    ],
    "responses": _RESPONSES,
}


def source(partner: Source) -> dict[str, Any]:
    """A partner's receiver: its format, and our verdicts."""
    return {
        "tags": ["partners"],
        "summary": f"Receive events from {partner.label}",
        "description": (
            f"Point {partner.label}'s webhook here, with the write key as the header X-API-KEY, or as"
            " `?writekey=` where no header can be set. What is no event is answered 200 with the reason"
            " `not_an_event`. Otherwise the verdicts are those of `/server/v4`."
        ),
        "auth": WRITE_KEY,
        "parameters": [GZIP, OpenApiParameter("writekey", OpenApiTypes.STR, required=False)],
        "request": {
            "application/json": {
                "oneOf": [
                    {"type": "object", "additionalProperties": {}},
                    {"type": "array", "items": {"type": "object", "additionalProperties": {}}},
                ]
            }
        },
        "examples": [OpenApiExample(partner.label, value=partner.example(), request_only=True)],
        "responses": _RESPONSES,
    }


def signals(kind: SdkSignal.Kind) -> dict[str, Any]:
    """What SDKs say of themselves."""
    return {
        "tags": ["sdk"],
        "summary": f"Send {kind.label.lower()} of an SDK",
        "description": "One object or an array of them. Whatever is JSON is taken; large ones are cut.",
        "auth": WRITE_KEY,
        "parameters": [
            GZIP,
            OpenApiParameter(
                "X-GLU-AUTH",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                required=False,
                description="`Bearer` and the user's token: names the user where the body does not.",
            ),
        ],
        "request": {"application/json": {}},
        "examples": [OpenApiExample("One", value=_SIGNALS[kind], request_only=True)],
        "responses": {
            200: SignalsTakenSerializer,
            400: refusal("Not JSON", "malformed_json", "This is not JSON: unexpected end of data."),
            **_REFUSALS,
        },
    }


def report() -> dict[str, Any]:
    """What SDKs send when an app broke."""
    crash = {"platform": "android", "user_id": "u_1042", "app_version": "4.2.0", "stack_trace": "java.lang…"}
    return signals(SdkSignal.Kind.DIAGNOSTICS) | {
        "summary": "Send a crash report of an SDK",
        "examples": [OpenApiExample("From Android", value=crash, request_only=True)],
    }


_SIGNALS = {
    SdkSignal.Kind.ANALYTICS: {
        "event_name": "ENTRY_POINT_LOAD",
        "type": "track",
        "event_id": "0b6f1c9e-58d7-4a6b-9b0e-7f2f5d1f6a21",
        "user_id": "u_1042",
        "timestamp": "2026-11-22T09:30:00.000Z",
        "analytics_version": "4.0.0",
        "platform_details": {"device_type": "MOBILE", "os": "IOS", "sdk_version": "3.1.6"},
    },
    SdkSignal.Kind.DIAGNOSTICS: {
        "event_name": "CGDiagnostics - sdk init",
        "type": "SYSTEM",
        "log_type": "DIAGNOSTICS",
        "event_id": "0b6f1c9e-58d7-4a6b-9b0e-7f2f5d1f6a22",
        "user_id": "u_1042",
        "timestamp": "2026-11-22T09:30:00.000Z",
        "sdk_version": "3.1.6",
    },
}
