"""Takes the demo brand out, and nothing else.

What people added beside it stays: their campaigns, users, keys. A pool that such a campaign
uses stays with it. Only if nothing of theirs is left does the workspace go too.
"""

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from campaigns.demo import brand
from campaigns.demo.loading import WORKSPACE_ID
from campaigns.models import Campaign
from glu_admin import config
from glu_admin.webhooks.models import Endpoint
from glu_admin.workspaces.models import Member, Workspace
from rewards.models import CouponPool
from users.models import EndUser, Segment

# What goes, found before anything is gone. A demo person may have won in a real campaign, and
# a real person in a demo one: both go with what is a demo.
DOOMED = """
CREATE TEMPORARY TABLE doomed_users ON COMMIT DROP AS SELECT id FROM users_enduser WHERE is_demo;
CREATE TEMPORARY TABLE doomed_campaigns ON COMMIT DROP AS
    SELECT id, table_id FROM campaigns_campaign WHERE is_demo;
CREATE TEMPORARY TABLE doomed_rewards ON COMMIT DROP AS
    SELECT id, variant_id FROM rewards_reward
    WHERE user_id IN (SELECT id FROM doomed_users) OR campaign_id IN (SELECT id FROM doomed_campaigns);
CREATE TEMPORARY TABLE doomed_tables ON COMMIT DROP AS
    SELECT table_id AS id FROM doomed_campaigns UNION
    SELECT v.table_id FROM campaigns_play p JOIN rewards_variant v ON v.id = p.variant_id
    WHERE p.campaign_id IN (SELECT id FROM doomed_campaigns);
CREATE TEMPORARY TABLE doomed_stocks ON COMMIT DROP AS
    SELECT DISTINCT stock_id AS id FROM rewards_variant
    WHERE stock_id IS NOT NULL AND table_id IN (SELECT id FROM doomed_tables);
"""
# In the order that keys demand.
REMOVALS = (
    # deliveries and attempts hang on their message
    """
    DELETE FROM webhooks_outboxmessage
    WHERE kind = 'reward.won' AND subject_id IN (SELECT id FROM doomed_rewards)
    """,
    "DELETE FROM rewards_ledgerentry WHERE reward_id IN (SELECT id FROM doomed_rewards)",
    """
    DELETE FROM campaigns_play WHERE user_id IN (SELECT id FROM doomed_users)
        OR campaign_id IN (SELECT id FROM doomed_campaigns)
    """,
    """
    DELETE FROM campaigns_participation WHERE user_id IN (SELECT id FROM doomed_users)
        OR campaign_id IN (SELECT id FROM doomed_campaigns)
    """,
    """
    UPDATE rewards_stock s SET issued = issued - gone.count FROM (
        SELECT v.stock_id, count(*) FROM doomed_rewards r JOIN rewards_variant v ON v.id = r.variant_id
        WHERE v.stock_id IS NOT NULL GROUP BY 1
    ) gone WHERE gone.stock_id = s.id
    """,
    "DELETE FROM rewards_reward WHERE id IN (SELECT id FROM doomed_rewards)",
    # the ids of the demo's events may come again with the next load
    f"""
    DELETE FROM users_seenevent s USING users_event e
    WHERE e.event_id LIKE '{brand.EVENT_PREFIX}%' AND s.environment_id = e.environment_id
        AND s.digest = encode(substring(sha256(convert_to(e.event_id, 'UTF8')) FOR 16), 'hex')::uuid
    """,
    """
    DELETE FROM users_pendingevent q USING users_event e
    WHERE e.id = q.event_id AND e.user_id IN (SELECT id FROM doomed_users)
    """,
    f"DELETE FROM users_event WHERE event_id LIKE '{brand.EVENT_PREFIX}%'",
    f"""
    DELETE FROM users_eventtally t USING workspaces_environment v
    WHERE v.id = t.environment_id AND v.workspace_id = '{WORKSPACE_ID}' AND NOT EXISTS (
        SELECT FROM users_event e WHERE e.environment_id = t.environment_id AND e.name = t.name)
    """,
    "DELETE FROM users_enduser WHERE id IN (SELECT id FROM doomed_users)",
    "DELETE FROM campaigns_campaign WHERE id IN (SELECT id FROM doomed_campaigns)",
    # what people aim campaigns or rules of their own at is not the demo's any more
    """
    UPDATE users_segment s SET is_demo = false WHERE is_demo AND (
        EXISTS (SELECT FROM campaigns_campaignsegment c WHERE c.segment_id = s.id)
        OR EXISTS (SELECT FROM campaigns_campaign c WHERE c.environment_id = s.environment_id
            AND strpos(c.audience_rule::text, s.id::text) > 0)
        OR EXISTS (SELECT FROM users_segment o WHERE o.environment_id = s.environment_id AND NOT o.is_demo
            AND strpos(o.rule::text, s.id::text) > 0))
    """,
    "DELETE FROM users_segment WHERE is_demo",
    "DELETE FROM rewards_variant WHERE table_id IN (SELECT id FROM doomed_tables)",
    "DELETE FROM rewards_rewardtable WHERE id IN (SELECT id FROM doomed_tables)",
    """
    DELETE FROM rewards_stock WHERE id IN (SELECT id FROM doomed_stocks)
        AND NOT EXISTS (SELECT FROM rewards_variant v WHERE v.stock_id = rewards_stock.id)
    """,
    # what a real campaign gives out is not the demo's any more; a code that was shown stays taken
    """
    UPDATE rewards_couponpool SET is_demo = false
    WHERE is_demo AND EXISTS (SELECT FROM rewards_variant v WHERE v.pool_id = rewards_couponpool.id)
    """,
    """
    UPDATE rewards_couponclaim c SET kind = 'void' FROM rewards_couponpool p
    WHERE p.id = c.pool_id AND NOT p.is_demo AND c.kind = 'won' AND NOT EXISTS (
        SELECT FROM rewards_reward r WHERE r.pool_id = c.pool_id AND r.coupon_number = c.number)
    """,
    "DELETE FROM rewards_couponpool WHERE is_demo",
)


