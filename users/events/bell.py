"""Wakes the drain after events came. Without it they are found within a second."""

from glu_admin.doorbell import Doorbell

_bell = Doorbell("users.tasks.drain", queue="interactive")


def ring() -> None:
    """Call it after the commit. Never waits and never raises."""
    _bell.ring()
