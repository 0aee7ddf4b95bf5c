"""What the beat and the door-bell start. A sweep that runs twice, or not at all, does no harm."""

from typing import Any

from celery import shared_task
from celery.signals import worker_process_shutdown
from django.conf import settings

from glu_admin.webhooks.pump import Pump

_pump = Pump()


@shared_task(name="glu_admin.webhooks.tasks.sweep", queue="delivery")
def sweep() -> None:
    """Send whatever is due."""
    _pump.sweep()


@worker_process_shutdown.connect
def _finish(**_: Any) -> None:
    # What does not end in time is not lost: its lease runs out and it is sent again.
    _pump.finish(settings.WEBHOOK_TIMEOUT_SECONDS)
