"""A person's row as the hot path reads it: one tuple, no model."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

COLUMNS = (
    "u.id, u.glu_id, u.user_id, u.anonymous_id, u.user_name, u.email, u.phone, u.referral_code,"
    " u.referred_by, u.device, u.profile, u.identities, u.attributes, u.token_version,"
    " u.blocked_at IS NOT NULL, u.last_seen_at"
)


class Record(NamedTuple):
    """A registration makes two; a frozen dataclass of so many fields takes five times as long."""

    id: int
    glu_id: UUID
    user_id: str | None
    anonymous_id: str | None
    user_name: str | None
    email: str | None
    phone: str | None
    referral_code: str
    referred_by: str | None
    device: dict[str, Any]
    profile: dict[str, Any]
    identities: dict[str, Any]
    attributes: dict[str, Any]
    token_version: int
    is_blocked: bool
    last_seen_at: datetime


def record(row: Sequence[Any]) -> Record:
    """The record in a row of COLUMNS; JSON comes as text, and is read by orjson."""
    return Record(*row[:9], *map(orjson.loads, row[9:13]), *row[13:])


def dumps(value: object) -> str:
    return orjson.dumps(value).decode()
