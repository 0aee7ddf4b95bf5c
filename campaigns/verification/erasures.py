"""Whoever was erased is nowhere: not in their own row, and in no other."""

from campaigns.verification.invariants import by_sql

# what was under way at an erasure is swept up within minutes
_TRACES = """
    SELECT u.id, trace.kind FROM users_enduser u CROSS JOIN LATERAL (
        SELECT 'device' FROM users_device t WHERE t.environment_id = u.environment_id AND t.user_id = u.id
        UNION ALL SELECT 'change' FROM users_userchange t
        WHERE t.environment_id = u.environment_id AND t.user_id = u.id
        UNION ALL SELECT 'event' FROM users_event t
        WHERE t.environment_id = u.environment_id AND t.user_id = u.id
        UNION ALL SELECT 'segment' FROM users_segmentmember t
        WHERE t.environment_id = u.environment_id AND t.user_id = u.id
        UNION ALL SELECT 'move' FROM users_segmentmove t
        WHERE t.environment_id = u.environment_id AND t.user_id = u.id
        UNION ALL SELECT 'import' FROM users_segmentimportrow t
        WHERE t.environment_id = u.environment_id AND t.user_id = u.id
        UNION ALL SELECT 'answer' FROM users_behaviourstate t
        WHERE t.environment_id = u.environment_id AND t.user_id = u.id
        UNION ALL SELECT 'entry point' FROM campaigns_entrypointstate t
        WHERE t.environment_id = u.environment_id AND t.user_id = u.id
        UNION ALL SELECT 'earning' FROM campaigns_earning t
        WHERE t.environment_id = u.environment_id AND t.user_id = u.id
        UNION ALL SELECT 'reward' FROM rewards_reward t
        WHERE t.environment_id = u.environment_id AND t.user_id = u.id AND t.details <> '{}'
        UNION ALL SELECT 'play' FROM campaigns_play t
        WHERE t.user_id = u.id AND t.idempotency_key <> t.id::text
        UNION ALL SELECT 'webhook' FROM rewards_reward r
        JOIN webhooks_outboxmessage m ON m.kind = 'reward.won' AND m.subject_id = r.id
        JOIN webhooks_delivery d ON d.message_id = m.id AND d.state IN ('pending', 'leased', 'held')
        WHERE r.environment_id = u.environment_id AND r.user_id = u.id
    ) trace (kind)
    WHERE u.erased_at < now() - interval '30 min'
"""

INVARIANTS = [
    by_sql(
        "erasures.people",
        "The row of an erased person says nothing of who it was.",
        of="users_enduser WHERE erased_at IS NOT NULL",
        broken="""
            SELECT id FROM users_enduser WHERE erased_at IS NOT NULL AND (
                coalesce(user_id, anonymous_id, user_name, email, phone, referred_by) IS NOT NULL
                OR '{}' <> ANY(ARRAY[device, profile, identities, attributes])
                OR referral_code NOT LIKE 'GONE-%')
        """,
    ),
    by_sql(
        "erasures.traces",
        "No device, change, event, free text or waiting webhook is left of an erased person.",
        of="users_enduser WHERE erased_at IS NOT NULL",
        broken=_TRACES,
    ),
]
