"""Is it luck? What was seen against what was set, in words. Pure.

A Wilson interval at 99 %: of a hundred fair outcomes, one falls outside by luck alone.
"""

from dataclasses import dataclass
from math import sqrt

Z = 2.5758  # 99 %, both sides
LEAST_PLAYS = 30  # below that, a verdict would say more than the numbers do


@dataclass(frozen=True)
class Verdict:
    """`low` and `high` are the band around what was seen, as fractions."""

    tone: str
    words: str
    low: float
    high: float


def verdict(seen: int, plays: int, chance: float) -> Verdict:
    """Whether `seen` of `plays` fits a chance (a fraction) that was set."""
    if plays < LEAST_PLAYS:
        return Verdict("plain", "too few plays to say", 0.0, 1.0)
    low, high = band(seen, plays)
    if low <= chance <= high:
        return Verdict("good", "within chance", low, high)
    more = "more" if chance < low else "less"
    return Verdict("warn", f"{more} often than set", low, high)


def band(seen: int, plays: int) -> tuple[float, float]:
    """Between which chances a fair draw gives such a count, 99 times in 100."""
    share, z2 = seen / plays, Z * Z
    middle = (share + z2 / (2 * plays)) / (1 + z2 / plays)
    reach = Z * sqrt(share * (1 - share) / plays + z2 / (4 * plays * plays)) / (1 + z2 / plays)
    return max(0.0, middle - reach), min(1.0, middle + reach)
