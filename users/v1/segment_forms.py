"""What may be asked of a rule: the names, types and limits."""

from typing import Any

from rest_framework import serializers


class PreviewForm(serializers.Serializer[Any]):
    rule = serializers.JSONField(help_text="The rule, kept nowhere.")
    session = serializers.CharField(
        required=False,
        max_length=64,
        help_text="Whoever types. A newer preview of the same one ends the older.",
    )
    compare = serializers.BooleanField(default=True, help_text="Reach of campaigns, overlap with segments.")


class ExplainForm(serializers.Serializer[Any]):
    userId = serializers.CharField(  # noqa: N815  # the API's name, as all of these
        required=False, max_length=255, trim_whitespace=False, help_text="Your id of the person."
    )
    gluId = serializers.UUIDField(required=False, help_text="Or ours.")  # noqa: N815
    rule = serializers.JSONField(required=False, help_text="A rule, kept nowhere.")
    segmentId = serializers.UUIDField(required=False, help_text="Or a segment.")  # noqa: N815

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for one, other in (("userId", "gluId"), ("rule", "segmentId")):
            if (one in attrs) == (other in attrs):
                raise serializers.ValidationError({one: f"Send either {one} or {other}."})
        return attrs
