"""What forbids a launch: a table whose outcomes can't all be drawn and given as they are shown."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from glu_admin.workspaces.models import Environment
from rewards import coupons
from rewards.models import RewardType, Stock, Variant
from rewards.outcomes import COUNTED, OutcomeDraft, Problem

NEVER_LINKED = {"", "javascript", "data", "vbscript", "file", "blob", "about"}


def problems(environment: Environment, outcomes: Sequence[OutcomeDraft], *, now: datetime) -> list[Problem]:
    """Everything that is missing or wrong, in the order of the page."""
    return [
        *_of_the_table(outcomes),
        *(
            Problem(f"outcomes.{position}.{field}", message)
            for position, each in enumerate(outcomes)
            for field, message in _of_one(environment, each, now)
        ),
    ]


def _of_the_table(outcomes: Sequence[OutcomeDraft]) -> Iterator[Problem]:
    if not outcomes:
        yield Problem("outcomes", "Add at least one outcome.")
        return
    yield from (Problem("outcomes", message) for message in _of_chances(outcomes))
    if not any(each.is_fallback for each in outcomes):
        yield Problem("outcomes", "Say which outcome is given when another has run out.")
    if any(each.is_fallback and (each.pool_id or each.stock_limit is not None) for each in outcomes):
        yield Problem("outcomes", "The outcome that stands in for others must never run out itself.")


def _of_chances(outcomes: Sequence[OutcomeDraft]) -> Iterator[str]:
    """Each occasion needs a chance; a fallback that belongs to none of them is not drawn, and needs none."""
    by_occasion: dict[str, list[OutcomeDraft]] = {}
    for each in outcomes:
        by_occasion.setdefault(each.occasion, []).append(each)
    for occasion, among in by_occasion.items():
        stands_by = not occasion and len(by_occasion) > 1 and all(each.is_fallback for each in among)
        if not stands_by and not any(each.weight for each in among):
            where = f" of “{occasion}”" if occasion else ""
            yield f"At least one outcome{where} needs a chance above 0."


def _of_one(environment: Environment, each: OutcomeDraft, now: datetime) -> Iterator[tuple[str, str]]:
    if not each.name.strip():
        yield "name", "Give every outcome a name; people see it."
    if each.reward_type in COUNTED and not each.amount:
        yield "amount", "Say how many."
    if each.reward_type == RewardType.COUPONS and each.pool_id is None:
        yield "pool_id", "Choose the coupon pool that the codes come from."
    if not each.is_prize and (each.pool_id or each.stock_limit is not None):
        yield "reward_type", "An outcome without a prize takes no coupons and no stock."
    if each.pool_id and not coupons.has_left(environment.id, each.pool_id, now=now):
        yield "pool_id", "This coupon pool has no code left. Add codes, or choose another."
    yield from _of_stock(environment, each)
    yield from _of_expiry(each, now)
    if each.deep_link and not _may_be_linked(environment, each.deep_link):
        yield "deep_link", "Use an https address, or one of the app's own link schemes."


def _of_stock(environment: Environment, each: OutcomeDraft) -> Iterator[tuple[str, str]]:
    if each.stock_limit is None:
        return
    stock = Stock.objects.filter(environment=environment, id=each.stock_id or 0).first()
    if (stock.limit - stock.issued if stock else each.stock_limit) <= 0:
        yield "stock_limit", "None are left. Raise the stock."


def _of_expiry(each: OutcomeDraft, now: datetime) -> Iterator[tuple[str, str]]:
    if each.expiry == Variant.Expiry.FIXED and (each.expires_at is None or each.expires_at <= now):
        yield "expires_at", "Choose a date in the future."
    if each.expiry == Variant.Expiry.RELATIVE and not each.expires_after_days:
        yield "expires_after_days", "Say after how many days it expires."


def _may_be_linked(environment: Environment, link: str) -> bool:
    """https, a scheme that the environment lists, or any harmless one while it lists none."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return False
    scheme = parts.scheme.lower()
    if scheme in {"https", "http"}:
        return bool(parts.netloc) and (scheme == "https" or environment.is_test)
    listed = [str(each).lower().partition(":")[0] for each in environment.deep_link_schemes]
    return scheme in listed if listed else scheme not in NEVER_LINKED
