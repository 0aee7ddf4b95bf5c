"""What the API reference says of register. Documents only: the checks are registration_form.py's."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from glu_admin.api.reference import NO_KEY, refusal
from users.registration_form import CORE, DEVICE, DEVICE_TYPES, IDENTITIES, PROFILE

ANSWERED = ("id", "userId", "anonymousId", "gluId", "userName", "email", "phone", "cookieId", "appVersion")
ANSWERED_LAST = ("sessionId", "deviceId", "deviceType", "deviceName")


def _texts(name: str, keys: tuple[str, ...], **more: serializers.Field[Any, Any, Any, Any]) -> Any:
    """A serializer of text or null under each key."""
    fields: dict[str, Any] = {key: serializers.CharField(allow_null=True, required=False) for key in keys}
    return type(name, (serializers.Serializer,), fields | more)


ProfileSerializer = _texts("ProfileSerializer", PROFILE)
IdentitiesSerializer = _texts("IdentitiesSerializer", IDENTITIES)
RegistrationSerializer = _texts(
    "RegistrationSerializer",
    ("userId", "anonymousId", *CORE, *(key for key in DEVICE if key != "deviceType")),
    writeKey=serializers.CharField(help_text="The environment's write key: it chooses test or live."),
    deviceType=serializers.ChoiceField(choices=DEVICE_TYPES, required=False, allow_null=True),
    referredBy=serializers.CharField(required=False, help_text="The userId of the one who invited."),
    referralCode=serializers.CharField(required=False, help_text="Their referral code, instead."),
    userHash=serializers.CharField(
        required=False,
        help_text="The hex HMAC-SHA256 of userId with the environment's identity secret, from your server.",
    ),
    profile=ProfileSerializer(required=False),
    identities=IdentitiesSerializer(required=False),
    customAttributes=serializers.DictField(
        required=False,
        help_text="Names with text, numbers, truth values, or lists of these. null takes one away.",
    ),
)
RegisteredUserSerializer = _texts(
    "RegisteredUserSerializer",
    (*ANSWERED, "client", "referralLink", "referredBy", "referralCode", *ANSWERED_LAST),
    profile=ProfileSerializer(),
    identities=IdentitiesSerializer(),
)


class RegisteredDataSerializer(serializers.Serializer[object]):
    user = RegisteredUserSerializer()
    token = serializers.CharField(help_text="Send it as `Authorization: Bearer …` from now on.")


class WarningSerializer(serializers.Serializer[object]):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class RegisteredSerializer(serializers.Serializer[object]):
    success = serializers.BooleanField(default=True)
    data = RegisteredDataSerializer()  # type: ignore[assignment]  # a field of this name, not the property
    warnings = WarningSerializer(many=True, required=False)


_BODY = {
    "writeKey": "wk_test_…",
    "userId": "u_1042",
    "userName": "Asha Rao",
    "email": "asha@example.com",
    "deviceType": "android",
    "deviceId": "pixel-7",
    "appVersion": "4.2.0",
    "profile": {"firstName": "Asha", "city": "Pune", "timezone": "Asia/Kolkata"},
    "customAttributes": {"tier": "gold", "orders": 3},
}
_USER = {
    "id": "5b1c8e1d0a7f4c2e9b3d6a40",
    "userId": "u_1042",
    "anonymousId": None,
    "gluId": "5b1c8e1d-0a7f-4c2e-9b3d-6a401f2e3d4c",
    "userName": "Asha Rao",
    "email": "asha@example.com",
    "phone": None,
    "cookieId": None,
    "appVersion": "4.2.0",
    "client": "7b1d7b8e-9a55-4f2e-8f0a-2f6f3d0c9a11",
    "referralLink": None,
    "referredBy": None,
    "referralCode": "GLU-7Q2MXKAB",
    "profile": dict.fromkeys(PROFILE) | {"firstName": "Asha", "city": "Pune", "timezone": "Asia/Kolkata"},
    "identities": dict.fromkeys(IDENTITIES),
    "sessionId": None,
    "deviceId": "pixel-7",
    "deviceType": "android",
    "deviceName": None,
}

REGISTER: dict[str, Any] = {
    "tags": ["users"],
    "summary": "Register or update a person",
    "auth": NO_KEY,
    "parameters": [
        OpenApiParameter("token", OpenApiTypes.BOOL, description="Taken, and ignored: a token always comes.")
    ],
    "request": RegistrationSerializer,
    "examples": [
        OpenApiExample("A person", value=_BODY, request_only=True),
        OpenApiExample(
            "A visitor", value={"writeKey": "wk_test_…", "anonymousId": "visit-9"}, request_only=True
        ),
        OpenApiExample(
            "A visitor who signs in",
            value={"writeKey": "wk_test_…", "userId": "u_1042", "anonymousId": "visit-9"},
            request_only=True,
        ),
        OpenApiExample(
            "One thing changed",
            value={"writeKey": "wk_test_…", "userId": "u_1042", "customAttributes": {"tier": None}},
            request_only=True,
        ),
    ],
    "responses": {
        200: OpenApiResponse(
            RegisteredSerializer,
            description="The person as known now, and a token",
            examples=[
                OpenApiExample(
                    "Registered", value={"success": True, "data": {"user": _USER, "token": "eyJ0eXAi…"}}
                )
            ],
        ),
        400: refusal(
            "A wrong value",
            "wrong_type",
            'phone must be a string; put it into quotes: "phone": "…".',
            "phone",
        ),
        401: refusal("No such key", "key_unknown", "This write key does not exist."),
        403: refusal(
            "Blocked", "user_blocked", "This user is blocked. Unblock the user in the console first."
        ),
        413: refusal("Too long", "body_too_large", "Send at most 256 KiB of JSON."),
        503: refusal("Too often", "too_many_requests", "Too many requests. Try again in 12 s."),
    },
}
