"""Calendar days as people live them: dates of a time zone, whatever its clocks do at midnight. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE = timedelta(days=1)
MONDAY, SUNDAY = "monday", "sunday"
WEEKS = {MONDAY: "Monday", SUNDAY: "Sunday"}  # the day on which a week begins


def of(at: datetime, zone: ZoneInfo) -> date:
    """The local date of an instant."""
    return at.astimezone(zone).date()


def begins(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a date, in UTC.

    Of a midnight that is repeated it is the first; one that is skipped is read with the offset
    before the gap, which is the instant of the change itself.
    """
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def ends(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after a date."""
    return begins(day + ONE, zone)


def exists(day: date, zone: ZoneInfo) -> bool:
    """Whether the zone has this date at all: one that crosses the date line leaves one out."""
    return begins(day, zone) < ends(day, zone)


def week_of(day: date, begins_on: str) -> date:
    """The first day of the week that a date lies in."""
    passed = day.weekday() if begins_on == MONDAY else (day.weekday() + 1) % 7
    return day - passed * ONE
