"""What the beat and the door-bell start. A sweep that runs twice, or not at all, does no harm."""

from typing import Any

from celery import shared_task
from celery.signals import worker_process_shutdown
from django.utils import timezone

from glu_admin.jobs import work
from glu_admin.jobs.desk import Desk

SECONDS_TO_STOP = 5.0
_desk = Desk()


@shared_task(name="glu_admin.jobs.tasks.sweep", queue="bulk")
def sweep() -> None:
    """Work on whatever waits."""
    _desk.sweep()


@shared_task(name="glu_admin.jobs.tasks.forget_old", queue="bulk")
def forget_old() -> None:
    """Let go of what ended a week ago."""
    work.forget_old(now=timezone.now())


@worker_process_shutdown.connect
def _finish(**_: Any) -> None:
    # a job that does not notice in time is taken up again when its lease runs out
    _desk.finish(SECONDS_TO_STOP)
