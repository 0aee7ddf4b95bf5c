"""What types whose plays have moves share: reading an action, and shuffling by an attempt's seed.

Pure, like every type. A move names its number, so that one which comes twice, from a double click,
a second tab or a lost connection, is made once.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from campaigns.types.base import NotAllowed

MOST_DIGITS = 9


def whole(value: Any) -> int | None:
    """A count that an app or a form sent; None if it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value >= 0 else None
    is_count = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= MOST_DIGITS
    return int(value) if is_count else None


def was_made(action: Mapping[str, Any], made: int) -> bool:
    """Whether this move is one of those `made` already; raises NotAllowed for one that is not its turn."""
    number = whole(action.get("move"))
    if number is None:
        raise NotAllowed('Say which move this is: {"move": 0} is the first.')
    if number > made:
        raise NotAllowed("This page has fallen behind. Open it again: nothing is lost.")
    return number < made


def check_fields(action: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise NotAllowed for an action that says more than the game understands."""
    if unknown := sorted(set(action) - set(known)):
        raise NotAllowed(f"This game does not know “{unknown[0][:40]}”.")


def token(seed: bytes, *names: str) -> bytes:
    """What stands for this thing in this attempt: nobody can tell it, or what it stands for, beforehand."""
    return hashlib.sha256(b"\0".join([seed, *(name.encode() for name in names)])).digest()


def shuffled[Thing](things: Iterable[Thing], seed: bytes, name: str) -> list[Thing]:
    """The things in the order of this attempt; they are told apart by their text."""
    return sorted(things, key=lambda thing: token(seed, name, str(thing)))
