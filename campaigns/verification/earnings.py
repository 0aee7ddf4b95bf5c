"""What was earned is paid once: an earning waits, or is a play, and never both."""

from campaigns.verification.invariants import by_sql

INVARIANTS = [
    by_sql(
        "earnings.once",
        "What was earned waits to be settled or is a play, never both.",
        of="campaigns_earning",
        broken="""
            SELECT e.id FROM campaigns_earning e JOIN users_enduser a ON a.id = e.user_id
            JOIN users_enduser u ON coalesce(u.merged_into_id, u.id) = coalesce(a.merged_into_id, a.id)
                AND u.environment_id = e.environment_id
            JOIN campaigns_participation p ON p.user_id = u.id AND p.campaign_id = e.campaign_id
            JOIN campaigns_play y ON y.participation_id = p.id
                AND y.idempotency_key = '✓ ' || e.cause || ' ' || e.occasion
        """,
    ),
    by_sql(
        "earnings.settled",
        "What was earned is settled within the hour, unless its campaign is paused.",
        of="campaigns_earning",
        broken="""
            SELECT e.id FROM campaigns_earning e JOIN campaigns_campaign c ON c.id = e.campaign_id
            WHERE c.status IN ('live', 'ended') AND c.updated_at < now() - interval '1 hour'
                AND e.earned_at < now() - interval '1 hour'
        """,
    ),
]
