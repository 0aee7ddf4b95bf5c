"""What a condition may be about: the fields of a person, and how each is called.

A field is named `source.key`. Core fields are columns with a type of their own; the other
sources are JSON, in which a key may hold any type or be missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from users.registration_form import ATTRIBUTE_NAME_LIMIT, DEVICE, IDENTITIES, PROFILE
from users.segments.rule import RuleError

_forbidden = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class CoreField:
    """A column of a person: its type is string, boolean, date or id."""

    name: str
    label: str
    type: str
    column: str


CORE: Mapping[str, CoreField] = {
    field.name: field
    for field in (
        CoreField("userId", "user id", "string", "user_id"),
        CoreField("anonymousId", "anonymous id", "string", "anonymous_id"),
        CoreField("userName", "name", "string", "user_name"),
        CoreField("email", "e-mail", "string", "email"),
        CoreField("phone", "phone", "string", "phone"),
        CoreField("referralCode", "referral code", "string", "referral_code"),
        CoreField("referredBy", "referred by", "string", "referred_by"),
        CoreField("isTest", "test user", "boolean", "is_test"),
        CoreField("registeredAt", "registration", "date", "registered_at"),
        CoreField("lastSeenAt", "last visit", "date", "last_seen_at"),
        CoreField("gluId", "person", "id", "glu_id"),
    )
}
# the JSON columns, with the keys that a registration can fill; None: any key
PARTS: Mapping[str, tuple[str, ...] | None] = {
    "device": tuple(DEVICE),
    "profile": PROFILE,
    "identities": IDENTITIES,
    "attributes": None,
}
SOURCES = ("core", *PARTS)


def split(field: object, path: str) -> tuple[str, str]:
    """(source, key) of a field's name, cut at its first dot; raises RuleError."""
    if not isinstance(field, str):
        raise RuleError(path, 'Name the field as text: "attributes.plan".')
    source, dot, key = field.partition(".")
    if not dot or source not in SOURCES:
        raise RuleError(path, f"A field starts with one of {', '.join(SOURCES)}, and a dot.")
    if source == "core":
        if key not in CORE:
            raise RuleError(path, f"The core fields are {', '.join(CORE)}.")
        return source, key
    return source, name(key, path, "An attribute's name")


def name(value: object, path: str, what: str) -> str:
    """The name of an attribute, property or event, by the rules of attributes; raises RuleError."""
    if not isinstance(value, str) or not value.strip():
        raise RuleError(path, f"{what} is text, and not empty.")
    if len(value) > ATTRIBUTE_NAME_LIMIT:
        raise RuleError(path, f"{what} has at most {ATTRIBUTE_NAME_LIMIT} characters.")
    if value.isdecimal():
        raise RuleError(path, f"{what} can't be made of digits only.")
    if _forbidden.search(value):
        raise RuleError(path, f"{what} can't hold control characters, or halves of characters.")
    return value


def type_of(source: str, key: str) -> str | None:
    """The type of a core field; None where each person's JSON says it."""
    return CORE[key].type if source == "core" else None


def label(source: str, key: str) -> str:
    """The field in words: "plan", "e-mail", "app version"."""
    if source == "core":
        return CORE[key].label
    known = PARTS[source]
    return _spaced(key) if known and key in known else key


def _spaced(key: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda big: f" {big[0].lower()}", key).replace("_", " ")
