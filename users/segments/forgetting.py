"""Forgets moves that are older than changes of people are kept, segment by segment, some at a time."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection

from users.models import Segment

CHUNK = 20_000
MONTH = timedelta(days=31)
_FORGET = """
DELETE FROM users_segmentmove WHERE id IN (
    SELECT id FROM users_segmentmove
    WHERE environment_id = %(environment)s AND segment_id = %(segment)s AND at < %(before)s
    ORDER BY at LIMIT %(chunk)s)
"""
log = structlog.get_logger("glu.segments")


def sweep(*, now: datetime, chunk: int = CHUNK) -> int:
    """How many were forgotten."""
    before = now - MONTH * (settings.KEEP_MONTHS["changes"] + 1)  # beside the running month
    forgotten = sum(
        _forget(*row, before, chunk) for row in Segment.objects.values_list("environment_id", "id")
    )
    if forgotten:
        log.info("segments.moves_forgotten", moves=forgotten)
    return forgotten


def _forget(environment_id: UUID, segment_id: UUID, before: datetime, chunk: int) -> int:
    forgotten = 0
    values: dict[str, Any] = {
        "environment": environment_id,
        "segment": segment_id,
        "before": before,
        "chunk": chunk,
    }
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, values)
            deleted: int = cursor.rowcount
        forgotten += deleted
        if deleted < chunk:
            return forgotten
