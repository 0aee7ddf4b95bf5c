"""Reward tables: drafts that are edited, checked and frozen; frozen versions that are read.

Freezing hashes the outcomes, makes the secret seed and publishes its commitment. From then
on a trigger refuses every change of the table and its outcomes; a change of the odds is a
new version, which shares pools and stocks with the one before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from glu_admin import crypto
from glu_admin.config import EnvironmentConfig
from glu_admin.workspaces.audit import Actor, record
from glu_admin.workspaces.models import Environment
from rewards import fairness
from rewards.models import CouponPool, RewardTable, Stock, Variant
from rewards.outcomes import (
    FrozenTable,
    FrozenVariant,
    OutcomeDraft,
    Problem,
    TableError,
    check_storable,
    digest,
)
from rewards.readiness import problems

__all__ = [  # the whole vocabulary of tables, so that callers need one module
    "FrozenTable",
    "FrozenVariant",
    "OutcomeDraft",
    "Problem",
    "TableError",
    "change_stock",
    "check",
    "drafts",
    "freeze",
    "load",
    "new_table",
    "next_version",
    "replace_outcomes",
    "retire",
    "revealed_seed",
]


def new_table(environment: Environment, outcomes: Sequence[OutcomeDraft]) -> RewardTable:
    """A draft of version 1; raises TableError."""
    with transaction.atomic():
        table = RewardTable.objects.create(environment=environment)
        replace_outcomes(table, outcomes)
    return table


def drafts(table: RewardTable) -> tuple[OutcomeDraft, ...]:
    """The outcomes of a table as an editor needs them, in order."""
    return tuple(_draft(row) for row in table.variants.select_related("stock").order_by("position"))


def replace_outcomes(table: RewardTable, outcomes: Sequence[OutcomeDraft]) -> None:
    """Give a draft these outcomes; raises TableError.

    A stock that the table has already is kept by its id, or else by the outcome's name, so
    that what was won before still counts; its limit belongs to all versions and changes at once.
    """
    check_storable(outcomes)
    with transaction.atomic():
        _lock_draft(table)
        _check_pools(table, outcomes)
        known = dict(table.variants.exclude(stock=None).values_list("stock_id", "name"))
        table.variants.all().delete()
        Variant.objects.bulk_create(
            _variant(table, position, each, _stock_for(table, position, each, known))
            for position, each in enumerate(outcomes)
        )


def check(table: RewardTable, *, now: datetime | None = None) -> list[Problem]:
    """What forbids a launch at `now`; an empty list if nothing does."""
    return problems(table.environment, drafts(table), now=now or timezone.now())


def freeze(table: RewardTable, *, now: datetime, seed: bytes | None = None) -> RewardTable:
    """Fix the outcomes for good and publish the commitment; raises TableError.

    A seed is given only where draws must be the same each time, as in the demo's past.
    """
    with transaction.atomic():
        environment = _lock_draft(table)
        for problem in check(table, now=now):
            raise TableError(problem.field, problem.message)
        seed = seed or fairness.new_seed()
        key = crypto.environment_key(environment.id, bytes(environment.wrapped_key))
        table.sealed_seed = crypto.seal(key, seed, _seed_place(table.id))
        table.commitment = fairness.commitment(seed)
        table.digest = digest([FrozenVariant.of(row) for row in table.variants.order_by("position")])
        table.frozen_at = now
        table.save(update_fields=["sealed_seed", "commitment", "digest", "frozen_at"])
    return table


def next_version(table: RewardTable) -> RewardTable:
    """An editable copy, one version up, that shares pools and stocks with this one."""
    with transaction.atomic():
        copy = RewardTable.objects.create(environment_id=table.environment_id, version=table.version + 1)
        Variant.objects.bulk_create(
            _variant(copy, position, each, each.stock_id) for position, each in enumerate(drafts(table))
        )
    return copy


def retire(table: RewardTable, *, now: datetime) -> None:
    """No draw uses this version any more; its seed may be shown."""
    RewardTable.objects.filter(
        environment_id=table.environment_id, id=table.id, frozen_at__isnull=False, retired_at=None
    ).update(retired_at=now)
    table.refresh_from_db(fields=["retired_at"])


def revealed_seed(table: RewardTable) -> str:
    """The seed in hex, with which anyone can recompute the draws; raises TableError before it retires."""
    if table.retired_at is None or table.sealed_seed is None:
        raise TableError("table", "The seed is shown when this version has retired.")
    environment = table.environment
    key = crypto.environment_key(environment.id, bytes(environment.wrapped_key))
    return crypto.unseal(key, bytes(table.sealed_seed), _seed_place(table.id)).hex()


def change_stock(environment: Environment, stock_id: int, limit: int, actor: Actor) -> Stock:
    """Set how many may be won in all, also while the campaign is live; raises TableError."""
    with transaction.atomic():
        stock = Stock.objects.select_for_update().filter(environment=environment, id=stock_id).first()
        if stock is None:
            raise TableError("stock", "This stock does not exist.")
        if not stock.issued <= limit < 2**31:
            raise TableError("stock", f"{stock.issued} are won already; the stock can't be less.")
        before, stock.limit = stock.limit, limit
        stock.save(update_fields=["limit"])
        record(environment, actor, "stock.change", stock, {"limit": [before, limit]})
    return stock


def load(config: EnvironmentConfig, table_ids: Iterable[UUID]) -> dict[UUID, FrozenTable]:
    """The frozen ones of these tables, in two queries however many they are."""
    rows = RewardTable.objects.filter(
        environment_id=config.id, id__in=list(table_ids), frozen_at__isnull=False
    ).prefetch_related("variants")
    return {
        row.id: FrozenTable(
            id=row.id,
            version=row.version,
            commitment=row.commitment,
            seed=crypto.unseal(config.key, bytes(row.sealed_seed or b""), _seed_place(row.id)),
            variants=tuple(FrozenVariant.of(each) for each in row.variants.all()),
        )
        for row in rows
    }


def _seed_place(table_id: UUID) -> str:
    return f"reward-table:{table_id}"


def _lock_draft(table: RewardTable) -> Environment:
    locked = (
        RewardTable.objects.select_for_update(of=("self",))
        .select_related("environment")
        .get(environment_id=table.environment_id, id=table.id)
    )
    if locked.frozen_at is not None:
        raise TableError("table", "This version is frozen. Change the next one instead.")
    return locked.environment


def _check_pools(table: RewardTable, outcomes: Sequence[OutcomeDraft]) -> None:
    known = set(CouponPool.objects.filter(environment_id=table.environment_id).values_list("id", flat=True))
    for position, each in enumerate(outcomes):
        if each.pool_id is not None and each.pool_id not in known:
            raise TableError(f"outcomes.{position}.pool_id", "This coupon pool does not exist.")


def _stock_for(table: RewardTable, position: int, each: OutcomeDraft, known: dict[int, str]) -> int | None:
    """The stock of an outcome: none, the one that it had (at its new limit), or a new one."""
    if each.stock_limit is None:
        return None
    stock_id = each.stock_id if each.stock_id in known else _named(known, each.name)
    if stock_id is None:
        return Stock.objects.create(environment_id=table.environment_id, limit=each.stock_limit).id
    del known[stock_id]  # one stock serves one outcome
    changed = Stock.objects.filter(
        environment_id=table.environment_id, id=stock_id, issued__lte=each.stock_limit
    ).update(limit=each.stock_limit)
    if not changed:
        raise TableError(f"outcomes.{position}.stock_limit", "More than that are won already.")
    return stock_id


def _named(known: dict[int, str], name: str) -> int | None:
    return next((stock_id for stock_id, each in known.items() if each == name), None)


def _variant(table: RewardTable, position: int, each: OutcomeDraft, stock_id: int | None) -> Variant:
    return Variant(
        environment_id=table.environment_id,
        table=table,
        position=position,
        stock_id=stock_id,
        name=each.name,
        weight=each.weight,
        is_fallback=each.is_fallback,
        reward_type=each.reward_type,
        amount=each.amount,
        body=each.body,
        terms=list(each.terms),
        details=dict(each.details),
        deep_link=each.deep_link,
        pool_id=each.pool_id,
        expiry=each.expiry,
        expires_at=each.expires_at,
        expires_after_days=each.expires_after_days,
        occasion=each.occasion,
    )


def _draft(row: Variant) -> OutcomeDraft:
    draft = OutcomeDraft(
        name=row.name,
        weight=row.weight,
        reward_type=row.reward_type,
        amount=row.amount,
        body=row.body,
        terms=tuple(row.terms),
        details=row.details,
        deep_link=row.deep_link,
        pool_id=row.pool_id,
        is_fallback=row.is_fallback,
        expiry=row.expiry,
        expires_at=row.expires_at,
        expires_after_days=row.expires_after_days,
        occasion=row.occasion,
    )
    if row.stock is None:
        return draft
    return replace(draft, stock_id=row.stock.id, stock_limit=row.stock.limit)
