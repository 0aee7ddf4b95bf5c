"""What an app says of a person, checked: the body of register as a value.

Pure. A wrong type or an impossible value is a refusal that names the field; an attribute that
can't be kept is left out with a warning; keys that nobody knows are passed over.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from glu_admin.api.errors import ApiError

ATTRIBUTE_NAME_LIMIT = 128
CORE = {"userName": ("user_name", 255), "email": ("email", 320), "phone": ("phone", 64)}
DEVICE = {
    "cookieId": 255,
    "appVersion": 255,
    "sessionId": 255,
    "deviceId": 255,
    "deviceType": 255,
    "deviceName": 255,
    "firebaseToken": 4096,
    "apnsDeviceToken": 4096,
}
DEVICE_TYPES = ("android", "ios", "default")
PROFILE = ("firstName", "lastName", "age", "city", "country", "timezone")
IDENTITIES = (
    "facebook_id",
    "google_id",
    "android_id",
    "ios_id",
    "clevertap_id",
    "mparticle_id",
    "segment_id",
    "moengage_id",
)
MISSPELT = {"mparticle_d": "mparticle_id"}  # the public documentation's own slip
TEXT_LIMIT = 255

_SCALARS = frozenset((str, int, float, bool, type(None)))
_control = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class RegistrationForm:
    """Only what was sent. None as a value means: forget what you know of it."""

    user_id: str | None
    anonymous_id: str | None
    core: Mapping[str, str | None]
    device: Mapping[str, Any]
    profile: Mapping[str, Any]
    identities: Mapping[str, Any]
    attributes: Mapping[str, Any]
    referred_by: str | None = None
    referral_code: str | None = None
    user_hash: str | None = None
    warnings: tuple[dict[str, str], ...] = ()


def warning(field: str, code: str, message: str) -> dict[str, str]:
    return {"field": field, "code": code, "message": message}


def parse(body: Mapping[str, Any]) -> RegistrationForm:
    """The form that a body holds; raises ApiError with the field to mend."""
    user_id, anonymous_id = _identifier(body, "userId"), _identifier(body, "anonymousId")
    if user_id is None and anonymous_id is None:
        raise ApiError(
            "user_id_missing", "Send userId, or anonymousId for a visitor, as text.", field="userId"
        )
    attributes, warnings = _attributes(_object(body, "customAttributes"))
    return RegistrationForm(
        # visitors are answered with their anonymous id as userId, and some apps send it back
        user_id=None if user_id == anonymous_id else user_id,
        anonymous_id=anonymous_id,
        core={column: _text(body, key, most) for key, (column, most) in CORE.items() if key in body},
        device=_device(body),
        profile=_known(body, "profile", PROFILE),
        identities=_known(body, "identities", IDENTITIES),
        attributes=attributes,
        referred_by=_identifier(body, "referredBy"),
        referral_code=_identifier(body, "referralCode"),
        user_hash=_identifier(body, "userHash"),
        warnings=tuple(warnings),
    )


def _identifier(body: Mapping[str, Any], field: str) -> str | None:
    """An id; blank text is no id, as SDKs send "" for what they don't know."""
    text = _text(body, field, TEXT_LIMIT)
    if text is None or not text.strip():
        return None
    if _control.search(text):
        raise ApiError("control_character", f"{field} holds a control character; leave it out.", field=field)
    return text


def _text(body: Mapping[str, Any], field: str, most: int) -> str | None:
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ApiError(
            "wrong_type", f'{field} must be a string; put it into quotes: "{field}": "…".', field=field
        )
    if len(value) > most:
        raise ApiError("too_long", f"{field} may have {most} characters; it has {len(value)}.", field=field)
    return value


def _device(body: Mapping[str, Any]) -> dict[str, str | None]:
    device = {field: _text(body, field, most) for field, most in DEVICE.items() if field in body}
    if device.get("deviceType") not in (None, "", *DEVICE_TYPES):  # SDKs send "" for what they don't know
        raise ApiError(
            "unknown_value", f"deviceType must be one of {', '.join(DEVICE_TYPES)}.", field="deviceType"
        )
    return device


def _object(body: Mapping[str, Any], field: str) -> dict[str, Any]:
    value = body.get(field)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ApiError("wrong_type", f'{field} must be an object: {{"name": "value"}}.', field=field)
    return value


def _known(body: Mapping[str, Any], field: str, names: tuple[str, ...]) -> dict[str, Any]:
    """The known keys of a part: text, or a number or truth value that is answered as text."""
    part: dict[str, Any] = {}
    for sent, value in _object(body, field).items():
        name = MISSPELT.get(sent, sent)
        if name not in names:
            continue
        if isinstance(value, str):
            if len(value) > TEXT_LIMIT:
                path = f"{field}.{sent}"
                raise ApiError("too_long", f"{path} may have {TEXT_LIMIT} characters.", field=path)
        elif value is not None and not isinstance(value, int | float):
            path = f"{field}.{sent}"
            raise ApiError("wrong_type", f"{path} must be a string.", field=path)
        part[name] = value
    return part


def _attributes(sent: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The attributes that can be kept, and a warning for each of the others."""
    refused = {
        name: reason
        for name, value in sent.items()
        # nearly all are fine, and an import asks this some million times
        if not (type(value) in _SCALARS and len(name) <= ATTRIBUTE_NAME_LIMIT and not _bad_name(name))
        and (reason := _why_not(name, value))
    }
    kept = {name: value for name, value in sent.items() if name not in refused} if refused else sent
    return kept, [
        warning(f"customAttributes.{_control.sub('?', name)[:ATTRIBUTE_NAME_LIMIT]}", code, message)
        for name, (code, message) in refused.items()
    ]


_TOO_LONG = f"An attribute's name has at most {ATTRIBUTE_NAME_LIMIT} characters."
_REASONS: tuple[tuple[Callable[[str], object], str], ...] = (
    (lambda name: not name.strip(), "An attribute needs a name."),
    (str.isdecimal, "An attribute's name can't be made of digits only."),
    (_control.search, "An attribute's name can't hold control characters."),
)
_BAD_TYPE = (
    "An attribute is text, a number, true or false, or a list of these. Send the parts of an object"
    " under names of their own."
)


def _why_not(name: str, value: Any) -> tuple[str, str] | None:
    """The code and the reason for which an attribute is left out."""
    if reason := _TOO_LONG if len(name) > ATTRIBUTE_NAME_LIMIT else _bad_name(name):
        return "attribute_name", reason
    if isinstance(value, dict) or (isinstance(value, list) and any(map(_is_nested, value))):
        return "attribute_type", _BAD_TYPE
    return None


@lru_cache(maxsize=4096)  # an app has some dozens, and sends them at every start
def _bad_name(name: str) -> str:
    return next((reason for fails, reason in _REASONS if fails(name)), "")


def _is_nested(value: Any) -> bool:
    return isinstance(value, dict | list)
