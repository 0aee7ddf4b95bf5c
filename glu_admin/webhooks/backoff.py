"""When to try again: at once, after 30 s, after 5 min, each wait ±20 %; then no more.

Pure: the number of the try and the chance are arguments. A receiver that says when to come
back (429 or 503 with Retry-After) is obeyed three times without a try being counted.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

WAITS = (timedelta(seconds=30), timedelta(minutes=5))
TRIES = len(WAITS) + 1
SPREAD = 0.2
POSTPONEMENTS = 3
LONGEST_POSTPONEMENT = timedelta(hours=1)


def wait_after(tries: int, jitter: float) -> timedelta | None:
    """The wait after `tries` failed ones, None after the last; `jitter` is from -1 to 1."""
    if tries > len(WAITS):
        return None
    return WAITS[tries - 1] * (1 + SPREAD * max(-1.0, min(1.0, jitter)))


def postponement(status: int | None, retry_after: str, postponed: int, now: datetime) -> timedelta | None:
    """The wait that the receiver asked for, at most an hour; None if it asked for none, or too often."""
    if status not in (429, 503) or postponed >= POSTPONEMENTS:
        return None
    asked = _read_retry_after(retry_after.strip(), now)
    return None if asked is None else max(timedelta(seconds=1), min(asked, LONGEST_POSTPONEMENT))


def _read_retry_after(text: str, now: datetime) -> timedelta | None:
    if text.isascii() and text.isdecimal():
        # a number of any length is legal, and a timedelta of any length is not
        return timedelta(seconds=min(int(text[:9]), 10**6))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
