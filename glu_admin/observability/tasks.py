from celery import shared_task

from glu_admin.observability import heartbeat


@shared_task(name="glu_admin.observability.tasks.beat")
def beat() -> None:
    """A worker says that it is alive."""
    heartbeat.record()
