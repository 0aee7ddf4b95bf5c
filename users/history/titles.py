"""What a change of a person reads like, in a marketer's words. Pure."""

from collections.abc import Mapping
from typing import Any

KINDS = {
    "merged": "A visitor turned out to be this user",
    "blocked": "Blocked",
    "unblocked": "Unblocked",
    "signed-out": "Signed out of every device",
}
WORDS = {
    "userId": "User id",
    "anonymousId": "Anonymous id",
    "userName": "Name",
    "email": "E-mail",
    "phone": "Phone",
    "referredBy": "Referrer",
    "device.deviceId": "Device",
    "device.deviceName": "Device name",
    "device.cookieId": "Cookie id",
    "device.firebaseToken": "Push token",
    "device.apnsDeviceToken": "Push token",
    "device.appVersion": "App version",
    "device.deviceType": "Device type",
}
MOST_CHARACTERS = 40  # of one value
_PREFIXES = ("attributes.", "profile.", "identities.", "device.")


def of_change(kind: str, changes: Mapping[str, list[Any] | None]) -> str:
    """One line: the first change in full, and how many more there are."""
    if kind == "registered":
        return "Registered"
    if kind in KINDS:
        return KINDS[kind]
    if not changes:
        return "Changed"
    # attributes first: they are what campaigns look at
    first = min(changes, key=lambda name: (not name.startswith("attributes."), name))
    more = len(changes) - 1
    line = _line(first, changes[first])
    return f"{line}, and {more} more" if more else line


def value(shown: Any) -> str:
    """A value as it stands in a line."""
    if isinstance(shown, bool):
        return "true" if shown else "false"
    if isinstance(shown, list):
        shown = ", ".join(value(each) for each in shown)
    text = str(shown)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"


def _line(name: str, pair: list[Any] | None) -> str:
    word = WORDS.get(name) or _bare(name)
    if pair is None:
        return f"{word} changed"
    old, new = pair
    if old is None:
        return f"{word} set to {value(new)}"
    if new is None:
        return f"{word} removed, it was {value(old)}"
    return f"{word} changed from {value(old)} to {value(new)}"


def _bare(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name
