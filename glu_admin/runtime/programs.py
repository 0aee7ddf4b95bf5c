"""The Python programs that make the product: worker, web and beat, as child processes."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from glu_admin.runtime.broker import QUEUES
from glu_admin.runtime.children import Child
from glu_admin.runtime.logs import ChildLog

BLOCKING_THREADS = 4
# Deliveries wait on other people's servers: a few more processes than cores keep the rest moving.
LEAST_WORKERS = 4


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ready_file(home: Path) -> Path:
    return home / "worker.ready"


def metrics_folder(home: Path) -> Path:
    """Where the processes of this run count together; what an earlier run counted is gone."""
    folder = home / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def make_children(home: Path, environment: Mapping[str, str], *, host: str, port: int) -> list[Child]:
    """Worker, web and beat, in the order in which they start.

    Beat comes last: nobody waits for it, and a start is short of processor time.
    """
    logs = home / "logs"
    worker_environment = dict(environment) | {"GLU_READY_FILE": str(ready_file(home))}
    return [
        Child("worker", worker_command(), worker_environment, log=ChildLog(logs / "worker.log"), grace=10.0),
        Child("web", web_command(host, port), environment, log=ChildLog(logs / "web.log"), grace=8.0),
        Child("beat", beat_command(), environment, log=ChildLog(logs / "beat.log"), grace=5.0),
    ]


def worker_command() -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    size = ["--concurrency", str(max(LEAST_WORKERS, cores()))]
    return [*_celery(), "worker", "--queues", ",".join(QUEUES), *size, *quiet]


def beat_command() -> list[str]:
    return [*_celery(), "beat", "--pidfile", "", "--loglevel", "WARNING"]


def web_command(host: str, port: int) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "glu_admin.wsgi:application"]
    command += ["--host", host, "--port", str(port)]
    command += ["--workers", str(cores()), "--blocking-threads", str(BLOCKING_THREADS)]
    return [*command, "--respawn-failed-workers", "--workers-kill-timeout", "5", "--no-ws"]


def _celery() -> list[str]:
    return [sys.executable, "-m", "celery", "--app", "glu_admin.celery:app"]
