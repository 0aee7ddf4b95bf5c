"""The ledger is the sum of what happened: each win once, each later change once, nothing else."""

from campaigns.verification.invariants import by_sql

INVARIANTS = [
    by_sql(
        "ledger.awards",
        "A reward has one award entry: the same person, kind and amount.",
        of="rewards_reward",
        broken="""
            SELECT r.id, count(e.id) FROM rewards_reward r JOIN rewards_variant v ON v.id = r.variant_id
            LEFT JOIN rewards_ledgerentry e ON e.reward_id = r.id AND e.kind = 'award'
                AND e.user_id = r.user_id AND e.reward_type = v.reward_type
                AND e.amount = coalesce(v.amount, 0) AND e.at = r.won_at
            GROUP BY r.id HAVING count(e.id) <> 1
        """,
    ),
    by_sql(
        "ledger.changes",
        "A redeemed, expired or revoked reward has the entry that says so, and no other has it.",
        of="rewards_ledgerentry WHERE kind <> 'award'",
        broken="""
            SELECT coalesce(r.id, e.reward_id), coalesce(r.kind, e.kind) FROM (
                SELECT id, CASE state WHEN 'redeemed' THEN 'redeem' WHEN 'expired' THEN 'expire'
                    WHEN 'revoked' THEN 'revoke' END AS kind
                FROM rewards_reward WHERE state IN ('redeemed', 'expired', 'revoked')
            ) r FULL JOIN (
                -- what was redeemed may be revoked later; then it has both entries
                SELECT e.* FROM rewards_ledgerentry e WHERE e.kind <> 'award' AND NOT (
                    e.kind = 'redeem' AND EXISTS (
                        SELECT FROM rewards_ledgerentry later
                        WHERE later.reward_id = e.reward_id AND later.kind = 'revoke'))
            ) e ON e.reward_id = r.id AND e.kind = r.kind
            WHERE r.id IS NULL OR e.id IS NULL
        """,
    ),
    by_sql(
        "ledger.balance",
        "What left a reward's account is never more than what came in.",
        of="rewards_ledgerentry",
        broken="""
            SELECT reward_id FROM rewards_ledgerentry GROUP BY reward_id
            HAVING sum(amount) FILTER (WHERE kind <> 'revoke') < 0
                OR max(amount) FILTER (WHERE kind <> 'award') > 0
        """,
    ),
    by_sql(
        "rewards.times",
        "A reward that was seen or used says when it was seen, and not before it was won.",
        of="rewards_reward",
        broken="""
            SELECT id FROM rewards_reward
            WHERE (state IN ('seen', 'redeemed')) AND seen_at IS NULL OR seen_at < won_at
                OR state = 'won' AND seen_at IS NOT NULL
        """,
    ),
]
