"""No fact is forgotten: a win has its message, a message its deliveries, a delivery its tries."""

from campaigns.verification.invariants import by_sql

INVARIANTS = [
    by_sql(
        "webhooks.told",
        "Every reward has its message in the outbox.",
        of="rewards_reward",
        broken="""
            SELECT r.id FROM rewards_reward r LEFT JOIN webhooks_outboxmessage m
                ON m.subject_id = r.id AND m.kind = 'reward.won' AND m.environment_id = r.environment_id
            WHERE m.id IS NULL
        """,
    ),
    by_sql(
        "webhooks.subscribed",
        "A message that was handed out has one delivery for each endpoint that was there and wants it.",
        of="webhooks_outboxmessage WHERE fanned_out_at IS NOT NULL",
        # an endpoint whose kinds were changed since may not have wanted it then
        broken="""
            SELECT m.id, e.id FROM webhooks_outboxmessage m JOIN webhooks_endpoint e
                ON e.environment_id = m.environment_id AND e.kinds ? m.kind
                AND e.created_at < m.created_at
            LEFT JOIN webhooks_delivery d ON d.message_id = m.id AND d.endpoint_id = e.id
            WHERE m.fanned_out_at IS NOT NULL AND NOT EXISTS (
                SELECT FROM workspaces_auditentry a WHERE a.object_id = e.id::text
                AND a.action = 'endpoint.revise' AND a.changes ? 'kinds' AND a.at > m.fanned_out_at)
            GROUP BY m.id, e.id HAVING count(d.id) <> 1
        """,
    ),
    by_sql(
        "webhooks.states",
        "A delivery is in a known state, and delivered ones say when.",
        of="webhooks_delivery",
        broken="""
            SELECT id, state FROM webhooks_delivery
            WHERE state NOT IN ('pending', 'leased', 'delivered', 'exhausted', 'held', 'cancelled')
                OR (state = 'delivered') <> (delivered_at IS NOT NULL)
                OR state = 'leased' AND lease_until IS NULL
        """,
    ),
    by_sql(
        "webhooks.on_time",
        "Nothing that is due has waited for 10 minutes, and no lease ran out 5 minutes ago.",
        of="webhooks_delivery WHERE state IN ('pending', 'leased')",
        broken="""
            SELECT 'message', id::text FROM webhooks_outboxmessage
            WHERE fanned_out_at IS NULL AND created_at < clock_timestamp() - interval '10 min'
            UNION ALL SELECT 'delivery', id::text FROM webhooks_delivery
            WHERE state = 'pending' AND next_at < clock_timestamp() - interval '10 min'
                OR state = 'leased' AND lease_until < clock_timestamp() - interval '5 min'
        """,
    ),
    by_sql(
        "webhooks.attempts",
        "Attempts are numbered without a gap, and a delivered one's last attempt was a success.",
        of="webhooks_attempt",
        broken="""
            SELECT d.id FROM webhooks_delivery d LEFT JOIN LATERAL (
                SELECT count(*) AS made, max(number) AS last,
                    count(*) FILTER (WHERE status BETWEEN 200 AND 299) AS good,
                    (array_agg(status ORDER BY number DESC))[1] AS newest
                FROM webhooks_attempt a WHERE a.delivery_id = d.id
            ) a ON true
            WHERE a.made <> coalesce(a.last, 0)
                OR d.state = 'delivered' AND (a.newest IS NULL OR a.newest NOT BETWEEN 200 AND 299)
                OR d.state = 'exhausted' AND (a.made = 0 OR a.newest BETWEEN 200 AND 299)
        """,
    ),
]
