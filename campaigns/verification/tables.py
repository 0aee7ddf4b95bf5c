"""What was launched is what is played: frozen tables are as they were hashed."""

from collections.abc import Iterable

from campaigns.verification.invariants import Invariant, by_sql
from rewards.models import RewardTable
from rewards.outcomes import FrozenVariant, digest


def _digests() -> tuple[int, Iterable[str]]:
    frozen = RewardTable.objects.filter(frozen_at__isnull=False).prefetch_related("variants")
    broken = [
        str(table.pk)
        for table in frozen
        if digest([FrozenVariant.of(row) for row in table.variants.all()]) != table.digest
    ]
    return len(frozen), broken


INVARIANTS = [
    Invariant("tables.digest", "A frozen table's outcomes have the hash that was taken at launch.", _digests),
    by_sql(
        "tables.in_use",
        "Plays drew from a table that was frozen before and not yet retired.",
        # a play carries the time at which it was asked for; a change meanwhile may carry another
        of="campaigns_play WHERE variant_id IS NOT NULL",
        broken="""
            SELECT p.id FROM campaigns_play p JOIN rewards_variant v ON v.id = p.variant_id
            JOIN rewards_rewardtable t ON t.id = v.table_id
            WHERE t.frozen_at IS NULL OR p.played_at < t.frozen_at - interval '1 min'
                OR p.played_at > t.retired_at + interval '1 min'
        """,
    ),
    by_sql(
        "tables.launched",
        "A campaign that people can see has a frozen table with one fallback.",
        of="campaigns_campaign WHERE status <> 'draft'",
        broken="""
            SELECT c.id FROM campaigns_campaign c JOIN rewards_rewardtable t ON t.id = c.table_id
            WHERE c.status <> 'draft' AND (t.frozen_at IS NULL OR 1 <> (
                SELECT count(*) FROM rewards_variant v WHERE v.table_id = t.id AND v.is_fallback))
        """,
    ),
]
