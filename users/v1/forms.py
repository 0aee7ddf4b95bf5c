"""What may be asked of people and events, and what may be said: the names, types and limits."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from glu_admin.api import pagination
from glu_admin.api.forms import QuerySerializer
from users.documents import IdentitiesSerializer, ProfileSerializer
from users.events.definitions import TYPES
from users.events.models import Event, EventDefinition

ID = 255


def _id(help_text: str, **more: Any) -> serializers.CharField:
    """Text that is looked for exactly as it was sent, blanks too."""
    options = {"required": False, "max_length": ID, "trim_whitespace": False} | more
    return serializers.CharField(help_text=help_text, **options)


class PeopleQuery(QuerySerializer):
    userId = _id("Your own id of the person.")  # noqa: N815  # the API's name, as all of these
    anonymousId = _id("A visitor's id, also one of before the person was known.")  # noqa: N815
    email = _id("In capitals or not.", max_length=320)
    phone = _id("As it was registered.", max_length=64)
    referralCode = _id("The person's own code.", max_length=16)  # noqa: N815
    deviceId = _id("The id of one of the person's devices.")  # noqa: N815
    name = _id("How the person's name begins.")


class EventsQuery(QuerySerializer):
    event = _id("The event's name.", max_length=128)
    userId = _id("Your id of the person, or an anonymousId; also of somebody who isn't registered.")  # noqa: N815
    gluId = serializers.UUIDField(required=False, help_text="The person, with all former ids.")  # noqa: N815
    verdict = serializers.ChoiceField(choices=Event.Verdict.values, required=False)
    source = _id(  # type: ignore[assignment]  # a field of this name, not the property
        "Who sent it: server, sdk, or a partner's name.", max_length=16
    )
    since = serializers.DateTimeField(required=False, help_text="Received then or later.")
    until = serializers.DateTimeField(required=False, help_text="Received before.")
    text = _id("Part of the properties as JSON, in capitals or not.", min_length=2, max_length=200)
    after = serializers.CharField(
        required=False,
        max_length=pagination.LONGEST,
        help_text="`newest` of an earlier answer: what came since, for those who poll. Not with cursor.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "after" in attrs and "cursor" in attrs:
            raise serializers.ValidationError({"after": "Send after or cursor, not both."})
        return attrs


class TimelineQuery(QuerySerializer):
    kind = _id("Kinds of entries, with commas between; all of them if not said.")


class ParkedQuery(QuerySerializer):
    subscriber = _id("Who could not take the event.", max_length=40)
    replayed = serializers.BooleanField(
        required=False, help_text="true: only those that were taken since; false: only those that wait."
    )


class NamesQuery(QuerySerializer):
    name = _id("How the name begins.", max_length=128)


class ErasuresQuery(QuerySerializer):
    userId = _id("The id that the person had.", required=True)  # noqa: N815


class NoQuery(serializers.Serializer[Any]):
    """An address that takes nothing behind the question mark."""


class _Said(serializers.JSONField):
    """Anything: registration itself checks it, by the same rules for everybody."""


@extend_schema_field(serializers.CharField(allow_null=True))
class _SaidText(_Said):
    pass


@extend_schema_field(ProfileSerializer)
class _SaidProfile(_Said):
    pass


@extend_schema_field(IdentitiesSerializer)
class _SaidIdentities(_Said):
    pass


@extend_schema_field({"type": "object", "additionalProperties": {}})
class _SaidAttributes(_Said):
    pass


class PersonChanges(serializers.Serializer[Any]):
    """Only what is sent is changed; null takes a value away."""

    userName = _SaidText(required=False, allow_null=True)  # noqa: N815
    email = _SaidText(required=False, allow_null=True)
    phone = _SaidText(required=False, allow_null=True)
    referredBy = _SaidText(required=False, help_text="The userId of the one who invited.")  # noqa: N815
    referralCode = _SaidText(required=False, help_text="Their referral code, instead.")  # noqa: N815
    profile = _SaidProfile(required=False, allow_null=True)
    identities = _SaidIdentities(required=False, allow_null=True)
    customAttributes = _SaidAttributes(  # noqa: N815
        required=False, allow_null=True, help_text="Any names and values. null takes one away."
    )
    isTest = serializers.BooleanField(  # noqa: N815
        required=False, help_text="Test users may try what others don't see yet."
    )


class ExpectedProperty(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=128)
    type = serializers.ChoiceField(choices=("", *TYPES), default="", help_text="Empty text: any.")
    required = serializers.BooleanField(default=False)  # type: ignore[assignment]  # the same


class DefinitionForm(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=128, help_text="The event's name, exactly as it is sent.")
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    mode = serializers.ChoiceField(
        choices=EventDefinition.Mode.values,
        required=False,
        help_text="What happens to an event that doesn't fit: observe takes it, warn takes it with a"
        " warning, refuse refuses it.",
    )
    expected = ExpectedProperty(many=True, required=False)


class DefinitionChanges(DefinitionForm):
    name = None  # type: ignore[assignment]  # a definition is another one under another name


class AttributeChanges(serializers.Serializer[Any]):
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    declaredType = serializers.ChoiceField(  # noqa: N815
        choices=("", "string", "number", "boolean", "list"),
        required=False,
        help_text="What its values should be; empty text declares nothing.",
    )
