"""Draws that anyone can check: a seed is committed to before the first play and shown at the end.

The commitment is the SHA-256 of the seed in hex. A play's ticket: take HMAC-SHA256 of
"<name>:<n>" under the seed for n = 0, 1, 2…; read the first 8 bytes as a whole number,
greatest byte first; the first that is below the largest multiple of the total, modulo the
total, is the ticket. So every ticket is equally likely, with no rounding anywhere.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from rewards.odds import pick

SEED_BYTES = 32
_RANGE = 2**64


class NotTheSeed(ValueError):
    """The seed is not the one that was committed to."""


@dataclass(frozen=True)
class Proof:
    """What a draw must have been: the ticket, and the position of the outcome."""

    ticket: int
    position: int


def new_seed() -> bytes:
    return secrets.token_bytes(SEED_BYTES)


def commitment(seed: bytes) -> str:
    """What is published before the first draw."""
    return hashlib.sha256(seed).hexdigest()


def ticket(seed: bytes, name: str, total: int) -> int:
    """A number from 0 to total - 1, fixed by the seed and the play's name."""
    if not 0 < total <= _RANGE:
        raise ValueError(f"A draw needs between 1 and 2**64 tickets, not {total}.")
    limit = _RANGE - _RANGE % total
    for n in count():
        number = int.from_bytes(hmac.digest(seed, f"{name}:{n}".encode(), hashlib.sha256)[:8])
        if number < limit:
            break
    return number % total


def prove(seed_hex: str, committed: str, name: str, weights: Sequence[int]) -> Proof:
    """Recompute a draw from what is public after the table has retired; raises NotTheSeed."""
    try:
        seed = bytes.fromhex(seed_hex)
    except ValueError:
        raise NotTheSeed("The seed is not written in hex.") from None
    if not hmac.compare_digest(commitment(seed), committed):
        raise NotTheSeed("The SHA-256 of this seed is not the commitment.")
    drawn = ticket(seed, name, sum(weights))
    return Proof(drawn, pick(weights, drawn))
