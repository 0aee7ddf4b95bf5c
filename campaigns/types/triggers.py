"""What starts something in a campaign: an event by its name, with conditions on its properties. Pure.

A trigger is JSON, `{"event": "purchase", "where": [{"property", "operator", "value"}]}`, and its
conditions are those of segments: what they mean here is what they mean there.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from campaigns.types.base import ConfigError, Happening
from users.segments import behaviour, behaviour_form
from users.segments.comparisons import Moment as Clock
from users.segments.rule import RuleError, Where

Trigger = Mapping[str, Any]

NAME_LENGTH = 128  # as long as the name of an event may be
MOST_CONDITIONS = 10
INTERNAL = "glu."  # the names of events that we make ourselves


def check(trigger: object, field: str) -> None:
    """Raise ConfigError unless this is a trigger that an app's events can fit."""
    if not isinstance(trigger, dict) or not trigger.keys() <= {"event", "where"}:
        raise ConfigError(field, "Name the event to wait for.")
    name = trigger.get("event")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= NAME_LENGTH:
        raise ConfigError(field, f"Name the event to wait for, in up to {NAME_LENGTH} characters.")
    if name.startswith(INTERNAL):
        raise ConfigError(field, f"Events that begin with {INTERNAL} are our own; apps can't send them.")
    conditions = trigger.get("where", [])
    if not isinstance(conditions, list) or len(conditions) > MOST_CONDITIONS:
        raise ConfigError(field, f"An event has up to {MOST_CONDITIONS} conditions.")
    try:
        _read(conditions)
    except RuleError as error:
        raise ConfigError(field, str(error)) from None


def names(trigger: Trigger) -> frozenset[str]:
    """The events that it waits for: one."""
    return frozenset({str(trigger["event"])})


def matches(trigger: Trigger, happening: Happening) -> bool:
    """Whether the event is the one, and its properties fit all of the conditions."""
    if happening.name != trigger["event"]:
        return False
    conditions = trigger.get("where")
    if not conditions:
        return True
    clock = Clock(happening.at, ZoneInfo("UTC"))
    return behaviour.where_fits(_kept(_as_json(conditions)), clock)(happening.properties)


def amount(happening: Happening, name: str) -> Decimal | int:
    """The number that a property holds; 0 if it holds none."""
    value = happening.properties.get(name)
    if not behaviour.is_number(value):
        return 0
    return value if isinstance(value, int) else Decimal(repr(value))


def _read(conditions: object) -> tuple[Where, ...]:
    if not isinstance(conditions, list):
        return ()
    return tuple(
        behaviour_form.property_condition(each, f"condition {place}")
        for place, each in enumerate(conditions, 1)
    )


def _as_json(conditions: object) -> bytes:
    """PostgreSQL gives 1e30 back as a whole number of 31 digits, which orjson reads but does not write."""
    try:
        return orjson.dumps(conditions)
    except TypeError:
        return json.dumps(conditions).encode()


@lru_cache(maxsize=4096)
def _kept(conditions: bytes) -> tuple[Where, ...]:
    """The conditions as they are read, once for all events that they meet."""
    return _read(orjson.loads(conditions))
