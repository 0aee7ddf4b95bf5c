"""How a drain gets past an event whose handling the database cancels each time.

A cancelled statement may be the fault of a busy server, or of one event, so its shard is taken
in ever smaller batches. An event that is cancelled alone again and again is nobody else's
fault. Each process remembers for itself what it met; one that starts anew begins anew.
"""

from dataclasses import dataclass

SMALLER = 4
ALONE = 2  # so often an event may be cancelled alone; the next time it is parked


@dataclass
class _Trial:
    """A shard's trouble is among its events up to `until`."""

    size: int
    until: int
    alone: int = 0


_trials: dict[int, _Trial] = {}


def size(shard: int, most: int) -> int:
    """How many events of this shard to take at once."""
    trial = _trials.get(shard)
    return most if trial is None else min(most, trial.size)


def is_spent(shard: int) -> bool:
    """Whether the one event that is taken now was cancelled alone often enough."""
    trial = _trials.get(shard)
    return trial is not None and trial.alone >= ALONE


def cancelled(shard: int, taken: int, newest: int) -> None:
    """The database cancelled a batch of this many, up to this event."""
    trial = _trials.setdefault(shard, _Trial(max(1, taken), newest))
    trial.until = max(trial.until, newest)
    if trial.size == 1:
        trial.alone += 1
    trial.size = max(1, min(trial.size, taken) // SMALLER)


def passed(shard: int, newest: int) -> None:
    """A batch up to this event was handed on."""
    trial = _trials.get(shard)
    if trial is not None:
        trial.alone = 0
        if newest >= trial.until:
            del _trials[shard]


def forget() -> None:
    """Begin anew."""
    _trials.clear()
