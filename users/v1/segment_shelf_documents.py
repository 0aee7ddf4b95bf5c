"""What the API reference says of segments under `/api/v1/`."""

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from glu_admin.api.reference import refusal
from users.models import Segment
from users.v1.documents import (
    DONE,
    TIME,
    TOO_LONG,
    AnyObject,
    many,
    missing,
    nullable,
    one,
    operation,
    several,
    shape,
)
from users.v1.segment_documents import TAG
from users.v1.segment_shelf_forms import ConfirmQuery, CopyForm, SegmentChanges, SegmentForm, SegmentsQuery

TEXT = serializers.CharField
SEGMENT_ID = "7b0d6a52-4d2c-4f4e-8f0a-1f8c7f0a9b11"

UseShape = shape(
    "SegmentUse",
    kind=TEXT(help_text="campaign or segment."),
    id=serializers.UUIDField(),
    name=TEXT(),
    isLive=serializers.BooleanField(help_text="Somebody sees or doesn't see something by it now."),
)
SegmentShape = shape(
    "Segment",
    id=serializers.UUIDField(),
    name=TEXT(),
    description=TEXT(allow_blank=True),
    kind=serializers.ChoiceField(choices=Segment.Kind.values),
    rule=nullable(AnyObject, help_text="Of a segment by rules."),
    entry=nullable(AnyObject, help_text="Of one by an event."),
    notify=serializers.BooleanField(),
    sentence=nullable(help_text="The rule in words; null if it can't be read any more."),
    fault=nullable(help_text="Why the rule doesn't fit any more."),
    size=nullable(serializers.IntegerField, help_text="As it was last counted; null: not yet."),
    isEstimate=serializers.BooleanField(),
    countedAt=nullable(TIME),
    usedBy=UseShape(many=True),
    version=serializers.IntegerField(help_text="One more with each change."),
    createdAt=TIME(),
    updatedAt=TIME(),
)
RULE: dict[str, Any] = {
    "all": [
        {"field": "attributes.plan", "operator": "is", "value": "gold"},
        {"event": "order_placed", "operator": "at_least", "value": 2, "window": {"lastDays": 14}},
    ]
}
USE_EXAMPLE = {
    "kind": "campaign",
    "id": "0f2a8c66-5a55-4d9c-8d0e-2f7b5a0c7e21",
    "name": "Weekend spin",
    "isLive": True,
}
EXAMPLE: dict[str, Any] = {
    "id": SEGMENT_ID,
    "name": "Gold and busy",
    "description": "For the autumn wheel",
    "kind": "rules",
    "rule": RULE,
    "entry": None,
    "notify": False,
    "sentence": "plan is gold and did order_placed at least 2 times in the last 14 days",
    "fault": None,
    "size": 7590,
    "isEstimate": False,
    "countedAt": "2026-11-22T18:00:00.000Z",
    "usedBy": [USE_EXAMPLE],
    "version": 3,
    "createdAt": "2026-11-02T09:14:03.120Z",
    "updatedAt": "2026-11-21T18:40:11.004Z",
}
_BODY = {"name": "Gold and busy", "description": "For the autumn wheel", "rule": RULE, "notify": False}
NO_SEGMENT = missing("segment_not_found", "There is no such segment in this environment.", "id")
_IN_USE = {
    409: refusal(
        "It is used",
        "segment_in_use",
        "It is used by campaign “Weekend spin”. Look at what uses it; then send the change again with"
        " confirm=true.",
    )
}
_WRONG = {
    400: refusal("A wrong rule", "invalid", "The operators are is, is_not, in, …", "rule.all[1].operator")
}


def _one(title: str, description: str = "Found") -> Any:
    return one(title, SegmentShape, EXAMPLE, description)


LIST = operation(
    "segments_list",
    "List segments",
    "segments:read",
    tag=TAG,
    answers=many("SegmentsPage", SegmentShape, EXAMPLE),
    description="The newest first.",
    parameters=[SegmentsQuery],
)
CREATE = operation(
    "segments_create",
    "Make a segment",
    "segments:write",
    tag=TAG,
    answers=_one("SegmentMade", "Made"),
    description="Of the kind rules with a rule, static for a list, event with an entry such as"
    ' {"event": "order_placed", "where": [], "leave": null, "afterDays": 30}. A fault names its path.',
    request=SegmentForm,
    examples=[OpenApiExample("By rules", value=_BODY, request_only=True)],
    refusals=_WRONG | TOO_LONG,
)
READ = operation(
    "segments_read",
    "Read a segment",
    "segments:read",
    tag=TAG,
    answers=_one("SegmentFound"),
    refusals=NO_SEGMENT,
)
CHANGE = operation(
    "segments_change",
    "Change a segment",
    "segments:write",
    tag=TAG,
    answers=_one("SegmentChanged", "Changed"),
    description="Who is in a segment that something live uses is changed with confirm=true only; without"
    " it the answer is 409, and error.uses tells what uses it.",
    parameters=[ConfirmQuery],
    request=SegmentChanges,
    examples=[OpenApiExample("Another name", value={"name": "Gold"}, request_only=True)],
    refusals=_WRONG | _IN_USE | NO_SEGMENT | TOO_LONG,
)
DELETE = operation(
    "segments_delete",
    "Delete a segment",
    "segments:write",
    tag=TAG,
    answers=DONE,
    description="With its members. One that is used is not deleted; error.uses tells where.",
    refusals=_IN_USE | NO_SEGMENT,
)
DUPLICATE = operation(
    "segments_duplicate",
    "Copy a segment",
    "segments:write",
    tag=TAG,
    answers=_one("SegmentCopied", "The copy"),
    description="The people of a list are copied by a job.",
    request=CopyForm,
    examples=[OpenApiExample("A copy", value={"name": "Gold, second try"}, request_only=True)],
    refusals=NO_SEGMENT | TOO_LONG,
)
FREEZE = operation(
    "segments_freeze",
    "Freeze a segment to a list",
    "segments:write",
    tag=TAG,
    answers=one(
        "SegmentFrozen",
        SegmentShape,
        EXAMPLE | {"kind": "static", "name": "Gold and busy (2026-11-22)", "rule": None, "usedBy": []},
        "The list",
    ),
    description="A new list of who is in the segment now, which a job fills; the segment stays as it is.",
    request=CopyForm,
    examples=[OpenApiExample("A list", value={"name": "Gold in November"}, request_only=True)],
    refusals=NO_SEGMENT | TOO_LONG,
)
USES = operation(
    "segments_uses",
    "See where a segment is used",
    "segments:read",
    tag=TAG,
    answers=several("SegmentUses", UseShape, [USE_EXAMPLE]),
    refusals=NO_SEGMENT,
)
