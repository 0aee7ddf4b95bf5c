"""Outcomes as values: a draft as a marketer wrote it, and a frozen one as a draw sees it.

Nothing here touches the database. What can't be stored is a TableError; what only forbids a
launch is a Problem.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson

from rewards.models import RewardType, Variant
from rewards.odds import LARGEST_WEIGHT, MOST_OUTCOMES

COUNTED = {RewardType.COINS, RewardType.POINTS, RewardType.CASHBACKS}  # nothing without an amount
MOST_OCCASION = 40  # characters
MOST_DETAILS = 16 * 1024  # bytes of JSON


class TableError(ValueError):
    """The outcomes can't be kept like this. `field` reads "outcomes", or "outcomes.2.weight"."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


@dataclass(frozen=True)
class Problem:
    """What forbids a launch, in words for marketers; `field` as in TableError."""

    field: str
    message: str


@dataclass(frozen=True)
class OutcomeDraft:
    """One outcome as it is written. `stock_id` keeps the stock that an earlier version shares."""

    name: str
    weight: int
    reward_type: str
    amount: int | None = None
    body: str = ""
    terms: Sequence[str] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    deep_link: str = ""
    pool_id: UUID | None = None
    stock_limit: int | None = None
    stock_id: int | None = None
    is_fallback: bool = False
    expiry: str = Variant.Expiry.NEVER
    expires_at: datetime | None = None
    expires_after_days: int | None = None
    occasion: str = ""  # draws are among the outcomes of one

    @property
    def is_prize(self) -> bool:
        return self.reward_type != RewardType.NO_REWARD


@dataclass(frozen=True)
class FrozenVariant:
    """An outcome that never changes again."""

    id: UUID
    position: int
    name: str
    weight: int
    reward_type: str
    amount: int | None
    body: str
    terms: tuple[str, ...]
    details: Mapping[str, Any]
    deep_link: str
    pool_id: UUID | None
    stock_id: int | None
    is_fallback: bool
    expiry: str
    expires_at: datetime | None
    expires_after_days: int | None
    occasion: str = ""

    @property
    def is_prize(self) -> bool:
        return self.reward_type != RewardType.NO_REWARD

    @classmethod
    def of(cls, row: Variant) -> "FrozenVariant":
        return cls(
            id=row.id,
            position=row.position,
            name=row.name,
            weight=row.weight,
            reward_type=row.reward_type,
            amount=row.amount,
            body=row.body,
            terms=tuple(row.terms),
            details=row.details,
            deep_link=row.deep_link,
            pool_id=row.pool_id,
            stock_id=row.stock_id,
            is_fallback=row.is_fallback,
            expiry=row.expiry,
            expires_at=row.expires_at,
            expires_after_days=row.expires_after_days,
            occasion=row.occasion,
        )


@dataclass(frozen=True)
class Lot:
    """The outcomes that a draw is among: those of one occasion."""

    variants: tuple[FrozenVariant, ...] = ()
    weights: tuple[int, ...] = ()
    total: int = 0


NOTHING_TO_DRAW = Lot()


@dataclass(frozen=True)
class FrozenTable:
    """A version that was launched: its outcomes, its public commitment, its secret seed."""

    id: UUID
    version: int
    commitment: str
    seed: bytes = field(repr=False)
    variants: tuple[FrozenVariant, ...]

    @cached_property
    def lots(self) -> Mapping[str, Lot]:
        """By occasion, in the order of the table."""
        by_occasion: dict[str, list[FrozenVariant]] = {}
        for each in self.variants:
            by_occasion.setdefault(each.occasion, []).append(each)
        return {occasion: _lot(variants) for occasion, variants in by_occasion.items()}

    def lot(self, occasion: str = "") -> Lot:
        """What a draw of this occasion is among, with the weights; empty if it has no outcomes."""
        return self.lots.get(occasion, NOTHING_TO_DRAW)

    def among(self, occasion: str = "") -> tuple[FrozenVariant, ...]:
        return self.lot(occasion).variants

    def drawable(self, occasions: Sequence[str]) -> str | None:
        """The first of these that has outcomes; None if nothing can be drawn."""
        return next((each for each in occasions if self.lot(each).total), None)

    @cached_property
    def weights(self) -> tuple[int, ...]:
        return tuple(each.weight for each in self.variants)

    @cached_property
    def total(self) -> int:
        return sum(self.weights)

    @cached_property
    def fallback(self) -> FrozenVariant:
        return next(each for each in self.variants if each.is_fallback)


