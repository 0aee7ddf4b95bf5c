"""When an event happened, from whatever way of writing a time was sent. Pure.

Beyond one year ahead or ten years behind, a clock is broken and the event is refused; what
is merely early or late is taken, with a remark.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

AHEAD, BEHIND = timedelta(minutes=5), timedelta(hours=24)
FARTHEST_AHEAD, FARTHEST_BEHIND = timedelta(days=366), timedelta(days=3660)
# what a number counts, by its size: seconds, milliseconds, microseconds, nanoseconds
UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))

NOT_A_TIME = "Send the time as ISO 8601 text in UTC: 2026-11-22T09:30:00Z."


class NoMoment(ValueError):
    """The value is no time, or one that no working clock shows; `reason` is a stable code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


def moment(value: object, now: datetime) -> tuple[datetime, tuple[str, ...]]:
    """The moment in UTC, and the codes of remarks about it; raises NoMoment."""
    try:
        at, remarks = _read(value)
        ahead = at - now
    except (ValueError, OverflowError):
        raise NoMoment("timestamp_unreadable", NOT_A_TIME) from None
    if ahead > AHEAD:
        remarks += ("clock_ahead",)
    elif -ahead > BEHIND:
        remarks += ("late",)
    if ahead > FARTHEST_AHEAD or -ahead > FARTHEST_BEHIND:
        raise NoMoment(
            "timestamp_out_of_range",
            "The time is more than a year ahead or ten years behind. Look at the sender's clock.",
        )
    return at, remarks


def _read(value: object) -> tuple[datetime, tuple[str, ...]]:
    """Raises ValueError or OverflowError for what is no time."""
    if isinstance(value, str):
        if value.isdecimal() and len(value) > 8:  # eight digits are a date
            return _from_number(float(value)), ("timestamp_as_number",)
        return _from_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value), ("timestamp_as_number",)
    raise ValueError


def _from_text(text: str) -> tuple[datetime, tuple[str, ...]]:
    remarks: tuple[str, ...] = ()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at, remarks = parsedate_to_datetime(text[:64]), ("timestamp_format",)
    if at.tzinfo is UTC:
        return at, remarks
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC), (*remarks, "timestamp_without_zone")
    return at.astimezone(UTC), remarks


def _from_number(number: float) -> datetime:
    for most, a_second in UNITS:
        if abs(number) < most:
            return datetime.fromtimestamp(number / a_second, UTC)
    raise ValueError
