"""What the beat and the door-bell start. A sweep that runs twice, or not at all, does no harm."""

import time

from celery import shared_task
from django.utils import timezone

from users.events import drain, sweeps, waiting

# Long enough to be worth its start, short enough that other work on the queue hardly waits.
SECONDS = 1.0


@shared_task(name="users.tasks.drain", queue="interactive")
def drain_events() -> None:
    """Hand accepted events on. What is left after a second is left to the next ring."""
    end = time.monotonic() + SECONDS
    while drain.drain(now=timezone.now()):
        if time.monotonic() > end:
            drain.ring()
            return


@shared_task(name="users.tasks.sweep_waiting", queue="interactive")
def sweep_waiting() -> None:
    """Apply what waits for people who are known by now, and refuse what waited for a day."""
    waiting.sweep(now=timezone.now())


@shared_task(name="users.tasks.sweep_events", queue="bulk")
def sweep_events() -> None:
    """Forget what is too old, and have partitions ready for what comes."""
    sweeps.sweep(now=timezone.now())
