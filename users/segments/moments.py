"""Dates as rules read them, the same in Python and in SQL. Pure.

A date is ISO 8601 text: 2026-11-23, or 2026-11-23T09:30 with seconds, a fraction and a zone
(UTC if there is none). Nothing else is one: no days that do not exist, no 24 o'clock. In
Python a moment is a number of microseconds, so that no zone and no year is out of reach.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1_000_000
DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
# years, months and weekdays come back after so many days
_CYCLE = 146_097 * DAY
FAR = 10_000 * 366 * DAY  # later than any date
_EARLY, _LATE = -60_000_000_000 * SECOND, 250_000_000_000 * SECOND

# Both regular expression engines read these alike. PostgreSQL must never be asked to cast a text
# that is no date, for it would end the whole statement.
_YEAR = "[0-9]{4}"
_LEAP = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
_DAYS = (
    f"({_YEAR}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_TIME = "[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?"
_ZONE = "(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9]|[+-](0[0-9]|1[0-4]))"
PATTERN = f"^(?!0000){_DAYS}({_TIME}{_ZONE}?)?$"
ZONED = "[T ].*[Z+-]"  # of a text that fits PATTERN

_is_date = re.compile(PATTERN).fullmatch
_parts = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)([.]\d+)?)?(?:Z|([+-])(\d\d):?(\d\d)?)?)?", re.ASCII
)


@lru_cache(maxsize=65_536)  # the same dates are read of many people, and at each look
def of_text(text: str) -> int | None:
    """Microseconds since 1970; None for what is no date."""
    if not _is_date(text) or (parts := _parts.fullmatch(text)) is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, zone_hours, zone_minutes = parts.groups()
    days = date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
    seconds = int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    offset = int(zone_hours or 0) * 3600 + int(zone_minutes or 0) * 60
    if sign == "-":
        offset = -offset
    # rounded as PostgreSQL rounds
    micros = round(float(fraction) * SECOND) if fraction else 0
    return days * DAY + (seconds - offset) * SECOND + micros


def of_datetime(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def of(value: object) -> int | None:
    """The moment that a text or a core timestamp is; None for everything else."""
    if isinstance(value, str):
        return of_text(value) if 10 <= len(value) <= 40 else None
    return of_datetime(value) if isinstance(value, datetime) else None


def to_datetime(micros: int) -> datetime:
    """The moment as Python's own; raises OverflowError for one before the year 1 or after 9999."""
    return _EPOCH + timedelta(microseconds=micros)


def weekday(micros: int, zone: ZoneInfo) -> int:
    """1 for Monday to 7 for Sunday, where the zone's clocks are."""
    if micros < _EARLY:
        micros += _CYCLE
    elif micros > _LATE:
        micros -= _CYCLE
    return (_EPOCH + timedelta(microseconds=micros)).astimezone(zone).isoweekday()


def known(text: str) -> int:
    """The moment of a text that was seen to be a date when its rule was read."""
    micros = of_text(text)
    if micros is None:
        raise ValueError(text)
    return micros
