"""Background work of pictures: what nothing shows any more goes."""

from celery import shared_task
from django.utils import timezone

from glu_admin.pictures import sweeping


@shared_task(name="glu_admin.pictures.tasks.sweep", queue="bulk")
def sweep() -> None:
    """May run twice, or late."""
    sweeping.sweep(timezone.now())
