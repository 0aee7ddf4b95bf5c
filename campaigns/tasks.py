"""Background work of campaigns: the clock that closes them, and what was earned."""

import time

from celery import shared_task
from django.utils import timezone

from campaigns import earnings, publishing

SECONDS = 1.0  # long enough to be worth its start, short enough that other work hardly waits


@shared_task
def close_ended() -> None:
    """End the campaigns whose end date has passed; may run twice, or late."""
    publishing.close_ended(timezone.now())


@shared_task(name="campaigns.tasks.settle", queue="interactive")
def settle() -> None:
    """Make plays of what was earned. What is left after a second is left to the next ring."""
    end = time.monotonic() + SECONDS
    while earnings.settle(now=timezone.now(), most=200):
        if time.monotonic() > end:
            earnings.ring()
            return