def remove() -> int:
    """All rows of the demo; how many there were, not counting what hangs on them."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL glu.maintenance = 'on'")
            cursor.execute(DOOMED)
            removed = sum(_run(cursor, statement) for statement in REMOVALS)
            removed += _remove_endpoint(cursor)
            removed += _run(cursor, "DELETE FROM workspaces_auditentry WHERE actor = %s", brand.ACTOR)
            if not _is_used():
                removed += _remove_workspace()
            cursor.execute("SET LOCAL glu.maintenance = 'off'")
            cursor.execute(
                "DROP TABLE doomed_users, doomed_campaigns, doomed_rewards, doomed_tables, doomed_stocks"
            )
    finally:
        config.forget()
    return removed


def _run(cursor: CursorWrapper, statement: str, *values: str) -> int:
    cursor.execute(statement, list(values) or None)
    return int(cursor.rowcount)


def _remove_endpoint(cursor: CursorWrapper) -> int:
    """The demo made it if its log entry says so; what other messages it was to get goes with it."""
    return _run(
        cursor,
        """
        DELETE FROM webhooks_endpoint e WHERE EXISTS (
            SELECT FROM workspaces_auditentry a
            WHERE a.object_id = e.id::text AND a.action = 'endpoint.create' AND a.actor = %s)
        AND NOT EXISTS (SELECT FROM webhooks_delivery d WHERE d.endpoint_id = e.id)
        """,
        brand.ACTOR,
    )


def _is_used() -> bool:
    """Whether somebody made something of their own in the demo's workspace."""
    own = {"environment__workspace_id": WORKSPACE_ID}
    return (
        any(
            model.objects.filter(**own).exists()
            for model in (EndUser, Campaign, CouponPool, Endpoint, Segment)
        )
        or Workspace.objects.filter(id=WORKSPACE_ID)
        .filter(memberships__isnull=False)
        .exclude(memberships__member__email=brand.OWNER_EMAIL)
        .exists()
    )


def _remove_workspace() -> int:
    removed, _ = Workspace.objects.filter(id=WORKSPACE_ID).delete()
    gone, _ = Member.objects.filter(email=brand.OWNER_EMAIL, memberships=None).delete()
    return removed + gone
