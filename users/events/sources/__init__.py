"""Partners that forward events in formats of their own: one module each, in one table.

A module's `read(raw, now=…)` is pure: one JSON object of the partner, as the events it holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from users.events.forms import Refusal, Sent
from users.events.sources import amplitude, clevertap, moengage, segment, webengage


class Reader(Protocol):
    def __call__(self, raw: Mapping[str, Any], *, now: datetime) -> list[Sent | Refusal]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """A partner: its name in the feed, the contract's path, and how its events are read."""

    slug: str
    label: str
    path: str
    read: Reader
    example: Callable[[], dict[str, Any]]


SOURCES = {
    source.slug: source
    for source in (
        Source("segment", "Segment", "segment/v4", segment.read, segment.example),
        Source("clevertap", "CleverTap", "clevertap/v4", clevertap.read, clevertap.example),
        Source("moengage", "MoEngage Streams", "v3/moengage", moengage.read, moengage.example),
        Source("amplitude", "Amplitude", "amplitude/v4", amplitude.read, amplitude.example),
        Source("webengage", "WebEngage", "webengage/v4", webengage.read, webengage.example),
    )
}
