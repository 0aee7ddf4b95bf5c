"""What one person may see and play now, and why not.

Pure: the campaign, the person's progress and the time come in, a `Standing` goes out. Days
are calendar dates in the campaign's zone, so midnights that a clock skips or repeats are right.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Progress:
    """What one participation says: `plays_on_day` counts the local date `day`.

    Extra plays were earned, and `ways` says how and when (ways.py).
    """

    status: str = "pristine"
    plays: int = 0
    plays_on_day: int = 0
    day: date | None = None
    wins: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)
    extra_plays: int = 0
    extra_used: int = 0
    ways: Mapping[str, Any] = field(default_factory=dict)

    @property
    def extra_left(self) -> int:
        return max(0, self.extra_plays - self.extra_used)


NOT_BEGUN = Progress()


@dataclass(frozen=True)
class Standing:
    """`reason` is "ok" or why not; limits are None where there is none. "not_eligible": the campaign
    runs, but it is not for this person, and so is not visible either. "locked": another comes first.

    `next_play_at` is when a person who must wait may play; None if now, or never.
    """

    visible: bool
    may_play: bool
    reason: str
    plays_left: int | None
    plays_left_today: int | None
    next_play_at: datetime | None
    status: str


class Rules(Protocol):
    """What of a campaign decides: a `CatalogCampaign`."""

    @property
    def status(self) -> str: ...
    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def plays_in_all(self) -> int | None: ...
    @property
    def plays_a_day(self) -> int | None: ...
    @property
    def time_zone(self) -> ZoneInfo: ...
    @property
    def is_program(self) -> bool: ...


def standing(
    campaign: Rules, progress: Progress | None, now: datetime, *, why_not: str = "", gate: str = ""
) -> Standing:
    """Where this person stands in this campaign at `now`; `why_not` says that it is not for them, `gate`
    what they have to do first. Plays that were earned count beside the campaign's own.
    """
    person = progress or NOT_BEGUN
    today = local_day(campaign.time_zone, person.day, now)
    own, own_today = _own(campaign, person, today)
    left = None if own is None else own + person.extra_left
    left_today = None if own_today is None else own_today + person.extra_left
    why_closed = closed(campaign, now) or (why_not and "not_eligible")
    reason = why_closed or gate or _finished(campaign, person) or _spent(left, left_today)
    return Standing(
        visible=not why_closed,
        may_play=reason == "ok",
        reason=reason,
        plays_left=left,
        plays_left_today=left_today,
        next_play_at=_next_play(campaign, reason, today),
        status=person.status,
    )


def takes_extra(campaign: Rules, person: Progress, now: datetime) -> bool:
    """Whether a play at `now` is one that was earned: the campaign's own come first."""
    own, own_today = _own(campaign, person, local_day(campaign.time_zone, person.day, now))
    return own == 0 or own_today == 0


def _own(campaign: Rules, person: Progress, today: date) -> tuple[int | None, int | None]:
    """What is left of the campaign's own plays, in all and today.

    Extra plays are used when none of the day's are left, so those of a day beyond its limit are extra.
    """
    left = _left(campaign.plays_in_all, person.plays - person.extra_used)
    return left, _left_today(campaign.plays_a_day, person, today, left)


def local_day(zone: ZoneInfo, last: date | None, now: datetime) -> date:
    """The local date that a play at `now` counts for; `last` is the date of the newest play.

    A clock or a time zone that was set back must not give a day twice: within a day of it,
    the newest play's date goes on.
    """
    today = now.astimezone(zone).date()
    return last if last == today + timedelta(days=1) else today


def next_midnight(zone: ZoneInfo, day: date) -> datetime:
    """The first instant of the date after `day`, in UTC.

    Of a midnight that is repeated it is the first; where midnight is skipped, zoneinfo reads
    it with the offset before the gap, which is the instant of the change itself.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return midnight.astimezone(ZoneInfo("UTC"))


def closed(campaign: Rules, now: datetime) -> str:
    """Why nobody may play now; "" if the campaign runs."""
    if campaign.status == "ended" or (campaign.ends_at and campaign.ends_at <= now):
        return "ended"
    if campaign.status != "live":
        return "paused"
    return "not_started" if campaign.starts_at and now < campaign.starts_at else ""


def _left(limit: int | None, used: int) -> int | None:
    # a limit that was lowered while people played leaves no less than nothing
    return None if limit is None else max(0, limit - used)


def _left_today(limit: int | None, person: Progress, today: date, left: int | None) -> int | None:
    if limit is None:
        return None
    today_left = max(0, limit - (person.plays_on_day if person.day == today else 0))
    return today_left if left is None else min(left, today_left)


def _finished(campaign: Rules, person: Progress) -> str:
    """A program ends when all is done; a game, when its plays are used up."""
    return "done" if campaign.is_program and person.status == "completed" else ""


def _spent(left: int | None, left_today: int | None) -> str:
    if left == 0:
        return "no_plays_left"
    return "no_plays_today" if left_today == 0 else "ok"


def _next_play(campaign: Rules, reason: str, today: date) -> datetime | None:
    if reason == "not_started":
        return campaign.starts_at
    if reason != "no_plays_today" or campaign.plays_a_day == 0:
        return None
    tomorrow = next_midnight(campaign.time_zone, today)
    return None if campaign.ends_at and campaign.ends_at <= tomorrow else tomorrow
