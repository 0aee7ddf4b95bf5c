"""No event is forgotten: each is counted or says why not, and no id was taken twice."""

from campaigns.verification.invariants import by_sql

INVARIANTS = [
    by_sql(
        "events.judged",
        "An event that was accepted has its person, one that waits has none, and a refusal says why.",
        of="users_event",
        broken="""
            SELECT id, verdict FROM users_event
            WHERE verdict NOT IN ('accepted', 'waiting', 'duplicate', 'rejected')
                OR verdict = 'accepted' AND user_id IS NULL
                OR verdict = 'waiting' AND (user_id IS NOT NULL OR client_id IS NULL)
                OR verdict = 'rejected' AND reason = ''
        """,
    ),
    by_sql(
        "events.once",
        "No event id was accepted twice within 30 days, and each is remembered.",
        of="users_event WHERE verdict IN ('accepted', 'waiting')",
        broken="""
            SELECT e.environment_id, e.id, e.event_id FROM (
                SELECT *, received_at - lag(received_at) OVER (
                    PARTITION BY environment_id, event_id ORDER BY received_at, id) AS after
                FROM users_event WHERE verdict IN ('accepted', 'waiting')
            ) e LEFT JOIN users_seenevent seen ON seen.environment_id = e.environment_id AND seen.digest =
                encode(substring(sha256(convert_to(e.event_id, 'UTF8')) FOR 16), 'hex')::uuid
            WHERE e.after < interval '30 days'
                OR seen.digest IS NULL AND e.received_at > clock_timestamp() - interval '29 days'
        """,
    ),
    by_sql(
        "events.queued",
        "What waits to be handed on is an accepted event, in the shard of its person.",
        of="users_pendingevent",
        # a merged visitor's events go to the shard of who it became
        broken="""
            SELECT p.shard, p.event_id, e.verdict FROM users_pendingevent p JOIN users_event e
                ON e.id = p.event_id AND e.received_at = p.received_at
            LEFT JOIN users_enduser u ON u.id = e.user_id
            WHERE e.verdict <> 'accepted' OR e.environment_id <> p.environment_id OR u.id IS NULL
                OR p.shard NOT IN (u.id % 16, coalesce(u.merged_into_id, u.id) % 16)
        """,
    ),
    by_sql(
        "events.on_time",
        "Nothing has waited for 10 minutes to be handed on, and nobody known is waited for so long.",
        of="users_event WHERE verdict IN ('accepted', 'waiting')",
        broken="""
            SELECT 'queued', event_id FROM users_pendingevent
            WHERE received_at < clock_timestamp() - interval '10 min'
            UNION ALL SELECT 'overdue', id FROM users_event
            WHERE verdict = 'waiting' AND received_at < clock_timestamp() - interval '24 h 10 min'
            UNION ALL SELECT 'known', e.id FROM users_event e JOIN users_enduser u
                ON u.environment_id = e.environment_id AND u.user_id = e.client_id
            WHERE e.verdict = 'waiting' AND e.received_at < clock_timestamp() - interval '10 min'
                AND u.registered_at < clock_timestamp() - interval '10 min'
        """,
    ),
    by_sql(
        "events.parked",
        "An event that is set aside is there, accepted, and can be replayed.",
        of="users_parkedevent WHERE replayed_at IS NULL",
        broken="""
            SELECT p.id, p.event_id, p.subscriber FROM users_parkedevent p LEFT JOIN users_event e
                ON e.id = p.event_id AND e.received_at = p.received_at
                AND e.environment_id = p.environment_id
            WHERE p.replayed_at IS NULL AND e.verdict IS DISTINCT FROM 'accepted'
        """,
    ),
    by_sql(
        "events.counted",
        "Every accepted event was handed on: it is in the tally, still queued, or parked.",
        of="users_event WHERE verdict = 'accepted'",
        # a tally may hold more: erased people's events, months that are gone, replays
        broken="""
            SELECT e.environment_id, e.taken, coalesce(t.total, 0) FROM (
                SELECT environment_id, count(*) AS taken FROM users_event e
                WHERE verdict = 'accepted' AND NOT EXISTS (
                    SELECT FROM users_pendingevent p WHERE p.event_id = e.id
                        AND p.received_at = e.received_at)
                AND NOT EXISTS (
                    SELECT FROM users_parkedevent p WHERE p.event_id = e.id AND p.subscriber = 'tally'
                        AND p.replayed_at IS NULL)
                GROUP BY 1
            ) e LEFT JOIN (
                SELECT environment_id, sum(total) AS total FROM users_eventtally GROUP BY 1
            ) t USING (environment_id)
            WHERE coalesce(t.total, 0) < e.taken
        """,
    ),
]
