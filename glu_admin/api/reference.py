"""What the API reference says of every endpoint alike: how to prove who calls, and refusals."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

# for `extend_schema(auth=…)`; the schemes themselves are in the settings
Schemes = list[dict[str, list[str]]]
USER_TOKEN: Schemes = [{"userToken": []}]
WRITE_KEY: Schemes = [{"writeKey": []}]
API_KEY: Schemes = [{"apiKey": []}]
NO_KEY: Schemes = [{}]


class JsonSchema(AutoSchema):
    """Bodies are JSON whatever their content type says; the reference names the usual one."""

    def map_parsers(self) -> list[str]:
        return ["application/json"]


class CauseSerializer(serializers.Serializer[object]):
    code = serializers.CharField(help_text="Stable: made for programs.")
    message = serializers.CharField(help_text="What is wrong and how to mend it: made for people.")
    field = serializers.CharField(required=False, help_text="What in the request to mend.")
    requestId = serializers.CharField(help_text="Quote it when you ask for help.")  # noqa: N815


class RefusalSerializer(serializers.Serializer[object]):
    """Every refusal, of every path."""

    success = serializers.BooleanField(default=False)
    message = serializers.CharField()
    error = CauseSerializer()


def refusal(description: str, code: str, message: str, field: str | None = None) -> OpenApiResponse:
    """One status of `extend_schema(responses=…)`, with an example."""
    error = {"code": code, "message": message}
    if field:
        error["field"] = field
    error["requestId"] = "3f2c8d1ab0f94e5d8f7b6a5c4d3e2f10"
    example = {"success": False, "message": message, "error": error}
    return OpenApiResponse(
        RefusalSerializer, description=description, examples=[OpenApiExample(code, value=example)]
    )


# What an operation may refuse with, by what it asks for. Contract paths answer 503 where
# `/api/v1/` answers 429: their clients would repeat a 429 without end.
BUSY = {503: refusal("Too often, or busy", "too_many_requests", "Too many requests. Try again in 12 s.")}
TOO_OFTEN = {429: refusal("Too often", "too_many_requests", "Too many requests. Try again in 12 s.")}
BY_TOKEN = {
    401: refusal("No valid token", "token_missing", "Send the header Authorization: Bearer <token>."),
    403: refusal("Blocked", "user_blocked", "This user is blocked. Unblock the user in the console first."),
}
BY_KEY = {401: refusal("No such key", "key_unknown", "This write key does not exist.")}
WITH_BODY = {
    400: refusal("Not understood", "malformed_json", "The body is not JSON: unexpected end of data."),
    413: refusal("Too long", "body_too_large", "Send at most 256 KiB of JSON."),
}
