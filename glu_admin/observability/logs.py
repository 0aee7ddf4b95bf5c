"""Structured logs: `entity.action` and ids, with the request's id, without personal data."""

import logging.config
from typing import Any

import structlog

from glu_admin.observability.context import request_id


def _add_request_id(_: Any, __: str, event: Any) -> Any:
    current = request_id()
    return event | {"request_id": current} if current else event


def logging_config(*, json_lines: bool) -> None:
    """Set up logging for this process: JSON lines, or plain lines for people."""
    shared = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last = structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        "foreign_pre_chain": shared,
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": formatter},
            "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["out"], "level": "WARNING"},
            "loggers": {"glu": {"level": "INFO"}},
        }
    )
