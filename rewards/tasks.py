"""Background work of rewards: uploaded codes do not outlive their hour."""

from celery import shared_task
from django.utils import timezone

from rewards import uploads


@shared_task
def forget_uploads() -> None:
    """Let go of files that nobody decided about; may run twice, or late."""
    uploads.forget_expired(now=timezone.now())
