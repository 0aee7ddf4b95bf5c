"""What may be said of segments and their members: the names, types and limits."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from glu_admin.api.forms import QuerySerializer
from users.bulk.export import MOST_ATTRIBUTE_COLUMNS
from users.bulk.files import CSV
from users.bulk.files import FORMATS as EXPORTED
from users.models import Segment, SegmentImport
from users.registration_form import ATTRIBUTE_NAME_LIMIT
from users.segments.lists import hand


@extend_schema_field({"type": "object", "additionalProperties": {}})
class _Tree(serializers.JSONField):
    """Checked where it is read, so that every fault has its path."""


def _rule() -> _Tree:
    return _Tree(required=False, allow_null=True, help_text="Of a segment by rules: who is in it.")


def _entry() -> _Tree:
    return _Tree(required=False, allow_null=True, help_text="Of one by an event: how people come in and go.")


class SegmentsQuery(QuerySerializer):
    name = serializers.CharField(required=False, max_length=80, help_text="How the name begins.")
    kind = serializers.ChoiceField(choices=Segment.Kind.values, required=False)


class ConfirmQuery(serializers.Serializer[Any]):
    confirm = serializers.BooleanField(
        default=False, help_text="true: change who is in it although something live uses it."
    )


class SegmentForm(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    kind = serializers.ChoiceField(choices=Segment.Kind.values, default=Segment.Kind.RULES.value)
    rule = _rule()
    entry = _entry()
    notify = serializers.BooleanField(required=False, help_text="Tell webhooks who enters and who leaves.")


class SegmentChanges(serializers.Serializer[Any]):
    """Only what is sent is changed; the kind stays."""

    name = serializers.CharField(max_length=80, required=False)
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    rule = _rule()
    entry = _entry()
    notify = serializers.BooleanField(required=False, help_text="Tell webhooks who enters and who leaves.")


class CopyForm(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80, required=False, help_text="One is found if you don't say it.")


class PeopleForm(serializers.Serializer[Any]):
    userIds = serializers.ListField(  # noqa: N815  # the API's name, as all of these
        child=serializers.CharField(max_length=255, trim_whitespace=False),
        required=False,
        default=list,
        max_length=hand.MOST,
        help_text="Your ids.",
    )
    gluIds = serializers.ListField(  # noqa: N815
        child=serializers.UUIDField(), required=False, default=list, max_length=hand.MOST, help_text="Ours."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not 1 <= len(attrs["userIds"]) + len(attrs["gluIds"]) <= hand.MOST:
            raise serializers.ValidationError({"userIds": f"Send between 1 and {hand.MOST:,} ids in all."})
        return attrs


class UploadQuery(serializers.Serializer[Any]):
    match = serializers.CharField(
        max_length=160,
        default="core.userId",
        help_text="What the cells are held against: core.userId, core.email, core.phone, core.anonymousId,"
        " core.referralCode, core.gluId, or such as attributes.card.",
    )
    column = serializers.CharField(
        max_length=255,
        default="",
        allow_blank=True,
        help_text="The column's name, or its number where there is no header; else as the field.",
    )
    header = serializers.BooleanField(default=True, help_text="Whether the first row names the columns.")
    mode = serializers.ChoiceField(choices=SegmentImport.Mode.values, default=SegmentImport.Mode.ADD.value)
    fileName = serializers.CharField(  # noqa: N815
        max_length=120, default="", allow_blank=True, help_text="To tell imports apart."
    )


class SegmentExportForm(serializers.Serializer[Any]):
    format = serializers.ChoiceField(choices=EXPORTED, default=CSV)
    attributes = serializers.ListField(
        child=serializers.CharField(max_length=ATTRIBUTE_NAME_LIMIT),
        required=False,
        allow_empty=True,
        max_length=MOST_ATTRIBUTE_COLUMNS,
        help_text="The columns of a CSV; every attribute that somebody has, if not said.",
    )
