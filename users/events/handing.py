"""Hands events to one subscriber, and finds the one that it can't take.

A batch that fails is undone, halved and handed on again, down to the poison event, which is
parked. What is the database's fault is nobody's poison: it ends the transaction. A statement that
the database cancelled may be either: the caller says how long it is patient.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction

from glu_admin.config import EnvironmentConfig
from users.events import parking
from users.events.subscribers import Happened, Subscriber

# Too large for an index, too deep for the stack: PostgreSQL calls these operational, but they
# come back as often as the event does.
PROGRAM_LIMIT = "54"
CANCELLED = "57014"  # by a statement timeout, or by hand


def hand(
    config: EnvironmentConfig,
    subscriber: Subscriber,
    events: Sequence[Happened],
    *,
    now: datetime,
    is_patient: bool = True,
) -> int:
    """Hand over all of them, in order, in the caller's transaction; how many were parked."""
    fault = attempt(config, subscriber, events, is_patient=is_patient)
    if fault is None:
        return 0
    if len(events) == 1:
        parking.park(config, subscriber, events[0], fault, now=now)
        return 1
    half = len(events) // 2
    halves = (events[:half], events[half:])
    return sum(hand(config, subscriber, each, now=now, is_patient=is_patient) for each in halves)


def attempt(
    config: EnvironmentConfig, subscriber: Subscriber, events: Sequence[Happened], *, is_patient: bool = True
) -> Exception | None:
    """What the subscriber raised, with all that it wrote undone; None if it took the events.

    Raises what may be better the next time: a deadlock, a lost connection; while patient, also
    a cancelled statement.
    """
    try:
        with transaction.atomic():
            subscriber.handler(config, events)
    except Exception as fault:  # the outermost loop around foreign code: one event must not stop the rest
        if is_passing(fault) and (is_patient or not was_cancelled(fault)):
            raise
        return fault
    return None


def is_passing(fault: Exception) -> bool:
    """Whether the same event may well be taken at the next try."""
    if isinstance(fault, OperationalError):
        return not _state(fault).startswith(PROGRAM_LIMIT)
    return isinstance(fault, InterfaceError)


def was_cancelled(fault: Exception) -> bool:
    """Whether a statement took too long, which it may do each time."""
    return isinstance(fault, OperationalError) and _state(fault) == CANCELLED


def _state(fault: Exception) -> str:
    return getattr(fault.__cause__, "sqlstate", None) or ""
