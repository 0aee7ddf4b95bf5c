"""Odds: integer weights and a ticket decide the outcome; people read and write shares.

Whole numbers and exact fractions only, never floats. An outcome's chance is its weight
divided by the sum of all weights, whatever that sum is.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

MOST_OUTCOMES = 100
MOST_DECIMALS = 6
MOST_TEXT = 2_000
LARGEST_WEIGHT = 2**31 - 1  # what a column holds
_NUMBER = re.compile(r"([0-9]{1,10})(?:\.([0-9]+))?(%?)")
_SPACE_BEFORE_PERCENT = re.compile(r"[ \t\u00a0]+%")
_BETWEEN = re.compile(r"[\s,;|/]+")


class OddsError(ValueError):
    """These weights or this text make no odds; the message is for marketers."""


def pick(weights: Sequence[int], ticket: int) -> int:
    """The position that a ticket falls on: of all tickets, weights[i] of them fall on i."""
    if ticket < 0:
        raise ValueError(f"There is no ticket {ticket}.")
    for position, end in enumerate(accumulate(weights)):
        if ticket < end:
            return position
    raise ValueError(f"Ticket {ticket} is beyond the weights, which add to {sum(weights)}.")


def shares(weights: Sequence[int]) -> list[str]:
    """Percentages that add to exactly 100, such as ["12.5", "87.5"].

    Two decimals, or as many more as the rarest possible outcome needs to be a whole unit; what
    rounding leaves over goes to the largest remainders.
    """
    _check(weights)
    total, rarest = sum(weights), min(weight for weight in weights if weight)
    decimals = 2
    while rarest * 100 * 10**decimals < total:
        decimals += 1
    return [_decimal(part, decimals) for part in _parts(weights, 100 * 10**decimals)]


def parse(text: str) -> list[int]:
    """The weights in "25% 25% 50%", "30 40 30" or "1 1 1 1"; raises OddsError.

    Separated by blanks, commas, semicolons, bars, tabs or lines. Percentages must add to 100.
    """
    if len(text) > MOST_TEXT:
        raise OddsError("That is too long for a list of chances.")
    words = [word for word in _BETWEEN.split(_SPACE_BEFORE_PERCENT.sub("%", text)) if word]
    if not words:
        raise OddsError("Write one chance an outcome, such as 25% 25% 50% or 1 1 2.")
    if len(words) > MOST_OUTCOMES:
        raise OddsError(f"These are {len(words)} chances; {MOST_OUTCOMES} is the most.")
    numbers, in_percent = _numbers(words)
    if in_percent:
        _check_percentages(numbers)
    return _whole(numbers)


def _numbers(words: Sequence[str]) -> tuple[list[Decimal], bool]:
    """The numbers, and whether they are percentages: all of them or none."""
    numbers, signs = [], set()
    for place, word in enumerate(words, start=1):
        match = _NUMBER.fullmatch(word)
        if match is None:
            raise OddsError(f"Chance {place} is “{word[:20]}”; write a number such as 25, 12.5 or 12.5%.")
        if len(match[2] or "") > MOST_DECIMALS:
            raise OddsError(f"Chance {place} has more than {MOST_DECIMALS} decimals.")
        numbers.append(Decimal(word.rstrip("%")))
        signs.add(match[3])
    if len(signs) > 1:
        raise OddsError("Write the % sign after every chance, or after none. Decimals take a point.")
    return numbers, signs == {"%"}


def _check_percentages(numbers: Sequence[Decimal]) -> None:
    total = sum(numbers, Decimal(0))
    if total != 100:
        off = f"{_plain(abs(100 - total))}% too {'little' if total < 100 else 'much'}"
        raise OddsError(f"The chances add to {_plain(total)}%, which is {off}.")


def _whole(numbers: Sequence[Decimal]) -> list[int]:
    places = max(max(0, -int(number.normalize().as_tuple().exponent)) for number in numbers)
    weights = [int(number.scaleb(places)) for number in numbers]
    _check(weights)
    return weights


def _check(weights: Sequence[int]) -> None:
    if any(weight < 0 for weight in weights):
        raise OddsError("A chance can't be less than 0.")
    if not any(weights):
        raise OddsError("At least one outcome needs a chance above 0.")
    if max(weights) > LARGEST_WEIGHT:
        raise OddsError("These numbers are too large; divide all of them by the same number.")


def _parts(weights: Sequence[int], whole: int) -> list[int]:
    """`whole` split in the ratio of the weights, by largest remainder; the first wins a tie."""
    total = sum(weights)
    parts = [weight * whole // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(weights[i] * whole % total))
    for position in by_remainder[: whole - sum(parts)]:
        parts[position] += 1
    return parts


def _decimal(part: int, decimals: int) -> str:
    return _plain(Decimal(part).scaleb(-decimals))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
