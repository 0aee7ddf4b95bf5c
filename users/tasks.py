"""What the beat and the door-bell start. A sweep that runs twice, or not at all, does no harm."""

import time

from celery import shared_task
from django.utils import timezone

from glu_admin.workspaces.models import Environment
from users.events import drain, sweeps, waiting
from users.history import catalogue
from users.privacy import erasure
from users.segments import filling, forgetting, keeping, shelf, sizes, sweeping

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
    """Apply what a registration of this moment missed, and refuse what waited for a day."""
    waiting.sweep(now=timezone.now(), back=waiting.MISSED)


@shared_task(name="users.tasks.sweep_events", queue="bulk")
def sweep_events() -> None:
    """Apply what still waits, forget what is too old, and have partitions ready for what comes.

    The first is for a process that ended between a registration and the release of its events.
    """
    waiting.sweep(now=timezone.now())
    sweeps.sweep(now=timezone.now())
    forgetting.sweep(now=timezone.now())


@shared_task(name="users.tasks.refresh_catalogues", queue="bulk")
def refresh_catalogues() -> None:
    """Count which attributes people have, environment by environment, and what no longer fits them."""
    for environment in Environment.objects.order_by("id"):
        catalogue.refresh(environment, now=timezone.now())
        shelf.recheck(environment)


@shared_task(name="users.tasks.sweep_erasures", queue="bulk")
def sweep_erasures() -> None:
    """Take out what calls that were under way at an erasure still wrote."""
    erasure.sweep(now=timezone.now())


@shared_task(name="users.tasks.sweep_segments", queue="interactive")
def sweep_segments() -> None:
    """Move people in and out of segments. What is left after a second is left to the next ring."""
    end = time.monotonic() + SECONDS
    while sweeping.sweep(now=timezone.now()):
        if time.monotonic() > end:
            keeping.ring()
            return


@shared_task(name="users.tasks.keep_segments", queue="bulk")
def keep_segments() -> None:
    """Begin to keep what something live asks for, and end what nothing does."""
    filling.run(now=timezone.now())


@shared_task(name="users.tasks.size_segments", queue="bulk")
def size_segments() -> None:
    """Count all segments, for the line in their list."""
    sizes.refresh_all(now=timezone.now())
