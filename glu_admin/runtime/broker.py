"""Celery's settings for each broker: PostgreSQL by default, RabbitMQ or Redis at scale.

The broker is only a door-bell: the work itself is in tables, so the settings below care
for speed and for not losing a ring, never for being the record.
"""

from typing import Any
from urllib.parse import urlsplit

from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES
from psycopg.conninfo import conninfo_to_dict, make_conninfo

QUEUES = ("interactive", "delivery", "bulk")
# No task may run longer; a message that its worker lost comes back after the second figure.
TASK_SECONDS = 240
VISIBILITY_SECONDS = 300
# What libpq reads from the environment; pgmq passes only five fields of an address on.
LIBPQ_VARIABLES = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "channel_binding": "PGCHANNELBINDING",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}


def broker_settings(
    broker_url: str, database_url: str, *, visibility_seconds: int = VISIBILITY_SECONDS
) -> dict[str, Any]:
    """Everything in Celery's configuration that depends on the broker."""
    scheme = urlsplit(broker_url).scheme
    if scheme in ("amqp", "amqps"):
        return {
            "broker_url": broker_url,
            # Without confirms, messages sent while the broker is being killed vanish silently.
            "broker_transport_options": {"confirm_publish": True},
            "task_queues": [_queue(name, {"x-queue-type": "quorum"}) for name in QUEUES],
            "worker_detect_quorum_queues": True,
        }
    queues = [_queue(name, None) for name in QUEUES]
    if scheme in ("redis", "rediss", "memory"):
        options: dict[str, Any] = {"visibility_timeout": visibility_seconds}
        return {"broker_url": broker_url, "broker_transport_options": options, "task_queues": queues}
    TRANSPORT_ALIASES["pgmq"] = "glu_admin.runtime.pgmq:Transport"
    return {
        "broker_url": "pgmq://localhost/",
        "broker_transport_options": _pgmq_options(database_url, visibility_seconds),
        "task_queues": queues,
    }


def libpq_environment(database_url: str) -> dict[str, str]:
    """The parts of the address that reach pgmq only through libpq's variables."""
    fields = conninfo_to_dict(database_url)
    return {variable: str(fields[name]) for name, variable in LIBPQ_VARIABLES.items() if fields.get(name)}


def _queue(name: str, arguments: dict[str, str] | None) -> Queue:
    exchange = Exchange(name, durable=True)
    return Queue(name, exchange, routing_key=name, durable=True, queue_arguments=arguments)


def _pgmq_options(database_url: str, visibility_seconds: int) -> dict[str, Any]:
    return {
        "conn_string": _pgmq_address(database_url),
        # The migration of this app installs pgmq's SQL; there is no server extension.
        "init_extension": False,
        # Woken by NOTIFY, with a look each second as the floor. Polling inside the server
        # instead would wait on one empty queue while another has work.
        "wait_time_seconds": 0,
        "polling_interval": 1,
        "visibility_timeout": visibility_seconds,
        "pool_size": 2,
        "pool_timeout": 10,
    }


def _pgmq_address(database_url: str) -> str:
    fields = conninfo_to_dict(database_url)
    kept = {name: str(fields[name]) for name in ("host", "port", "dbname", "user") if fields.get(name)}
    # pgmq writes the password into a new address without quoting it, so it comes quoted.
    password = str(fields.get("password") or "-").replace("\\", "\\\\").replace("'", "\\'")
    return make_conninfo(**kept, password=f"'{password}'")
