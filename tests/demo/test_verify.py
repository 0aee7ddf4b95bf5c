"""`manage.py verify` finds what it says it finds: one planted violation for each invariant."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from campaigns import verification
from campaigns.verification import tenancy
from users.events import waiting

EVENT = """
    INSERT INTO users_event (environment_id, user_id, client_id, event_id, received_at, source, verdict,
        reason, field, warnings, properties, request_id)
    SELECT environment_id, id, user_id, 'x', now() - interval '{age}', 'server', '{verdict}',
        '', '', '[]', '{{}}', ''
    FROM users_enduser WHERE user_id IS NOT NULL LIMIT 1
"""
# What a bug, a bad migration or a hand in the database could do, by the invariant that sees it.
# Keys and triggers sleep while it is planted.
PLANTED = {
    "coupons.numbered": "UPDATE rewards_couponpool SET total = total + 1",
    "coupons.claimed": """
        INSERT INTO rewards_couponclaim (environment_id, pool_id, number, kind, at)
        SELECT environment_id, id, 999999, 'void', now() FROM rewards_couponpool
    """,
    "coupons.won": "DELETE FROM rewards_couponclaim WHERE id = (SELECT min(id) FROM rewards_couponclaim)",
    "coupons.reachable": "UPDATE rewards_couponcursor SET next_number = next_number + 1",
    "coupons.origin": """
        UPDATE rewards_reward SET pool_id = (SELECT id FROM rewards_couponpool WHERE name = 'Free pastry'),
            coupon_number = 999999
        WHERE id = (SELECT min(id::text)::uuid FROM rewards_reward WHERE pool_id IS NULL)
    """,
    "stock.counted": """
        INSERT INTO rewards_stock (environment_id, "limit", issued)
        SELECT id, 10, 3 FROM workspaces_environment WHERE kind = 'test'
    """,
    "ledger.awards": """
        UPDATE rewards_ledgerentry SET amount = amount + 1
        WHERE id = (SELECT min(id) FROM rewards_ledgerentry WHERE kind = 'award')
    """,
    "ledger.changes": """
        UPDATE rewards_reward SET state = 'redeemed'
        WHERE id = (SELECT min(id::text)::uuid FROM rewards_reward WHERE state = 'seen')
    """,
    "ledger.balance": "UPDATE rewards_ledgerentry SET amount = amount - 1 WHERE kind = 'redeem'",
    "rewards.times": "UPDATE rewards_reward SET seen_at = won_at - interval '1 s' WHERE state = 'seen'",
    "earnings.once": """
        INSERT INTO campaigns_earning
            (environment_id, campaign_id, user_id, occasion, cause, details, earned_at)
        SELECT environment_id, campaign_id, user_id, '', 'event:1', '{}', now()
        FROM campaigns_play ORDER BY id LIMIT 1;
        UPDATE campaigns_play SET idempotency_key = '✓ event:1 '
        WHERE id = (SELECT min(id::text)::uuid FROM campaigns_play)
    """,
    "earnings.settled": """
        INSERT INTO campaigns_earning
            (environment_id, campaign_id, user_id, occasion, cause, details, earned_at)
        SELECT environment_id, campaign_id, user_id, '', 'event:2', '{}', now() - interval '2 hours'
        FROM campaigns_play ORDER BY id LIMIT 1;
        UPDATE campaigns_campaign SET updated_at = now() - interval '2 hours', status = 'live'
    """,
    "people.aliases": """
        UPDATE users_enduser SET merged_at = now() WHERE id = (SELECT min(id) FROM users_enduser)
    """,
    "people.folded": """
        UPDATE campaigns_participation SET folded_at = now()
        WHERE id = (SELECT min(id) FROM campaigns_participation)
    """,
    "people.referrals": """
        UPDATE users_enduser SET referred_by = user_id
        WHERE id = (SELECT min(id) FROM users_enduser WHERE user_id IS NOT NULL)
    """,
    "plays.paid": """
        UPDATE rewards_reward SET user_id = (SELECT max(id) FROM users_enduser)
        WHERE id = (SELECT min(id::text)::uuid FROM rewards_reward)
    """,
    "plays.won": """
        UPDATE campaigns_play SET reward_id = NULL
        WHERE id = (SELECT min(id::text)::uuid FROM campaigns_play WHERE reward_id IS NOT NULL)
    """,
    "plays.counted": "UPDATE campaigns_participation SET wins = wins + 1 WHERE status = 'completed'",
    "plays.limited": "UPDATE campaigns_campaign SET plays_in_all = 1, version = 2 WHERE status = 'live'",
    "plays.keys": """
        UPDATE campaigns_play SET fingerprint = ''
        WHERE id = (SELECT min(id::text)::uuid FROM campaigns_play)
    """,
    "plays.answers": """
        UPDATE campaigns_play SET answer = jsonb_set(answer, '{reward,code}', '"BREW-7Q2K"')
        WHERE id = (SELECT min(id::text)::uuid FROM campaigns_play WHERE reward_id IS NOT NULL)
    """,
    "draws.committed": """
        UPDATE rewards_rewardtable SET commitment = repeat('0', 64) WHERE frozen_at IS NOT NULL
    """,
    "draws.proved": """
        UPDATE campaigns_play SET ticket = (ticket + 1) % 1000
        WHERE id = (SELECT min(id::text)::uuid FROM campaigns_play)
    """,
    "tables.digest": """
        UPDATE rewards_variant SET weight = weight + 1 WHERE name = 'No prize'
    """,
    "tables.in_use": "UPDATE rewards_rewardtable SET retired_at = frozen_at WHERE retired_at IS NOT NULL",
    "tables.launched": "UPDATE rewards_variant SET is_fallback = false",
    "webhooks.told": """
        DELETE FROM webhooks_outboxmessage WHERE id = (SELECT min(id) FROM webhooks_outboxmessage)
    """,
    "webhooks.subscribed": """
        DELETE FROM webhooks_delivery WHERE id = (SELECT min(id::text)::uuid FROM webhooks_delivery)
    """,
    "webhooks.states": """
        UPDATE webhooks_delivery SET state = 'sent'
        WHERE id = (SELECT min(id::text)::uuid FROM webhooks_delivery)
    """,
    "webhooks.on_time": """
        UPDATE webhooks_delivery SET state = 'pending', delivered_at = NULL
        WHERE id = (SELECT min(id::text)::uuid FROM webhooks_delivery)
    """,
    "webhooks.attempts": """
        UPDATE webhooks_attempt SET status = 500 WHERE id = (SELECT min(id) FROM webhooks_attempt)
    """,
    "events.judged": """
        INSERT INTO users_event (environment_id, received_at, source, verdict, reason, field, warnings,
            properties, request_id)
        SELECT id, now(), 'server', 'rejected', '', '', '[]', '{}', '' FROM workspaces_environment
    """,
    "events.once": EVENT.format(verdict="accepted", age="1 min"),
    "events.queued": """
        WITH event AS (
            INSERT INTO users_event (environment_id, user_id, client_id, event_id, received_at, source,
                verdict, reason, field, warnings, properties, request_id)
            SELECT environment_id, id, user_id, 'x', now(), 'server', 'duplicate', '', '', '[]', '{}', ''
            FROM users_enduser LIMIT 1
            RETURNING id, received_at, environment_id, user_id
        )
        INSERT INTO users_pendingevent (shard, event_id, received_at, environment_id)
        SELECT user_id % 16, id, received_at, environment_id FROM event
    """,
    "events.on_time": """
        INSERT INTO users_pendingevent (shard, event_id, received_at, environment_id)
        SELECT 0, 1, now() - interval '11 min', id FROM workspaces_environment WHERE kind = 'test'
    """,
    "events.parked": """
        INSERT INTO users_parkedevent (environment_id, event_id, received_at, subscriber, error, attempts,
            parked_at)
        SELECT id, 1, now(), 'tally', 'broken', 1, now() FROM workspaces_environment
        WHERE kind = 'test'
    """,
    "events.counted": EVENT.format(verdict="accepted", age="1 min"),
    "segments.behaviour": """
        WITH kept AS (
            INSERT INTO users_keptbehaviour (environment_id, digest, condition, ready_at)
            SELECT id, repeat('0', 64),
                '{"event": "nothing", "where": [], "operator": "at_least", "value": 1}', now()
            FROM workspaces_environment RETURNING id, environment_id
        )
        INSERT INTO users_behaviourstate (environment_id, user_id, behaviour_id, differs)
        SELECT environment_id, (SELECT min(u.id) FROM users_enduser u
            WHERE u.environment_id = kept.environment_id AND u.merged_into_id IS NULL), id, true
        FROM kept WHERE EXISTS (SELECT FROM users_enduser u WHERE u.environment_id = kept.environment_id)
    """,
    "segments.kept": """
        INSERT INTO users_segment (id, environment_id, name, description, kind, rule, notify, kept,
            kept_digest, kept_since, fault, version, is_demo, created_at, updated_at)
        SELECT gen_random_uuid(), id, 'All', '', 'rules', '{"all": []}', true, true, '',
            now(), '', 1, false, now(), now()
        FROM workspaces_environment
    """,
    "segments.members": """
        INSERT INTO users_segmentmember (environment_id, user_id, segment_id, source, entered_at)
        SELECT environment_id, (SELECT min(id) FROM users_enduser WHERE user_id IS NULL), id, 'hand', now()
        FROM users_segment WHERE kind = 'static';
        UPDATE users_enduser SET merged_at = now(), merged_into_id =
            (SELECT min(id) FROM users_enduser WHERE user_id IS NOT NULL) WHERE user_id IS NULL
    """,
    "segments.ways_in": "UPDATE users_segmentmember SET source = 'rule'",
    "segments.imports": """
        INSERT INTO users_segmentimportrow (environment_id, segment_import_id, user_id, removed, source)
        SELECT gen_random_uuid(), gen_random_uuid(), min(id), false, '' FROM users_enduser
    """,
    "segments.sizes": "UPDATE users_segmentsize SET size = -1",
    "segments.rules": """
        UPDATE users_segment SET rule = jsonb_build_object('segment', id::text) WHERE kind = 'rules'
    """,
    "erasures.people": """
        UPDATE users_enduser SET erased_at = now() WHERE id = (SELECT min(id) FROM users_enduser)
    """,
    "erasures.traces": """
        UPDATE users_enduser SET erased_at = now() - interval '1 h'
        WHERE id = (SELECT min(user_id) FROM campaigns_play)
    """,
    "tenancy.links": """
        UPDATE rewards_reward SET environment_id = gen_random_uuid()
        WHERE id = (SELECT min(id::text)::uuid FROM rewards_reward)
    """,
    "tenancy.constraints": "ALTER TABLE campaigns_play DROP CONSTRAINT campaigns_play_variant_id_tenant",
    "guards.constraints": "ALTER TABLE rewards_couponclaim DROP CONSTRAINT one_claim_a_number",
    "guards.triggers": "ALTER TABLE rewards_ledgerentry DISABLE TRIGGER rewards_ledgerentry_append_only",
}
GIVEN = """
    UPDATE campaigns_play p SET variant_id = v.id FROM rewards_variant w, rewards_variant v
    WHERE w.id = p.variant_id AND v.table_id = w.table_id AND {drawn} AND {given}
