"""The answer of register, as clients decode it: every key there, text or null, never a number."""

from typing import Any
from urllib.parse import quote

from glu_admin.config import EnvironmentConfig
from users.registration import Registered
from users.registration_form import IDENTITIES, PROFILE


def registered_body(config: EnvironmentConfig, registered: Registered, token: str) -> dict[str, Any]:
    body: dict[str, Any] = {"success": True, "data": {"user": _user(config, registered), "token": token}}
    if registered.warnings:
        body["warnings"] = list(registered.warnings)
    return body


def _user(config: EnvironmentConfig, registered: Registered) -> dict[str, Any]:
    person = registered.record
    device = person.device
    return {
        "id": person.glu_id.hex[:24],
        # never null in the contract: a visitor goes by the anonymous id
        "userId": person.user_id or person.anonymous_id,
        "anonymousId": person.anonymous_id,
        "gluId": str(person.glu_id),
        "userName": person.user_name,
        "email": person.email,
        "phone": person.phone,
        "cookieId": device.get("cookieId"),
        "appVersion": device.get("appVersion"),
        "client": config.id_as_text,
        "referralLink": referral_link(config, person.referral_code),
        "referredBy": person.referred_by,
        "referralCode": person.referral_code,
        "profile": {name: _text(person.profile.get(name)) for name in PROFILE},
        "identities": {name: _text(person.identities.get(name)) for name in IDENTITIES},
        "sessionId": device.get("sessionId"),
        "deviceId": device.get("deviceId"),
        "deviceType": device.get("deviceType"),
        "deviceName": device.get("deviceName"),
    }


def referral_link(config: EnvironmentConfig, code: str) -> str | None:
    """What a person shares to invite others; None until the environment has such an address."""
    url = config.environment.referral_url
    if not url:
        return None
    return f"{url}{'&' if '?' in url else '?'}referralCode={quote(code)}"


def _text(value: Any) -> str | None:
    """iOS refuses the whole answer for one number in it."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
