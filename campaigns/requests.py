"""What is asked of a campaign: a play or a move of a person, under a key of its own, checked."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from users.tokens import Identity

KEY = re.compile(r"[\x20-\x7e]{1,255}")


@dataclass(frozen=True)
class PlayRequest:
    """One wish to play, checked."""

    identity: Identity
    key: str
    action: Mapping[str, Any]
    fingerprint: bytes
    now: datetime
    wish: UUID | None = None  # the outcome that a test user wants to see (forcing.py)

    @property
    def config(self) -> EnvironmentConfig:
        return self.identity.config


def checked(identity: Identity, key: str, body: Any, now: datetime) -> PlayRequest:
    """The request, if it can be understood; raises ApiError."""
    key = checked_key(key)
    if not isinstance(body, dict) or not body.keys() <= {"action"}:
        raise ApiError("invalid_body", 'The body must be {} or {"action": {…}}.')
    action = body.get("action", {})
    if not isinstance(action, dict):
        raise ApiError("invalid_body", "action must be a JSON object.", field="action")
    return PlayRequest(identity, key, action, _fingerprint(body), now)


def checked_key(key: str) -> str:
    """The Idempotency-Key of a call; raises ApiError."""
    if not key:
        message = "Send the header Idempotency-Key with a value that is new for each call."
        raise ApiError("idempotency_key_missing", message, field="Idempotency-Key")
    if not KEY.fullmatch(key):
        message = "Idempotency-Key must be 1 to 255 printable ASCII characters."
        raise ApiError("idempotency_key_invalid", message, field="Idempotency-Key")
    return key


def _fingerprint(body: dict[str, Any]) -> bytes:
    try:
        return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()
    except orjson.JSONEncodeError:
        raise ApiError("invalid_body", "The body is nested too deeply.", field="action") from None
