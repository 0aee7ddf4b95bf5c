"""Hands a parked event to its subscriber again, as often as somebody asks, until it is taken."""

from datetime import datetime

import structlog
from django.db import transaction

from glu_admin import config as configs
from glu_admin.api.errors import ApiError
from glu_admin.workspaces import audit
from users.events import stored
from users.events.handing import attempt
from users.events.models import ParkedEvent
from users.events.parking import MOST_ATTEMPTS, MOST_CHARACTERS, described
from users.events.subscribers import Happened, UnknownSubscriberError, named

log = structlog.get_logger("glu.events")


def replay(parked: ParkedEvent, actor: audit.Actor, *, now: datetime) -> bool:
    """Whether the event is taken now; asked again after that, nothing happens.

    In one transaction with what the subscriber writes; `parked` tells how it went. Raises
    ApiError 404 for one that an erasure took meanwhile.
    """
    with transaction.atomic():
        event = stored.locked(parked.environment_id, parked.event_id)  # before the row, as the drain does
        rows = ParkedEvent.objects.select_for_update().filter(environment_id=parked.environment_id)
        row = rows.filter(pk=parked.pk).first()
        if row is None:
            raise ApiError(
                "parked_event_not_found",
                "This event is parked no more: it was erased, or is older than events are kept.",
                status=404,
            )
        if row.replayed_at is None:
            _conclude(row, actor, _try(row, event), now)
    parked.attempts, parked.error, parked.replayed_at = row.attempts, row.error, row.replayed_at
    return row.replayed_at is not None


def _try(row: ParkedEvent, event: Happened | None) -> str:
    """What stands in the way, or ""."""
    config = configs.get(row.environment_id)
    if event is None or config is None:
        return "The event is gone: it was erased, or is older than events are kept."
    try:
        subscriber = named(row.subscriber)
    except UnknownSubscriberError as unknown:
        return str(unknown)
    fault = attempt(config, subscriber, [event], is_patient=False)
    return described(fault) if fault else ""


def _conclude(row: ParkedEvent, actor: audit.Actor, problem: str, now: datetime) -> None:
    row.attempts = min(row.attempts + 1, MOST_ATTEMPTS)
    if problem:
        row.error = problem[:MOST_CHARACTERS]
        outcome: dict[str, list[str | None]] = {"error": [None, row.error]}
    else:
        row.replayed_at = now
        outcome = {"replayed_at": [None, now.isoformat()]}
    row.save(update_fields=["attempts", "error", "replayed_at"])
    audit.record(row.environment, actor, "parked_event.replay", row, outcome, at=now)
    log.info("event.replayed", number=row.event_id, subscriber=row.subscriber, taken=not problem)
