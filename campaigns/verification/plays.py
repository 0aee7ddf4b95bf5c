"""Plays are counted, limited and paid exactly: one reward a win, one answer a key."""

from campaigns.verification.invariants import by_sql

# of a user to whom visitors were merged, it counts theirs as well
_COUNTED = """
    SELECT q.id, q.plays, count(p.id) FROM (
        SELECT id AS whole, id AS part FROM campaigns_participation
        UNION ALL
        SELECT q.id, folded.id FROM campaigns_participation folded
        JOIN users_enduser alias ON alias.id = folded.user_id AND alias.merged_into_id IS NOT NULL
        JOIN campaigns_participation q
            ON q.user_id = alias.merged_into_id AND q.campaign_id = folded.campaign_id
    ) family JOIN campaigns_participation q ON q.id = family.whole
    LEFT JOIN campaigns_play p ON p.participation_id = family.part GROUP BY q.id
    HAVING q.plays <> count(p.id) OR q.plays < coalesce(max(p.attempt), 0)
        OR bool_and(family.whole = family.part) AND q.plays <> coalesce(max(p.attempt), 0)
        OR q.wins <> count(p.reward_id) OR q.day IS DISTINCT FROM max(p.local_day)
        OR q.plays_on_day <> count(p.id) FILTER (WHERE p.local_day = q.day)
"""
# a limit that was changed holds for the plays of the version that brought it
_OVER_LIMITS = """
    SELECT participation_id, "limit" FROM (
        SELECT p.participation_id, 'in all' AS "limit" FROM campaigns_play p
        JOIN campaigns_campaign c ON c.id = p.campaign_id
        JOIN campaigns_participation own ON own.id = p.participation_id
        WHERE p.campaign_version = c.version AND p.attempt > c.plays_in_all + own.extra_used
        UNION
        SELECT p.participation_id, 'a day' FROM campaigns_play p
        JOIN campaigns_participation own ON own.id = p.participation_id
        JOIN campaigns_campaign c ON c.id = p.campaign_id AND p.campaign_version = c.version
        GROUP BY p.participation_id, p.local_day, c.plays_a_day, own.extra_used
        HAVING count(*) > c.plays_a_day + own.extra_used
        UNION
        SELECT id, 'earned' FROM campaigns_participation WHERE extra_used > extra_plays
    ) over_limit
"""

INVARIANTS = [
    by_sql(
        "plays.paid",
        "A play that won has one reward of its outcome and person; every reward has its play.",
        of="campaigns_play",
        broken="""
            SELECT coalesce(p.id, r.id) FROM campaigns_play p
            FULL JOIN rewards_reward r ON r.id = p.reward_id
            WHERE p.reward_id IS NOT NULL AND r.id IS NULL OR r.id IS NOT NULL AND (
                p.id IS NULL OR r.user_id <> p.user_id OR r.variant_id <> p.variant_id
                OR r.campaign_id <> p.campaign_id OR r.environment_id <> p.environment_id)
        """,
    ),
    by_sql(
        "plays.won",
        "A play has a reward if its outcome is a prize, and only then.",
        of="campaigns_play",
        broken="""
            SELECT p.id FROM campaigns_play p LEFT JOIN rewards_variant v ON v.id = p.variant_id
            WHERE (p.reward_id IS NOT NULL) <> coalesce(v.reward_type <> 'noReward', false)
        """,
    ),
    by_sql(
        "plays.counted",
        "A participation's counters are its plays, its wins and those of its newest day, aliases' included.",
        of="campaigns_participation",
        broken=_COUNTED,
    ),
    by_sql(
        "plays.limited",
        "Nobody played more often, in all or on a local day, than the campaign allows and they earned.",
        of="campaigns_play",
        broken=_OVER_LIMITS,
    ),
    by_sql(
        "plays.keys",
        "A key has one play, with the fingerprint of its request.",
        of="campaigns_play",
        broken="""
            SELECT participation_id, idempotency_key FROM campaigns_play
            GROUP BY 1, 2 HAVING count(*) > 1 OR bool_or(length(fingerprint) <> 32)
        """,
    ),
    by_sql(
        "plays.answers",
        "The stored answer names the play and its reward, and holds no code.",
        of="campaigns_play",
        broken="""
            SELECT id FROM campaigns_play WHERE answer ->> 'playId' IS DISTINCT FROM id::text
                OR answer -> 'reward' ->> 'rewardId' IS DISTINCT FROM reward_id::text
                OR answer -> 'reward' ->> 'code' IS NOT NULL
        """,
    ),
]
