"""What the API reference says of a campaign's list."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from glu_admin.api.reference import API_KEY, BUSY, WITH_BODY, refusal

BODY = OpenApiExample("A person", value={"userId": "u_1"}, request_only=True)


def _operation(
    name: str, summary: str, scope: str, answer: dict[str, Any], description: str
) -> dict[str, Any]:
    return {
        "operation_id": name,
        "tags": ["segments by API"],
        "summary": summary,
        "description": f"{description}\n\nScope: `{scope}`.",
        "auth": API_KEY,
        "request": OpenApiTypes.OBJECT,
        "examples": [BODY],
        "responses": {
            200: OpenApiResponse(
                OpenApiTypes.OBJECT, description="Done", examples=[OpenApiExample("Done", value=answer)]
            ),
            **WITH_BODY,
            401: refusal("No such key", "key_unknown", "This API key does not exist."),
            403: refusal(
                "Another key is needed",
                "scope_missing",
                f"This API key lacks the scope {scope}. Make a key with it in the console.",
            ),
            404: refusal(
                "No such campaign or person",
                "campaign_not_found",
                "There is no active campaign with this id or tag. Launch it first.",
                "campaignId",
            ),
            **BUSY,
        },
    }


ADD = _operation(
    "campaign_list_add",
    "Let a person see a campaign",
    "segments:write",
    {"success": True, "message": "User added to campaign successfully"},
    "From now on the person sees the campaign and can win its rewards, whatever its segments say."
    " May be repeated.",
)
REMOVE = _operation(
    "campaign_list_remove",
    "Take a campaign away from a person",
    "segments:write",
    {"success": True, "message": "User removed from campaign successfully"},
    "From now on the campaign does not appear for the person, whatever its segments say; what was won"
    " stays. May be repeated.",
)
STATUS = _operation(
    "campaign_list_status",
    "Ask whether a campaign is for a person",
    "segments:read",
    {"success": True, "data": {"isPresent": True}},
    "By the campaign's list, its segments and its rule together.",
)