def _lot(variants: Sequence[FrozenVariant]) -> Lot:
    weights = tuple(each.weight for each in variants)
    return Lot(tuple(variants), weights, sum(weights))


def digest(variants: Sequence[FrozenVariant]) -> str:
    """The SHA-256 of the outcomes as canonical JSON: keys in order, no blanks.

    An outcome without an occasion has no such key, so that older tables keep their hash.
    """
    rows = [asdict(each) for each in variants]
    for row in rows:
        if not row["occasion"]:
            del row["occasion"]
    return hashlib.sha256(orjson.dumps(rows, option=orjson.OPT_SORT_KEYS)).hexdigest()


def check_storable(outcomes: Sequence[OutcomeDraft]) -> None:
    """Raise TableError for what a table can't hold, finished or not."""
    if len(outcomes) > MOST_OUTCOMES:
        raise TableError("outcomes", f"A campaign has at most {MOST_OUTCOMES} outcomes.")
    if sum(each.is_fallback for each in outcomes) > 1:
        raise TableError("outcomes", "Only one outcome can be the fallback.")
    for position, outcome in enumerate(outcomes):
        for name, message in _unstorable(outcome):
            raise TableError(f"outcomes.{position}.{name}", message)


def _unstorable(each: OutcomeDraft) -> Iterator[tuple[str, str]]:
    yield from _unstorable_text(each)
    yield from _unstorable_numbers(each)
    if each.reward_type not in RewardType.values:
        yield "reward_type", f"There is no reward type “{each.reward_type[:40]}”."
    if each.expiry not in Variant.Expiry.values:
        yield "expiry", "Choose never, on a date, or some days after it is won."
    if each.is_fallback and (each.pool_id or each.stock_limit is not None or each.stock_id):
        yield "is_fallback", "The fallback must never run out: it takes no coupons and no stock."
    yield from _unstorable_json(each)


def _unstorable_text(each: OutcomeDraft) -> Iterator[tuple[str, str]]:
    for name, most in (("name", 80), ("body", 500), ("deep_link", 500), ("occasion", MOST_OCCASION)):
        text = getattr(each, name)
        if len(text) > most:
            yield name, f"At most {most} characters."
        if _unusable(text):
            yield name, "This holds a character that can't be stored."


def _unstorable_numbers(each: OutcomeDraft) -> Iterator[tuple[str, str]]:
    if not 0 <= each.weight <= LARGEST_WEIGHT:
        yield "weight", f"A weight is a whole number from 0 to {LARGEST_WEIGHT:,}."
    if each.amount is not None and not 0 <= each.amount < 2**53:
        yield "amount", "An amount is a whole number from 0 up."
    if each.stock_limit is not None and not 0 <= each.stock_limit <= LARGEST_WEIGHT:
        yield "stock_limit", "A stock is a whole number from 0 up."
    if each.expires_after_days is not None and not 1 <= each.expires_after_days <= 3650:
        yield "expires_after_days", "Between 1 and 3,650 days."


def _unstorable_json(each: OutcomeDraft) -> Iterator[tuple[str, str]]:
    if not all(isinstance(line, str) and len(line) <= 500 for line in each.terms) or len(each.terms) > 50:
        yield "terms", "Terms are up to 50 lines of at most 500 characters."
    elif any(map(_unusable, each.terms)):
        yield "terms", "This holds a character that can't be stored."
    try:
        written = orjson.dumps(dict(each.details))
    except (orjson.JSONEncodeError, TypeError, ValueError):
        yield "details", "Details must be a JSON object."
    else:
        if len(written) > MOST_DETAILS or b"\\u0000" in written:
            yield "details", "Details are at most 16 KiB of JSON without NUL characters."


def _unusable(text: str) -> bool:
    """NUL and lone surrogates, which PostgreSQL refuses."""
    return "\0" in text or any("\ud800" <= each <= "\udfff" for each in text)
