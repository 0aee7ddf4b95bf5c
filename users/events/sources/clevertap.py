"""CleverTap's webhook campaigns: profiles that qualified, and the key-value pairs set in the campaign. Pure.

The campaign's pairs name the event: `event_name` is needed, `event_id` and `timestamp` help.
The other pairs and the event's own properties are its properties. A campaign may as well send
a custom body under the contract's names.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from users.events.forms import CONTRACT, SIZE_LIMIT, Names, Refusal, Sent, refuse
from users.events.sources import parts

ABOUT = ("event_name", "event_id", "timestamp")
TOO_LARGE = f"What stands beside the profiles may have {SIZE_LIMIT} bytes as JSON. Set fewer pairs."


def read(raw: Mapping[str, Any], *, now: datetime) -> list[Sent | Refusal]:
    if "profiles" not in raw:
        return [_custom(raw, now)]
    profiles = raw["profiles"]
    each = profiles if isinstance(profiles, list) else [profiles]
    if not each:
        return parts.no_event(raw, "profiles is empty: nobody did anything.", "profiles")
    if _is_large({key: value for key, value in raw.items() if key != "profiles"}):
        return [refuse((None,) * 5, raw, "too_large", "key_values", TOO_LARGE)]
    return [_profile(raw, parts.mapping(profile), now) for profile in each]


def _is_large(beside: Mapping[str, Any]) -> bool:
    """It is looked at and kept with each of the profiles, which could be a thousand."""
    try:
        return len(orjson.dumps(beside)) > SIZE_LIMIT
    except orjson.JSONEncodeError:  # nested too deep
        return True


def _profile(raw: Mapping[str, Any], profile: Mapping[str, Any], now: datetime) -> Sent | Refusal:
    pairs = parts.mapping(parts.first(profile, "key_values") or raw.get("key_values"))
    names = Names(
        event_id="key_values.event_id",
        name="key_values.event_name",
        client_id=parts.known(profile, "identity", "objectId"),
        happened_at="key_values.timestamp",
        properties="event_properties",
    )
    own = parts.first(profile, "event_properties", "eventProperties")
    more = {key: value for key, value in pairs.items() if key not in ABOUT}
    sent = (
        _id_of(pairs, profile, several=isinstance(raw["profiles"], list) and len(raw["profiles"]) > 1),
        pairs.get("event_name"),
        parts.first(profile, "identity", "objectId"),
        parts.first(pairs, "timestamp"),
        {**more, **own} if isinstance(own, dict) else (more if own is None else own),
    )
    return parts.event(
        sent, {**raw, "profiles": profile}, now=now, names=names, expected=("timestamp_as_number",)
    )


def _id_of(pairs: Mapping[str, Any], profile: Mapping[str, Any], *, several: bool) -> Any:
    """The pairs are the campaign's, so one id in them stands for each of the profiles."""
    event_id, person = parts.first(pairs, "event_id"), parts.first(profile, "identity", "objectId")
    return f"{event_id}:{person}" if several and event_id is not None else event_id


def _custom(raw: Mapping[str, Any], now: datetime) -> Sent | Refusal:
    sent = (
        parts.first(raw, "event_id"),
        raw.get("event_name"),
        parts.first(raw, "user_id", "identity"),
        parts.first(raw, "timestamp"),
        raw.get("event_properties"),
    )
    return parts.event(sent, raw, now=now, names=CONTRACT, expected=("timestamp_as_number",))


def example() -> dict[str, Any]:
    return {
        "targetId": 1732267800,
        "key_values": {"event_name": "Charged", "campaign": "autumn"},
        "profiles": [
            {
                "identity": "u_1042",
                "objectId": "-2ce3cca260664f70b82b1c6bb505f462",
                "platform": "Android",
                "event_properties": {"Amount": 25.5, "Currency": "INR"},
                "profileData": {"tier": "gold"},
            }
        ],
    }
