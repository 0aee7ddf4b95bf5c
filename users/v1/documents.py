"""What the API reference says of `/api/v1/`: answers with examples, scopes, refusals."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema_field
from rest_framework import serializers

from glu_admin.api.reference import API_KEY, refusal

GLU_ID = "5b1c8e1d-0a7f-4c2e-9b3d-6a401f2e3d4c"


@extend_schema_field({})
class Anything(serializers.JSONField):
    """Any JSON value."""


@extend_schema_field({"type": "object", "additionalProperties": {}})
class AnyObject(serializers.JSONField):
    """A JSON object of any names and values."""


def nullable(kind: type[serializers.Field[Any, Any, Any, Any]] = serializers.CharField, **more: Any) -> Any:
    return kind(allow_null=True, **more)


def shape(title: str, /, **fields: Any) -> Any:
    """A serializer that only documents: every field is always there."""
    return type(title, (serializers.Serializer,), fields)


TIME = serializers.DateTimeField
_LISTED: dict[str, Any] = {
    "gluId": serializers.UUIDField(help_text="Ours, for ever the same."),
    "userId": nullable(help_text="Yours; null for a visitor."),
    "anonymousId": nullable(),
    "userName": nullable(),
    "email": nullable(),
    "phone": nullable(),
    "referralCode": serializers.CharField(),
    "referredBy": nullable(),
    "isTest": serializers.BooleanField(),
    "blockedAt": nullable(TIME),
    "registeredAt": TIME(),
    "updatedAt": TIME(),
    "lastSeenAt": TIME(help_text="To the hour."),
}
Alias = shape("Alias", gluId=serializers.UUIDField(), anonymousId=nullable(), mergedAt=nullable(TIME))
ListedPerson = shape("ListedPerson", **_LISTED)
Person = shape(
    "Person",
    **_LISTED,
    profile=AnyObject(),
    identities=AnyObject(),
    customAttributes=AnyObject(),
    aliases=Alias(many=True),
)
DeviceShape = shape(
    "PersonsDevice",
    **{
        name: serializers.CharField(allow_blank=True)
        for name in ("deviceId", "deviceType", "deviceName", "appVersion", "cookieId")
    },
    hasFirebaseToken=serializers.BooleanField(),
    hasApnsToken=serializers.BooleanField(),
    firstSeenAt=TIME(),
    lastSeenAt=TIME(),
)
TimelineEntry = shape(
    "TimelineEntry",
    at=TIME(),
    kind=serializers.CharField(),
    title=serializers.CharField(),
    detail=AnyObject(),
    ref=serializers.CharField(allow_blank=True, help_text="The id of what this tells of."),
)
Receipt = shape(
    "ErasureReceipt",
    id=serializers.UUIDField(),
    subject=serializers.CharField(help_text="A keyed hash of your id of the person."),
    counts=AnyObject(help_text="Rows taken away and rows kept for the sums, by part."),
    cancelled=Anything(help_text="Webhook messages that will not be sent."),
    actor=serializers.CharField(),
    at=TIME(),
)

PERSON_EXAMPLE: dict[str, Any] = {
    "gluId": GLU_ID,
    "userId": "u_1042",
    "anonymousId": None,
    "userName": "Asha Rao",
    "email": "asha@example.com",
    "phone": None,
    "referralCode": "GLU-7Q2MXKAB",
    "referredBy": None,
    "isTest": False,
    "blockedAt": None,
    "registeredAt": "2026-11-02T09:14:03.120Z",
    "updatedAt": "2026-11-21T18:40:11.004Z",
    "lastSeenAt": "2026-11-22T07:00:02.310Z",
}
WHOLE_EXAMPLE = PERSON_EXAMPLE | {
    "profile": {"firstName": "Asha", "city": "Pune"},
    "identities": {},
    "customAttributes": {"tier": "gold", "orders": 3},
    "aliases": [
        {
            "gluId": "c1f4b1de-24a0-4c58-8d31-6e2b4d5a7f10",
            "anonymousId": "visit-9",
            "mergedAt": "2026-11-02T09:20:45.001Z",
        }
    ],
}
DEVICE_EXAMPLE = {
    "deviceId": "pixel-7",
    "deviceType": "android",
    "deviceName": "",
    "appVersion": "4.2.0",
    "cookieId": "",
    "hasFirebaseToken": True,
    "hasApnsToken": False,
    "firstSeenAt": "2026-11-02T09:14:03.120Z",
    "lastSeenAt": "2026-11-22T07:00:02.310Z",
}
ENTRY_EXAMPLE = {
    "at": "2026-11-21T18:40:11.004Z",
    "kind": "changes",
    "title": "Changed",
    "detail": {"attributes.tier": ["silver", "gold"]},
    "ref": "3312",
}
RECEIPT_EXAMPLE = {
    "id": "0d9a0d0e-4f3c-4f0f-9d3e-0a7a3d5c1b22",
    "subject": "9b0f6c1e5d…",
    "counts": {"devices": 2, "events": 31},
    "cancelled": [],
    "actor": "API key Shop",
    "at": "2026-11-22T12:00:00.000Z",
}


def many(title: str, row: Any, example: dict[str, Any], **more: Any) -> OpenApiResponse:
    """A page of a list: {"success": true, "data": [...], "next": …}."""
    whole = shape(
        title,
        success=serializers.BooleanField(default=True),
        data=row(many=True),
        next=nullable(help_text="Send it as cursor for the page after this one; null on the last."),
        **{name: field for name, (field, _) in more.items()},
    )
    value = {"success": True, "data": [example], "next": None} | {
        name: value for name, (_, value) in more.items()
    }
    return OpenApiResponse(whole, description="A page", examples=[OpenApiExample("A page", value=value)])


def one(
    title: str, row: Any, example: dict[str, Any], description: str = "Found", **more: Any
) -> OpenApiResponse:
    """A single thing: {"success": true, "data": {...}}."""
    whole = shape(title, success=serializers.BooleanField(default=True), data=row(), **more)
    value = {"success": True, "data": example}
    return OpenApiResponse(
        whole, description=description, examples=[OpenApiExample(description, value=value)]
    )


def several(
    title: str, row: Any, examples: list[dict[str, Any]], description: str = "Found"
) -> OpenApiResponse:
    """All of a few things at once: {"success": true, "data": [...]}."""
    whole = shape(title, success=serializers.BooleanField(default=True), data=row(many=True))
    value = {"success": True, "data": examples}
    return OpenApiResponse(
        whole, description=description, examples=[OpenApiExample(description, value=value)]
    )


DONE = OpenApiResponse(
    shape("Done", success=serializers.BooleanField(default=True)),
    description="Done",
    examples=[OpenApiExample("Done", value={"success": True})],
)


def operation(
    name: str, summary: str, scope: str, *, tag: str, answers: OpenApiResponse, **more: Any
) -> dict[str, Any]:
    """An operation's document for `extend_schema(**…)`; its refusals are those of every operation
    here, and `refusals` besides."""
    refusals = more.pop("refusals", {})
    description = more.pop("description", "")
    return {
        "operation_id": name,
        "summary": summary,
        "description": f"{description}\n\nScope: `{scope}`.".strip(),
        "tags": [tag],
        "auth": API_KEY,
        "responses": {200: answers} | everywhere(scope) | refusals,
        **more,
    }


def everywhere(scope: str) -> dict[int, OpenApiResponse]:
    """What every operation of `/api/v1/` may refuse with."""
    return {
        400: refusal("A wrong value", "invalid", "limit: A valid integer is required.", "limit"),
        401: refusal("No such key", "key_unknown", "This API key does not exist."),
        403: refusal(
            "Another key is needed",
            "scope_missing",
            f"This API key lacks the scope {scope}. Make a key with it in the console.",
        ),
        429: refusal("Too often", "too_many_requests", "Too many requests. Try again in 12 s."),
        503: refusal("Busy", "busy", "The service is busy or restarting. Try again in a moment."),
    }


TOO_LONG = {413: refusal("Too long", "body_too_large", "Send at most 256 KiB of JSON.")}


def missing(code: str, message: str, field: str | None = None) -> dict[int, OpenApiResponse]:
    return {404: refusal("Not here", code, message, field)}


NO_PERSON = missing("user_not_found", "There is no user with this gluId here.", "gluId")
