"""What the API reference says of counting a rule, and of asking why somebody fits it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from glu_admin.api.reference import refusal
from users.v1.documents import GLU_ID, nullable, one, operation, shape
from users.v1.segment_forms import ExplainForm, PreviewForm

TAG = "segments for servers"
TEXT, NUMBER = serializers.CharField, serializers.IntegerField


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": {}}})
class Lines(serializers.JSONField):
    """Lines of a rule, each with those below it."""


DropShape = shape(
    "RulePart",
    path=TEXT(allow_blank=True, help_text="Where the rule says it: all[1]."),
    words=TEXT(),
    count=NUMBER(help_text="Whom this condition holds for."),
    withoutIt=NUMBER(help_text="How many there would be without it."),
)
MatchShape = shape("RuleMatch", path=TEXT(allow_blank=True), words=TEXT(), found=TEXT())
SampleShape = shape(
    "RuleSample", gluId=serializers.UUIDField(), userId=nullable(), matched=MatchShape(many=True)
)
SharedShape = shape("SharedPeople", id=serializers.UUIDField(), name=TEXT(), count=NUMBER())
PreviewShape = shape(
    "SegmentPreview",
    count=NUMBER(),
    total=NUMBER(help_text="All people of the environment."),
    isEstimate=serializers.BooleanField(help_text="Counted among a sample, for time ran out."),
    low=NUMBER(help_text="The range of an estimate, right 19 times of 20; else the count."),
    high=NUMBER(),
    conditions=DropShape(many=True),
    emptiedBy=nullable(help_text="The path of the first condition that leaves nobody."),
    samples=SampleShape(many=True, help_text="Up to five; none for a key without `users:read`."),
    reach=SharedShape(many=True, help_text="How many of them are in the audience of each campaign."),
    overlap=SharedShape(many=True, help_text="How many of them are in each other segment, as far as known."),
    milliseconds=NUMBER(),
)
LineShape = shape(
    "RuleLine",
    path=TEXT(allow_blank=True),
    words=TEXT(),
    verdict=serializers.BooleanField(),
    found=TEXT(allow_blank=True, help_text="What is known of the person there."),
    children=Lines(),
)
ExplanationShape = shape("SegmentExplanation", isIn=serializers.BooleanField(), lines=LineShape())

_PATH = "all[0]"
_WORDS = "plan is gold"
PREVIEW_EXAMPLE: dict[str, Any] = {
    "count": 7590,
    "total": 1000000,
    "isEstimate": False,
    "low": 7590,
    "high": 7590,
    "conditions": [{"path": _PATH, "words": _WORDS, "count": 7590, "withoutIt": 1000000}],
    "emptiedBy": None,
    "samples": [
        {
            "gluId": GLU_ID,
            "userId": "u_1042",
            "matched": [{"path": _PATH, "words": _WORDS, "found": _WORDS}],
        }
    ],
    "reach": [],
    "overlap": [{"id": "0d9a0d0e-4f3c-4f0f-9d3e-0a7a3d5c1b22", "name": "Regulars", "count": 1204}],
    "milliseconds": 31,
}
EXPLAIN_EXAMPLE: dict[str, Any] = {
    "isIn": False,
    "lines": {
        "path": "",
        "words": _WORDS,
        "verdict": False,
        "found": "plan is silver, not gold",
        "children": [],
    },
}
PREVIEW = operation(
    "previewSegment",
    "Count a rule",
    "segments:read",
    tag=TAG,
    request=PreviewForm,
    answers=one("SegmentPreviewAnswer", PreviewShape, PREVIEW_EXAMPLE),
    description="Exact, within about a second; beyond it an estimate, which says so.",
    refusals={
        409: refusal(
            "A newer one came", "preview_superseded", "A newer preview of this session took its place."
        )
    },
)
EXPLAIN = operation(
    "explainSegment",
    "Ask why somebody fits",
    "segments:read",
    tag=TAG,
    request=ExplainForm,
    answers=one("SegmentExplanationAnswer", ExplanationShape, EXPLAIN_EXAMPLE),
    refusals={404: refusal("Nobody", "user_not_found", "There is no such user in this environment.")},
)
