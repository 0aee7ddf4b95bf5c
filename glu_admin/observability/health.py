"""Probes: is the process up, is it ready to serve, and what has it counted."""

import hmac
from collections.abc import Callable
from ipaddress import ip_address

import psycopg
from django.conf import settings
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from glu_admin.api import errors
from glu_admin.observability import heartbeat, metrics

CONNECT_WITHIN = 2  # seconds: a probe that waits longer is called dead anyway


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"success": True, "status": "up"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 if requests can be served, else 503; either way every part is named."""
    parts = {"database": _check_database()}
    if parts["database"] == "ok":
        parts["migrations"] = _check_migrations()
    is_ready = all(said == "ok" for said in parts.values())
    if is_ready:
        # pages and plays work without a worker, so a missing one is told and does not refuse
        parts["worker"] = heartbeat.worker_problem() or "ok"
    return JsonResponse({"success": is_ready, "parts": parts}, status=200 if is_ready else 503)


@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """Prometheus' text, for who sends GLU_METRICS_TOKEN or, where none is set, for this machine."""
    if not _may_scrape(request):
        answer = errors.body(
            "metrics_closed", "Scrape from this machine, or send GLU_METRICS_TOKEN as a Bearer token."
        )
        return JsonResponse(answer, status=403)
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _may_scrape(request: HttpRequest) -> bool:
    word, _, sent = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and word.lower() == "bearer":
        return hmac.compare_digest(sent.strip().encode(), settings.METRICS_TOKEN.encode())
    # whoever comes through a proxy on this machine is not of this machine, and not every proxy
    # says that it is one: once an operator named proxies or set a token, an address proves nothing
    if settings.METRICS_TOKEN or settings.TRUSTED_PROXIES:
        return False
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip")):
        return False
    try:
        return ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False


def _check_database() -> str:
    parameters = connection.get_connection_params() | {"connect_timeout": CONNECT_WITHIN}
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    try:
        with psycopg.connect(**parameters) as probe:
            probe.execute("SELECT 1")
    except psycopg.OperationalError:
        return "not reachable"
    return "ok"


def _check_migrations() -> str:
    return _migrations.check()


class _Migrations:
    """Applied migrations stay applied: the good answer is remembered, the bad one is not."""

    def __init__(self, pending: Callable[[], list[str]]) -> None:
        self._pending = pending
        self._are_applied = False

    def check(self) -> str:
        if self._are_applied:
            return "ok"
        try:
            pending = self._pending()
        except OperationalError:
            return "not readable"
        self._are_applied = not pending
        return f"{len(pending)} to apply, first {pending[0]}" if pending else "ok"


def _pending_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


_migrations = _Migrations(_pending_migrations)
