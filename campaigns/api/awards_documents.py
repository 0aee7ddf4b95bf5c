"""What the API reference says of awards."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from glu_admin.api.reference import API_KEY, BUSY, WITH_BODY, refusal

_ID = "6f1c1f0e-8d3a-4b52-9a77-0f4a3c9f5d10"
AWARD: dict[str, Any] = {
    "operation_id": "award",
    "tags": ["rewards"],
    "summary": "Give a campaign's reward",
    "description": (
        "Gives a person the reward of a campaign without a game: of a direct reward, or of any occasion of"
        " another campaign, such as `end` of a multi-step one. It is drawn and paid within a second, comes"
        " with the webhook `reward.won`, and is in the wallet like any other. `details` are added to those of"
        " the reward. The same Idempotency-Key gives it to the same person once, however often it is sent."
        " A paused campaign pays when it goes on.\n\nScope: `rewards:write`."
    ),
    "auth": API_KEY,
    "parameters": [
        OpenApiParameter(
            "Idempotency-Key",
            str,
            OpenApiParameter.HEADER,
            required=True,
            description="New for each award, such as the number of the order that it is for.",
            examples=[OpenApiExample("Of an order", value="order-1042")],
        )
    ],
    "request": OpenApiTypes.OBJECT,
    "examples": [
        OpenApiExample("A direct reward", value={"userId": "u_1"}, request_only=True),
        OpenApiExample(
            "Of an occasion",
            value={"userId": "u_1", "occasion": "end", "details": {"orderId": "1042"}},
            request_only=True,
        ),
    ],
    "responses": {
        200: OpenApiResponse(
            OpenApiTypes.OBJECT,
            description="It is given; `isNew` is false if this key gave it before.",
            examples=[
                OpenApiExample(
                    "Given",
                    value={
                        "success": True,
                        "data": {"campaignId": _ID, "userId": "u_1", "occasion": "", "isNew": True},
                    },
                )
            ],
        ),
        **WITH_BODY,
        401: refusal("No such key", "key_unknown", "This API key does not exist."),
        403: refusal(
            "Another key is needed",
            "scope_missing",
            "This API key lacks the scope rewards:write. Make a key with it in the console.",
        ),
        404: refusal(
            "No such campaign or person",
            "campaign_not_found",
            "There is no launched campaign with this id or tag.",
        ),
        409: refusal(
            "Nothing left to give",
            "all_given",
            "This user has got all that this campaign gives to one person.",
            "userId",
        ),
        422: refusal(
            "No such occasion",
            "occasion_unknown",
            "This campaign has no reward for this occasion. Look at its outcomes in the console.",
            "occasion",
        ),
        **BUSY,
    },
}
