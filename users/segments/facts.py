"""What is known of one person, as rules read it; and the one statement that reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from users.segments import moments

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Facts:
    """`core` has the API's names (fields.CORE). `behaviour` holds the digests of the conditions
    whose answer differs from that of somebody who did nothing; `more`, what the kinds of other
    apps read, by kind. What a rule doesn't need may be empty."""

    user_pk: int
    glu_id: UUID
    now: datetime
    zone: ZoneInfo
    core: Mapping[str, Any] = field(default_factory=dict)
    device: Mapping[str, Any] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)
    identities: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    memberships: frozenset[UUID] = frozenset()
    behaviour: frozenset[str] = frozenset()
    more: Mapping[str, Any] = field(default_factory=dict)
    micros: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "micros", moments.of_datetime(self.now))
