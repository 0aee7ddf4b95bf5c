"""Background work of campaigns: the clock that closes them."""

from celery import shared_task
from django.utils import timezone

from campaigns import publishing


@shared_task
def close_ended() -> None:
    """End the campaigns whose end date has passed; may run twice, or late."""
    publishing.close_ended(timezone.now())
