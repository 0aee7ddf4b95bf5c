"""Proves that the data is right: every promise that the database can be asked about, asked.

One module a concern, each with its `INVARIANTS`. Reads only, over all environments, in one
snapshot; `manage.py verify` runs them and fails if any finds a violation.
"""

from collections.abc import Iterator

from django.db import connection, transaction

from campaigns.verification import (
    coupons,
    draws,
    earnings,
    erasures,
    events,
    guards,
    kept,
    ledger,
    people,
    plays,
    segments,
    tables,
    tenancy,
    webhooks,
)
from campaigns.verification.invariants import Finding, Invariant

__all__ = ["Finding", "Invariant", "all_invariants", "run"]


def all_invariants() -> list[Invariant]:
    """In the order in which they are told."""
    modules = (
        coupons,
        ledger,
        people,
        plays,
        draws,
        earnings,
        tables,
        webhooks,
        events,
        kept,
        segments,
        erasures,
        tenancy,
        guards,
    )
    return [each for module in modules for each in module.INVARIANTS]


def run(wanted: str = "") -> Iterator[Finding]:
    """What each invariant found, of those whose name starts with `wanted`."""
    with transaction.atomic(), connection.cursor() as cursor:
        # rows that belong together are read as of one moment, however long it takes;
        # inside a caller's transaction the moment is the caller's
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for invariant in all_invariants():
            if invariant.name.startswith(wanted):
                yield invariant.find()
