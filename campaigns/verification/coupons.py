"""Codes are conserved: each exists once, is free or taken once, and a taken one has its reward."""

from campaigns.verification.invariants import by_sql

INVARIANTS = [
    by_sql(
        "coupons.numbered",
        "A pool's codes are numbered 1 to n, and n is its total.",
        of="rewards_couponpool",
        broken="""
            SELECT p.id, p.total, count(c.id) FROM rewards_couponpool p
            LEFT JOIN rewards_coupon c ON c.pool_id = p.id GROUP BY p.id
            HAVING count(c.id) <> p.total OR coalesce(min(c.number), 1) <> 1
                OR coalesce(max(c.number), 0) <> p.total
        """,
    ),
    by_sql(
        "coupons.claimed",
        "Every claim is of a code that exists.",
        of="rewards_couponclaim",
        broken="""
            SELECT t.pool_id, t.number FROM rewards_couponclaim t
            LEFT JOIN rewards_coupon c ON c.pool_id = t.pool_id AND c.number = t.number
            WHERE c.id IS NULL
        """,
    ),
    by_sql(
        "coupons.won",
        "A code that was won has one reward, and a reward's code is claimed as won.",
        of="rewards_couponclaim WHERE kind = 'won'",
        broken="""
            SELECT coalesce(t.pool_id, r.pool_id), coalesce(t.number, r.coupon_number), count(r.id)
            FROM (SELECT * FROM rewards_couponclaim WHERE kind = 'won') t
            FULL JOIN (SELECT * FROM rewards_reward WHERE pool_id IS NOT NULL) r
                ON r.pool_id = t.pool_id AND r.coupon_number = t.number
            GROUP BY 1, 2 HAVING count(r.id) <> 1 OR count(t.id) <> 1
        """,
    ),
    by_sql(
        "coupons.reachable",
        "A code that nobody has can still be given out: no cursor has passed it.",
        of="rewards_coupon",
        broken="""
            SELECT c.pool_id, c.number FROM rewards_coupon c
            WHERE NOT EXISTS (
                SELECT FROM rewards_couponclaim t WHERE t.pool_id = c.pool_id AND t.number = c.number)
            AND NOT EXISTS (
                SELECT FROM rewards_couponcursor k WHERE k.pool_id = c.pool_id
                AND c.number BETWEEN k.next_number AND k.last_number)
            AND (c.expires_at IS NULL OR c.expires_at > now())
        """,
    ),
    by_sql(
        "coupons.origin",
        "A reward's code comes from the pool of its outcome, and only such a reward has one.",
        of="rewards_reward",
        broken="""
            SELECT r.id FROM rewards_reward r JOIN rewards_variant v ON v.id = r.variant_id
            WHERE r.pool_id IS DISTINCT FROM v.pool_id OR (r.pool_id IS NULL) <> (r.coupon_number IS NULL)
        """,
    ),
    by_sql(
        "stock.counted",
        "A stock says how many were won, and never more than its limit.",
        of="rewards_stock",
        broken="""
            SELECT s.id, s.issued, count(r.id) FROM rewards_stock s
            LEFT JOIN rewards_variant v ON v.stock_id = s.id
            LEFT JOIN rewards_reward r ON r.variant_id = v.id
            GROUP BY s.id HAVING s.issued <> count(r.id) OR s.issued > s."limit"
        """,
    ),
]
