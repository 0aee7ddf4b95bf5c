"""Structured logs: `entity.action` and ids, with the request's id, without personal data.

Lines of other libraries and every exception pass the redaction. The line that a request
leaves is written apart (request_log.py), because hot paths write it.
"""

import logging.config
import sys
from typing import Any

import structlog
from django.http import HttpRequest

from glu_admin.observability.context import request_id
from glu_admin.observability.redaction import describe, redact, redact_values
from glu_admin.observability.request_log import request_log

# These tell paths, names or addresses that our own lines leave out: the request's own line,
# the error log and the tables of axes say the same without them.
SILENCED = ("django.request", "django.server", "django.security", "axes")


def logging_config(*, json_lines: bool) -> None:
    """Set up logging for this process: JSON lines, or plain lines for people."""
    request_log.json_lines = json_lines
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"events": _events(json_lines)},
            "handlers": {"events": {"class": "logging.StreamHandler", "formatter": "events"}},
            "root": {"handlers": ["events"], "level": "WARNING"},
            "loggers": {
                "glu": {"level": "INFO"},
                **{name: {"level": "CRITICAL"} for name in SILENCED},
            },
        }
    )


def log_exception(sender: Any, request: HttpRequest | None = None, **_: Any) -> None:
    """Receives Django's signal that a request raised; the line carries the request's id."""
    route = getattr(getattr(request, "resolver_match", None), "route", "")
    structlog.get_logger("glu.failures").error("request.failed", route=route, exc_info=True)


def _events(json_lines: bool) -> dict[str, object]:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, _describe_exception, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: Any = (
        structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        "foreign_pre_chain": [*shared, _redact_foreign, _describe_exception],
    }


def _add_request_id(_: Any, __: str, event: Any) -> Any:
    current = request_id()
    return event | {"request_id": current} if current else event


def _redact_foreign(_: Any, __: str, event: Any) -> Any:
    clean = redact_values if event.get("exc_info") else redact
    return event | {"event": clean(str(event["event"]))}


def _describe_exception(_: Any, __: str, event: Any) -> Any:
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    return event | {"exception": describe(error)} if isinstance(error, BaseException) else event
