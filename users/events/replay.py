"""Hands an accepted event to all subscribers once more: for trying out a campaign, in Test only."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from glu_admin import config as configs
from glu_admin.api.errors import ApiError
from glu_admin.workspaces import audit
from glu_admin.workspaces.models import Environment
from users.events import stored
from users.events.handing import hand
from users.events.models import Event
from users.events.subscribers import subscribers


@dataclass(frozen=True)
class Replayed:
    """Who took the event, and for whom it was parked."""

    taken: tuple[str, ...]
    parked: tuple[str, ...]


def replay_event(
    environment: Environment, number: int, actor: audit.Actor, *, now: datetime | None = None
) -> Replayed:
    """Raises ApiError: 409 in Live, where it would count twice; 404 for an event that is not there."""
    moment = now or timezone.now()
    config = configs.get(environment.id)
    if config is None or not config.is_test:
        raise ApiError(
            "replay_only_in_test",
            "Events are replayed in Test only: in Live everything they led to would happen twice.",
            status=409,
        )
    with transaction.atomic():
        event = stored.locked(environment.id, number)
        if event is None:
            raise _refusal(environment, number)
        parked = {
            each.name: hand(config, each, [event], now=moment, is_patient=False) for each in subscribers()
        }
        audit.record(
            environment, actor, "event.replay", Event(pk=number), {"subscribers": list(parked)}, at=moment
        )
    return Replayed(
        taken=tuple(name for name, failed in parked.items() if not failed),
        parked=tuple(name for name, failed in parked.items() if failed),
    )


def _refusal(environment: Environment, number: int) -> ApiError:
    if Event.objects.filter(environment=environment, id=number).exists():
        return ApiError(
            "event_not_accepted", "This event was not accepted, so nobody was told of it.", status=409
        )
    return ApiError("event_not_found", "There is no event with this id.", status=404)
