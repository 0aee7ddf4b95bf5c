"""The guards stand: constraints are there and validated, triggers are there and switched on."""

from collections.abc import Iterable

from django.apps import apps
from django.db import connection

from campaigns.verification.invariants import Invariant

APPEND_ONLY = ("rewards_ledgerentry", "rewards_coupon", "workspaces_auditentry", "users_userchange")
TRIGGERS = {
    *(f"{table}_append_only" for table in APPEND_ONLY),
    "rewards_rewardtable_frozen",
    "rewards_variant_frozen",
    "rewards_reward_state",
    "campaigns_campaign_bumps_environment",
    "workspaces_writekey_bumps_environment",
    "workspaces_tokenkey_bumps_environment",
    "workspaces_environment_version",
}


def _constraints() -> tuple[int, Iterable[str]]:
    wanted = {constraint.name for model in apps.get_models() for constraint in model._meta.constraints}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE convalidated UNION"
            " SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indisunique AND indisvalid"
        )
        there = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        not_valid = {row[0] for row in cursor.fetchall()}
    return len(wanted), sorted((wanted - there) | not_valid)


def _triggers() -> tuple[int, Iterable[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        there = {row[0] for row in cursor.fetchall()}
    return len(TRIGGERS), sorted(TRIGGERS - there)


INVARIANTS = [
    Invariant(
        "guards.constraints",
        "Every constraint of the models is in the database, and valid.",
        _constraints,
    ),
    Invariant("guards.triggers", "Ledger, codes, audit log and frozen tables refuse changes.", _triggers),
]
