"""What a registration would change of a person. Pure: the row as read, and the form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from users.identity import devices
from users.records import Record
from users.registration_form import RegistrationForm, warning

MOST_ATTRIBUTES = 256
MOST_ATTRIBUTE_BYTES = 32 * 1024
IN_FULL = 1e16  # from here on a float is written with an exponent and without a point
PARTS = ("device", "profile", "identities", "attributes")

_missing = object()


@dataclass
class Changes:
    """Columns to set, and for each part (a JSON column) the keys to add and to take away."""

    columns: dict[str, Any] = field(default_factory=dict)
    merges: dict[str, dict[str, Any]] = field(default_factory=dict)
    removals: dict[str, list[str]] = field(default_factory=dict)
    warnings: tuple[dict[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.columns or self.merges or self.removals)

    @property
    def parts(self) -> list[str]:
        return [part for part in PARTS if part in self.merges or part in self.removals]


def changes(known: Record | None, form: RegistrationForm) -> Changes:
    """Only what differs; everything, for somebody new."""
    found = Changes(columns=_columns(known, form))
    for part in PARTS:
        sent: Mapping[str, Any] = getattr(form, part)
        if not sent:
            continue
        stored: dict[str, Any] = getattr(known, part) if known else {}
        if part == "attributes":
            sent, found.warnings = _within_limits(stored, sent)
        merge = {
            name: value
            for name, value in sent.items()
            if value is not None and not _same(stored.get(name, _missing), value)
        }
        removal = [name for name, value in sent.items() if value is None and (name in stored or not known)]
        if part == "device" and devices.is_another(stored, sent):
            merge = {name: value for name, value in sent.items() if value is not None}
            removal += [name for name in stored if name not in sent]  # what the other device said
        if merge:
            found.merges[part] = merge
        if removal:
            found.removals[part] = removal
    return found


def _columns(known: Record | None, form: RegistrationForm) -> dict[str, Any]:
    said: dict[str, Any] = dict(form.core)
    if form.user_id is not None:
        said["user_id"] = form.user_id
    if form.anonymous_id is not None:
        said["anonymous_id"] = form.anonymous_id
    if form.referred_by is not None:
        said["referred_by"] = form.referred_by
    return {column: value for column, value in said.items() if not known or getattr(known, column) != value}


def _same(stored: object, sent: object) -> bool:
    """Whether JSON would be stored as it is: 1 and true and 1.0 are three things."""
    if type(stored) is not type(sent):
        # PostgreSQL writes the digits of 1e16 out, and so it is read again as an integer
        return isinstance(sent, float) and type(stored) is int and abs(sent) >= IN_FULL and stored == sent
    if isinstance(stored, list) and isinstance(sent, list):
        return len(stored) == len(sent) and all(map(_same, stored, sent))
    return stored == sent


def _within_limits(
    stored: dict[str, Any], sent: Mapping[str, Any]
) -> tuple[Mapping[str, Any], tuple[dict[str, str], ...]]:
    """The attributes that a person has room for, and a warning for each of the others."""
    if len(stored) + len(sent) <= MOST_ATTRIBUTES and _size(stored) + _size(sent) <= MOST_ATTRIBUTE_BYTES:
        return sent, ()
    after = {name: value for name, value in stored.items() if sent.get(name, value) is not None}
    kept: dict[str, Any] = {}
    warnings = []
    room = MOST_ATTRIBUTE_BYTES - _size(after)
    for name, value in sent.items():
        more = (
            0 if value is None else _size({name: value}) - _size({name: after[name]} if name in after else {})
        )
        if value is not None and name not in after and len(after) >= MOST_ATTRIBUTES:
            reason = f"A user has at most {MOST_ATTRIBUTES} attributes; this one was left out."
        elif more > room:
            reason = "A user's attributes hold at most 32 KiB; this one was left out."
        else:
            kept[name] = value
            room -= more
            if value is not None:
                after[name] = value
            continue
        warnings.append(warning(f"customAttributes.{name}", "attribute_limit", reason))
    return kept, tuple(warnings)


def _size(attributes: Mapping[str, Any]) -> int:
    return len(orjson.dumps(attributes))
