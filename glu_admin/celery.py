"""Background work: one Celery application for a laptop and for a fleet.

Tasks take ids, are acknowledged after they ran, and may run twice. Due times live in
tables that the beat below sweeps: no countdowns, no results.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, task_postrun, worker_process_init, worker_ready
from django.conf import settings
from django.db import connection

from glu_admin.runtime.broker import TASK_SECONDS, broker_settings, libpq_environment
from glu_admin.runtime.parents import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glu_admin.settings")
BEAT: dict[str, dict[str, Any]] = {}


def beat_entries(schedule: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The static schedule, with old rings of each bell thrown away.

    A worker that was down for an hour should sweep once, not once for each second missed.
    """
    entries = {}
    for name, entry in schedule.items():
        every = entry["schedule"]
        lifetime = max(10.0, 2 * every) if isinstance(every, (int, float)) else 3600.0
        entries[name] = entry | {"options": {"expires": lifetime} | entry.get("options", {})}
    return entries


def database_url() -> str:
    """The address for broker sessions; LISTEN needs one that no pooler shares."""
    return os.environ.get("DATABASE_DIRECT_URL") or os.environ["DATABASE_URL"]


def configure(application: Celery) -> None:
    address = database_url()
    for name, value in libpq_environment(address).items():
        os.environ.setdefault(name, value)
    BEAT.update(beat_entries(settings.CELERY_BEAT_SCHEDULE))
    # Tests ring no real bell: what must happen is in tables, and they sweep those themselves.
    broker_url = settings.BROKER_URL or ("memory://" if settings.TESTING else "")
    application.conf.update(
        broker_settings(broker_url, address),
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=TASK_SECONDS,
        task_default_queue="interactive",
        task_default_exchange="interactive",
        task_default_routing_key="interactive",
        task_create_missing_queues=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        # No side channel for chatter: it would poll a database, and nobody should steer
        # a worker through the broker.
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_heartbeat=30,
        timezone="UTC",
        beat_schedule=BEAT,
        beat_schedule_filename=str(settings.GLU_HOME / "beat-schedule"),
        beat_max_loop_interval=1,
    )


app = Celery("glu_admin")
configure(app)
# Celery would close the whole connection pool around each task, under the feet of the threads
# that send webhooks; `_give_connection_back` gives back what the task used.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks()


@celeryd_init.connect
def _listen(conf: Any, **_: Any) -> None:
    # Only a worker waits for messages: a web process that sends needs no listening session.
    if conf.broker_url.startswith("pgmq"):
        conf.broker_transport_options = conf.broker_transport_options | {"use_notify": True}


@task_postrun.connect
def _give_connection_back(**_: Any) -> None:
    # eager tasks run inside their caller's transaction
    if not connection.in_atomic_block:
        connection.close()


@worker_ready.connect
def _report_ready(**_: Any) -> None:
    if file := os.environ.get("GLU_READY_FILE"):
        Path(file).write_text(str(os.getpid()), encoding="utf-8")


@worker_process_init.connect
def _end_with_parent(**_: Any) -> None:
    # A pool process whose worker was killed would wait for work for ever.
    follow_parent(signal.SIGKILL)
