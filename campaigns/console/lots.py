"""The outcomes of the editor by what they are for: each occasion is a lot with chances of its own. Pure.

A type without occasions has one lot. Of one with occasions, an outcome that is alone is always
given, and one for nothing in particular, such as the fallback, has no chance at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.console import chances
from campaigns.console.chances import Unit
from campaigns.types import all_types
from campaigns.types.base import ANY, Occasion
from rewards import odds
from rewards.odds import OddsError

STANDS_IN = "Only when something has run out"
STRAY = "For nothing any more: choose what these are for"


@dataclass(frozen=True)
class Lot:
    """Where the outcomes of one occasion stand among all, and what to call it."""

    key: str
    label: str = ""
    places: tuple[int, ...] = ()
    is_drawn: bool = True  # whether anything is drawn among these
    is_alone: bool = False  # its one outcome is always given


@dataclass(frozen=True)
class OddsLine:
    """The stacked bar above a lot, and its status in words."""

    parts: list[tuple[str, str, str]]
    fits: bool
    words: str


def occasions(slug: str, config: Mapping[str, Any]) -> tuple[Occasion, ...]:
    """What a type rewards by itself with these settings; what is missing of them is as it was at first."""
    kind = all_types().get(slug)
    return kind.occasions({**kind.defaults(), **config}) if kind else ()


def of(known: Sequence[Occasion], keys: Sequence[str]) -> list[Lot]:
    """The lots of outcomes whose occasions are these, in order; empty ones too, to be filled."""
    if not known:
        return [Lot(ANY, places=tuple(range(len(keys))))]
    named = {each.key for each in known}
    lots = [_lot(each, keys) for each in known]
    lots.append(Lot(ANY, STANDS_IN, _places(keys, {ANY} - named), is_drawn=False))
    strays = _places(keys, set(keys) - named - {ANY})
    return [*lots, Lot("?", STRAY, strays, is_drawn=False)] if strays else lots


def _lot(occasion: Occasion, keys: Sequence[str]) -> Lot:
    places = _places(keys, {occasion.key})
    return Lot(occasion.key, occasion.label, places, is_alone=len(places) == 1)


def _places(keys: Sequence[str], wanted: Iterable[str]) -> tuple[int, ...]:
    wanted = set(wanted)
    return tuple(place for place, key in enumerate(keys) if key in wanted)


def weights(lots: Sequence[Lot], unit: str, texts: Sequence[str]) -> list[int]:
    """The weights that were typed, lot by lot; raises OddsError with the name of the lot."""
    found = [0] * len(texts)
    for lot in lots:
        for place, weight in zip(lot.places, _of_lot(lot, unit, texts), strict=True):
            found[place] = weight
    return found


def _of_lot(lot: Lot, unit: str, texts: Sequence[str]) -> list[int]:
    if not lot.is_drawn:
        return [0] * len(lot.places)
    if lot.is_alone:
        return [_alone(unit, texts[lot.places[0]])]
    if not lot.places and lot.label:
        return []  # nothing is given for this
    try:
        return chances.weights(unit, [texts[place] for place in lot.places])
    except OddsError as error:
        raise OddsError(f"{lot.label}: {error}" if lot.label else str(error)) from None


def _alone(unit: str, text: str) -> int:
    """Any weight means always; the one that is there stays."""
    number = chances.number(text)
    return int(number) if unit == Unit.WEIGHT and number and number == int(number) else 100


def line(lot: Lot, unit: str, texts: Sequence[str]) -> OddsLine:
    """How the chances of a lot add up."""
    own = [texts[place] for place in lot.places]
    if not lot.is_drawn:
        return OddsLine([], True, "")
    if lot.is_alone:
        return OddsLine(chances.bar(Unit.PERCENT, ["100"]), True, "Always.")
    if not own and lot.label:
        return OddsLine([], True, "Nothing is given for this.")
    parts = chances.bar(unit, own)
    if unit == Unit.PERCENT:
        return OddsLine(parts, *chances.status(own))
    return OddsLine(parts, *_weights_words(own))


def _weights_words(texts: Sequence[str]) -> tuple[bool, str]:
    try:
        shares = odds.shares(odds.parse(" ".join(texts)))
    except OddsError as error:
        return False, str(error)
    return True, f"These weights make {' · '.join(f'{share}%' for share in shares)}."
