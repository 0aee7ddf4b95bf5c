"""What imports and exports may be asked with."""

from typing import Any

from rest_framework import serializers

from users.bulk.export import MOST_ATTRIBUTE_COLUMNS
from users.bulk.files import CSV, FORMATS
from users.registration_form import ATTRIBUTE_NAME_LIMIT


class ImportQuery(serializers.Serializer[Any]):
    dryRun = serializers.BooleanField(  # noqa: N815
        default=False, help_text="true: only report what would be imported."
    )
    skipBad = serializers.BooleanField(  # noqa: N815
        default=False, help_text="true: import the good lines of a file with bad ones."
    )


class NoQuery(serializers.Serializer[Any]):
    """Asked without anything."""


class ExportBody(serializers.Serializer[Any]):
    format = serializers.ChoiceField(choices=FORMATS, default=CSV)
    since = serializers.DateTimeField(required=False, help_text="Registered at or after this time.")
    until = serializers.DateTimeField(required=False, help_text="Registered before this time.")
    isTest = serializers.BooleanField(  # noqa: N815
        required=False, allow_null=True, help_text="true: test users only; false: without them."
    )
    attributes = serializers.ListField(
        child=serializers.CharField(max_length=ATTRIBUTE_NAME_LIMIT),
        required=False,
        allow_empty=True,
        max_length=MOST_ATTRIBUTE_COLUMNS,
        help_text="The columns of a CSV; every attribute that somebody has, if not said.",
    )
