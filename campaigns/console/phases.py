"""What a marketer calls a campaign's state: its status, and where today lies in its schedule. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Phase(StrEnum):
    LIVE = "live"
    SCHEDULED = "scheduled"
    DRAFT = "draft"
    PAUSED = "paused"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def tone(self) -> str:
        return {Phase.LIVE: "good", Phase.SCHEDULED: "info", Phase.PAUSED: "warn"}.get(self, "plain")


class Scheduled(Protocol):
    status: str
    starts_at: datetime | None
    ends_at: datetime | None


def phase(campaign: Scheduled, now: datetime) -> Phase:
    """A launched campaign is scheduled until it starts, and ended from its end date on."""
    if campaign.status == "live" and campaign.ends_at and campaign.ends_at <= now:
        return Phase.ENDED
    if campaign.status == "live" and campaign.starts_at and campaign.starts_at > now:
        return Phase.SCHEDULED
    return Phase(campaign.status)


def schedule_words(campaign: Scheduled, now: datetime) -> str:
    """ "ends in 6 days", "starts 28 Nov": the date that matters next."""
    match phase(campaign, now):
        case Phase.SCHEDULED if campaign.starts_at:
            return f"starts {campaign.starts_at:%-d %b}"
        case Phase.ENDED:
            return f"ended {campaign.ends_at:%-d %b}" if campaign.ends_at else "ended by hand"
        case Phase.DRAFT:
            return "not launched"
    return f"ends {_ahead(campaign.ends_at - now)}" if campaign.ends_at else "no end date"


def _ahead(left: timedelta) -> str:
    if left < timedelta(hours=1):
        return "within the hour"
    if left < timedelta(days=2):
        return f"in {int(left.total_seconds() // 3600)} h"
    return f"in {left.days} days"


@dataclass(frozen=True)
class Tab:
    """One tab of the list: a phase, or all of them, with how many there are."""

    value: str
    label: str
    count: int
    is_current: bool


def tabs(phases: list[Phase], current: str) -> list[Tab]:
    counted = [(phase.value, phase.label, phases.count(phase)) for phase in Phase]
    return [
        Tab(value, label, count, value == current)
        for value, label, count in [("", "All", len(phases)), *counted]
    ]
