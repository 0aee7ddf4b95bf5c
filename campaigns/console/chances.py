"""Chances as a marketer types them: percentages that must make 100, or free weights. Pure, exact.

Percentages are shown only where they say exactly what the weights say; 1 : 1 : 1 stays weights.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from rewards import odds
from rewards.odds import OddsError

HUNDRED = Decimal(100)


class Unit(StrEnum):
    PERCENT = "percent"
    WEIGHT = "weight"


def shown(weights: Sequence[int]) -> tuple[Unit, list[str]]:
    """How these weights look in the editor."""
    if not any(weights):
        return Unit.PERCENT, ["0"] * len(weights)
    percent = odds.shares(weights)
    parsed = odds.parse(" ".join(f"{text}%" for text in percent))
    total, parsed_total = sum(weights), sum(parsed)
    if all(a * parsed_total == b * total for a, b in zip(weights, parsed, strict=True)):
        return Unit.PERCENT, percent
    return Unit.WEIGHT, [str(weight) for weight in weights]


def weights(unit: str, texts: Sequence[str]) -> list[int]:
    """The weights that were typed; raises OddsError in words for marketers."""
    typed = [text.strip().removesuffix("%").strip() or "0" for text in texts]
    if unit == Unit.WEIGHT:
        return odds.parse(" ".join(typed))
    for place, text in enumerate(typed, start=1):
        if number(text) is None:
            raise OddsError(f"Chance {place} is “{text[:20]}”; write a number such as 25 or 12.5.")
    fits, words = status(typed)
    if not fits:
        raise OddsError(words)
    return odds.parse(" ".join(f"{text}%" for text in typed))


def status(texts: Sequence[str]) -> tuple[bool, str]:
    """Whether percentages make 100, and what is over or under, in words."""
    total = sum(((number(text) or Decimal(0)) for text in texts), Decimal(0))
    if total == HUNDRED:
        return True, "Adds up to 100%."
    if total < HUNDRED:
        return False, f"Adds up to {plain(total)}%. {plain(HUNDRED - total)}% still to give out."
    return False, f"Adds up to {plain(total)}%. {plain(total - HUNDRED)}% too much."


def split(count: int) -> list[str]:
    """The same chance for everybody, to two decimals."""
    return odds.shares([1] * count) if count else []


def fix(texts: Sequence[str], locked: Sequence[bool]) -> list[str]:
    """Scale what is not locked, in its own ratio, so that all make 100; raises OddsError."""
    values = [number(text) or Decimal(0) for text in texts]
    free = [place for place, is_locked in enumerate(locked) if not is_locked]
    left = HUNDRED - sum(value for value, held in zip(values, locked, strict=True) if held)
    if left < 0 or (left and not free):
        raise OddsError("What is locked does not leave room. Unlock an outcome first.")
    ratio = [values[place] for place in free]
    if not any(ratio):
        ratio = [Decimal(1)] * len(free)
    result = [plain(value) for value in values]
    for place, part in zip(free, _parts(ratio, int(left * 100)), strict=True):
        result[place] = plain(Decimal(part) / 100)
    return result


def pasted(text: str) -> tuple[Unit, list[str]]:
    """What a sheet says, such as "25% 25% 50%" or "1 1 1 1"; raises OddsError."""
    return shown(odds.parse(text))


def bar(unit: str, texts: Sequence[str]) -> list[tuple[str, str, str]]:
    """Each outcome's start, width and middle in a bar, in percent; what is missing stays empty."""
    values = [number(text) or Decimal(0) for text in texts]
    whole = max(sum(values), HUNDRED if unit == Unit.PERCENT else Decimal(1))
    parts, start = [], Decimal(0)
    for value in values:
        width = value * HUNDRED / whole
        parts.append((f"{start:.3f}", f"{width:.3f}", f"{start + width / 2:.3f}"))
        start += width
    return parts


def number(text: str) -> Decimal | None:
    """A plain number from 0 up; None for anything else."""
    try:
        value = Decimal(text.strip().removesuffix("%").strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 <= value < 10**10 else None


def plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _parts(ratio: Sequence[Decimal], whole: int) -> list[int]:
    """`whole` split in a ratio by largest remainder."""
    total = sum(ratio)
    exact = [value * whole / total for value in ratio]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: whole - sum(parts)]:
        parts[place] += 1
    return parts