"""
# the same promise broken in another way
ALSO_PLANTED = [
    (
        "people.aliases",
        "UPDATE users_enduser SET merged_into_id = (SELECT min(id) FROM users_enduser WHERE user_id IS NULL),"
        " merged_at = now() WHERE id = (SELECT max(id) FROM users_enduser WHERE user_id IS NULL)",
    ),
    (
        "people.folded",
        "UPDATE users_enduser SET merged_at = now(), merged_into_id ="
        " (SELECT min(id) FROM users_enduser WHERE user_id IS NOT NULL) WHERE user_id IS NULL",
    ),
    (
        "people.referrals",
        "WITH two AS (SELECT id, user_id FROM users_enduser WHERE user_id IS NOT NULL ORDER BY id LIMIT 2)"
        " UPDATE users_enduser u SET referred_by = two.user_id FROM two"
        " WHERE u.id IN (SELECT id FROM two) AND u.id <> two.id",
    ),
    ("coupons.won", "UPDATE rewards_reward SET pool_id = NULL WHERE pool_id IS NOT NULL"),
    ("ledger.awards", "DELETE FROM rewards_ledgerentry WHERE kind = 'award'"),
    ("ledger.changes", "DELETE FROM rewards_ledgerentry WHERE kind = 'redeem'"),
    ("plays.paid", "DELETE FROM rewards_reward WHERE state = 'won'"),
    ("plays.paid", "DELETE FROM campaigns_play WHERE reward_id IS NOT NULL AND attempt = 1"),
    ("plays.counted", "UPDATE campaigns_participation SET plays_on_day = 0 WHERE plays > 0"),
    ("plays.limited", "UPDATE campaigns_campaign SET plays_a_day = 1, version = 2 WHERE status = 'live'"),
    ("draws.proved", GIVEN.format(drawn="w.name <> v.name", given="v.name = 'Free flat white'")),
    ("draws.proved", GIVEN.format(drawn="w.name = '50 points'", given="v.is_fallback")),
    ("draws.proved", "UPDATE users_enduser SET glu_id = gen_random_uuid()"),
    ("webhooks.on_time", "UPDATE webhooks_outboxmessage SET fanned_out_at = NULL"),
    (
        "webhooks.on_time",
        "UPDATE webhooks_delivery SET state = 'leased', lease_until = now() - interval '1 h'",
    ),
    ("webhooks.attempts", "DELETE FROM webhooks_attempt WHERE number = 1"),
    ("events.judged", EVENT.format(verdict="waiting", age="1 min")),
    ("events.on_time", EVENT.format(verdict="waiting", age="25 h")),
    ("guards.constraints", "ALTER TABLE rewards_reward DROP CONSTRAINT one_reward_a_coupon"),
]


@pytest.fixture
def brewline(brewline):
    """The demo is of June: by now the beat would have refused what waits."""
    waiting.sweep(now=timezone.now())
    return brewline


def plant(statement):
    with connection.cursor() as cursor:
        if not statement.startswith("ALTER"):
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert statement.startswith("ALTER") or cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = origin")


def broken(wanted=""):
    return [finding.name for finding in verification.run(wanted) if not finding.holds]


def test_every_invariant_holds_on_the_demo_and_had_something_to_look_at(brewline):
    findings = list(verification.run())

    assert [finding.name for finding in findings if not finding.holds] == []
    idle = {finding.name for finding in findings if not finding.checked}
    # the demo's people have sent no events and brought nobody, and none of them was erased
    idle = {name for name in idle if not name.startswith(("events.", "erasures.", "segments.", "earnings."))}
    assert idle <= {"people.referrals", "stock.counted", "webhooks.on_time"}


def test_every_invariant_has_a_planted_violation():
    assert PLANTED.keys() == {each.name for each in verification.all_invariants()}


@pytest.mark.parametrize(("name", "violation"), [*PLANTED.items(), *ALSO_PLANTED])
def test_a_planted_violation_is_found(brewline, name, violation):
    plant(violation)

    assert broken(name) == [name]


def test_what_ran_out_may_give_the_fallback(brewline):
    plant(GIVEN.format(drawn="w.name = '20% off'", given="v.is_fallback"))

    assert broken("draws.proved") == []


def test_tenancy_asks_about_every_key_that_the_migrations_guard():
    migrations = "".join(
        path.read_text() for path in Path(__file__).resolve().parents[2].glob("**/migrations/0*.py")
    )

    assert len(list(tenancy.links())) == migrations.count("tenant_key(")


def test_the_command_prints_counts_and_succeeds(brewline):
    out = io.StringIO()

    call_command("verify", "coupons", stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[0].startswith("ok     coupons.numbered")
    assert lines[-1].startswith("All 5 invariants hold")


def test_the_command_names_the_rows_and_fails(brewline):
    plant(PLANTED["webhooks.told"])
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"1 of 5 invariants are broken: webhooks\.told"):
        call_command("verify", "webhooks", stdout=out)

    assert "BROKEN webhooks.told" in out.getvalue()
    assert "1 violations" in out.getvalue()


def test_a_name_that_is_none_is_refused(db):
    with pytest.raises(CommandError, match="No invariant is called cupons"):
        call_command("verify", "cupons", stdout=io.StringIO())
