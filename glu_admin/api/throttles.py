"""Limits by key, by address and by user, over a sliding minute.

Counted in each process, so a fleet of n processes allows up to n times as much: they
protect the service, not money. Contract paths answer 503 (clients retry a 429 without end),
`/api/v1/` and sign-in 429, with Retry-After.
"""

import threading
import time

from django.conf import settings

from glu_admin.api.errors import ApiError

WINDOW = 60.0  # seconds
MOST_BUCKETS = 100_000


class SlidingMinute:
    """Counts hits a minute per name: this window's, and the rest of the one before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._now: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def clear(self) -> None:
        with self._lock:
            self._now, self._before = {}, {}

    def hit(self, name: str, limit: int, now: float) -> float:
        """Count one; the seconds to wait if that was one too many, else 0."""
        window, into = divmod(now, WINDOW)
        with self._lock:
            if int(window) != self._window:
                self._before = self._now if int(window) == self._window + 1 else {}
                self._now, self._window = {}, int(window)
            count = self._now.get(name, 0) + 1
            if len(self._now) < MOST_BUCKETS or name in self._now:
                self._now[name] = count
            recent = count + self._before.get(name, 0) * (1 - into / WINDOW)
        return 0.0 if recent <= limit else WINDOW - into


_minute = SlidingMinute()


def limit(kind: str, name: str, *, path: str = "") -> None:
    """Raise ApiError (429, or 503 on a contract path) if `name` exceeds the limit of its kind."""
    wait = _minute.hit(f"{kind}:{name}", settings.THROTTLES[kind], time.time())
    if not wait:
        return
    status = 429 if path.startswith("/api/v1/") or kind == "sign-in" else 503
    refusal = ApiError("too_many_requests", f"Too many requests. Try again in {wait:.0f} s.", status=status)
    refusal.headers["Retry-After"] = str(int(wait) + 1)
    raise refusal


def forget() -> None:
    """Start counting anew: for tests."""
    _minute.clear()
