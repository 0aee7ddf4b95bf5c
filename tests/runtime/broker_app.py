"""A Celery application with the product's broker settings and one task that leaves a trace."""

import os
import sys
from functools import cache

import psycopg
from celery import Celery

from glu_admin.runtime.broker import broker_settings

DATABASE = os.environ["BROKER_TEST_DATABASE"]

app = Celery("broker_test")
app.conf.update(
    broker_settings("", DATABASE, visibility_seconds=4),
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)


@cache
def connection(process: int) -> psycopg.Connection:
    return psycopg.connect(DATABASE, autocommit=True)


@app.task(name="trace", queue="delivery")
def trace(number: int) -> None:
    connection(os.getpid()).execute("INSERT INTO traces VALUES (%s)", [number])


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        trace.delay(number)
