"""What is expected of an event by name: the one writer of definitions, and the check at ingest.

The check reads the environment's snapshot, so that it costs no statement; a change of a
definition gives the environment a new version, which every process follows within a second.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from glu_admin.workspaces import audit
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.events.forms import NAME_LIMIT, Refusal, Sent, is_odd, refuse
from users.events.models import EventDefinition
from users.events.remarks import explain, remark

TYPES = ("string", "number", "boolean", "list", "object")
MOST_EXPECTED = 100
DESCRIPTION_LIMIT = 200

_of_python = {str: "string", int: "number", float: "number", bool: "boolean", list: "list", dict: "object"}


@dataclass(frozen=True, slots=True)
class Expected:
    """A property that a definition names. Where the type is "", any will do."""

    name: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition as the check needs it. Null counts as not sent."""

    refuses: bool
    expected: tuple[Expected, ...]

    def misfits(self, properties: Mapping[str, Any]) -> list[tuple[str, str]]:
        """(code, property) of everything that doesn't fit."""
        found = []
        for each in self.expected:
            value = properties.get(each.name)
            if value is None:
                if each.required:
                    found.append(("property_missing", each.name))
            elif each.type and _of_python[type(value)] != each.type:
                found.append(("property_type", each.name))
        return found


def apply(config: EnvironmentConfig, events: Sequence[Sent | Refusal]) -> Sequence[Sent | Refusal]:
    """The events, with remarks where they don't fit their definition, or refused where it says so."""
    known = config.part("event_definitions", _load)
    if not known:
        return events
    return [
        _checked(known[each.name], each) if isinstance(each, Sent) and each.name in known else each
        for each in events
    ]


def _checked(definition: Definition, event: Sent) -> Sent | Refusal:
    misfits = definition.misfits(event.properties)
    if not misfits:
        return event
    remarks = tuple(remark(code, name) for code, name in misfits)
    if not definition.refuses:
        return Sent(
            event.event_id,
            event.name,
            event.client_id,
            event.happened_at,
            event.properties,
            event.warnings + remarks,
            event.json,
        )
    code, name = misfits[0]
    parts = (event.event_id, event.name, event.client_id, None, None)
    return refuse(parts, event.properties, code, f"event_properties.{name}", explain(remarks[0])["message"])


def _load(config: EnvironmentConfig) -> dict[str, Definition]:
    """By name, those that check something."""
    rows = EventDefinition.objects.filter(environment=config.id).exclude(mode=EventDefinition.Mode.OBSERVE)
    return {
        row.name: Definition(
            row.mode == EventDefinition.Mode.REFUSE,
            tuple(Expected(each["name"], each["type"], each["required"]) for each in row.expected),
        )
        for row in rows
    }


def save(
    environment: Environment,
    name: str,
    *,
    description: str = "",
    mode: str = EventDefinition.Mode.OBSERVE,
    expected: Sequence[Mapping[str, Any]] = (),
    actor: Actor,
) -> EventDefinition:
    """Write the definition of this event name, whether or not there is one; raises ApiError 400."""
    values = {
        "description": _checked_text(description, "description", DESCRIPTION_LIMIT),
        "mode": _checked_mode(mode),
        "expected": _checked_expected(expected),
        "declared": True,
    }
    _checked_name(name, "name")
    with transaction.atomic():
        made, created = EventDefinition.objects.get_or_create(
            environment=environment, name=name, defaults=values
        )
        row = EventDefinition.objects.select_for_update().get(pk=made.pk)
        before = dict.fromkeys(values) if created else {field: getattr(row, field) for field in values}
        changes = {field: [before[field], value] for field, value in values.items() if before[field] != value}
        if changes and not created:
            for field, value in values.items():
                setattr(row, field, value)
            row.save(update_fields=list(values))
        if changes:
            action = "event_definition.create" if created else "event_definition.revise"
            audit.record(environment, actor, action, row, changes)
    return row


def delete(definition: EventDefinition, actor: Actor) -> None:
    """From now on nothing is expected of events of this name."""
    with transaction.atomic():
        audit.record(
            definition.environment,
            actor,
            "event_definition.delete",
            definition,
            {"name": [definition.name, None], "mode": [definition.mode, None]},
        )
        definition.delete()


def _checked_name(name: object, field: str) -> str:
    if not isinstance(name, str) or is_odd(name):
        raise ApiError(
            "bad_name",
            f"{field} must be text of 1 to {NAME_LIMIT} characters, not only digits, without"
            " control characters.",
            field=field,
        )
    return name


def _checked_text(text: object, field: str, most: int) -> str:
    if not isinstance(text, str) or len(text) > most or "\0" in text:
        raise ApiError("bad_text", f"{field} must be text of at most {most} characters.", field=field)
    return text


def _checked_mode(mode: object) -> str:
    if mode not in EventDefinition.Mode.values:
        words = ", ".join(EventDefinition.Mode.values)
        raise ApiError("unknown_value", f"mode must be one of {words}.", field="mode")
    return str(mode)


def _checked_expected(expected: object) -> list[dict[str, Any]]:
    if not isinstance(expected, list | tuple) or len(expected) > MOST_EXPECTED:
        raise ApiError(
            "bad_list", f"expected must be a list of at most {MOST_EXPECTED} properties.", field="expected"
        )
    checked = [_checked_property(each, f"expected.{place}") for place, each in enumerate(expected)]
    names = [each["name"] for each in checked]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ApiError(
                "repeated", "This property is in the list already.", field=f"expected.{place}.name"
            )
    return checked


def _checked_property(sent: object, field: str) -> dict[str, Any]:
    if not isinstance(sent, Mapping) or not sent.keys() <= {"name", "type", "required"}:
        raise ApiError("bad_property", f"{field} must have name, type and required.", field=field)
    kind, required = sent.get("type", ""), sent.get("required", False)
    if kind not in ("", *TYPES):
        raise ApiError("unknown_value", f"type must be one of {', '.join(TYPES)}.", field=f"{field}.type")
    if not isinstance(required, bool):
        raise ApiError("wrong_type", "required must be true or false.", field=f"{field}.required")
    return {"name": _checked_name(sent.get("name"), f"{field}.name"), "type": kind, "required": required}
