"""Is a worker alive? A task that beat rings writes the time; web processes read it.

A fresh row proves the whole chain: beat, broker, worker, database. The database's clock
is the only one that is asked.
"""

from django.db import connection

WORKER = "worker"
EVERY = 20.0  # seconds
STALE_AFTER = 120.0  # seconds


def record(name: str = WORKER) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO observability_heartbeat (name, at) VALUES (%s, now())"
            " ON CONFLICT (name) DO UPDATE SET at = excluded.at",
            [name],
        )


def worker_age() -> float | None:
    """Seconds since a worker was seen; None if none ever was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - at) FROM observability_heartbeat WHERE name = %s",
            [WORKER],
        )
        row = cursor.fetchone()
    return None if row is None else float(row[0])


def worker_problem() -> str:
    """One sentence if background work stands still, else ""."""
    age = worker_age()
    if age is None:
        return "No worker has been seen yet; webhooks wait. Start one beside the web process."
    if age > STALE_AFTER:
        return f"No worker seen for {_words(age)}; webhooks wait. Start the worker and beat."
    return ""


def _words(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 120:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
