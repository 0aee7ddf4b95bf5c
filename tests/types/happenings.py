"""What people did, for the rules of programs: an event so many hours after the beginning."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import orjson

from campaigns.types.base import Happening, Outcome
from tests.factories import MOMENT

OUTCOMES = [Outcome("o-1", "50 points", 0, True), Outcome("o-2", "Not this time", 1, False)]
_numbers = count(1)


def did(name, hours=0.0, /, **properties):
    return Happening(f"e-{next(_numbers)}", name, MOMENT.now + timedelta(hours=hours), properties)


def after(hours=0.0, **fields):
    """The moment so many hours after the beginning."""
    return replace(MOMENT, now=MOMENT.now + timedelta(hours=hours), **fields)


def stored(value):
    """What the database gives back of it; fails for what is no JSON."""
    return orjson.loads(orjson.dumps(value))


def live(kind, config, events, state=None, **fields):
    """The state after these events, and each step that they led to."""
    state, steps = stored(kind.start(config) if state is None else state), []
    for each in events:
        step = kind.happened(config, state, each, replace(MOMENT, now=each.at, **fields))
        steps.append(step)
        state = stored(step.state) if step else state
    return state, steps


def draws(steps):
    return [step.draws if step else None for step in steps]
