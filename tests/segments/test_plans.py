"""The statements of counting go by the indexes that PLANS.md shows, and hold nothing unforeseen."""

import re
import uuid

import pytest
from django.db import connection

from glu_admin import config as configs
from tests.segments.shapes import FILE, plan, shapes
from users.models import Event

PEOPLE = """
INSERT INTO users_enduser (environment_id, glu_id, user_id, referral_code, device, profile, identities,
    attributes, token_version, is_test, is_demo, registered_at, updated_at, last_seen_at)
SELECT %s, gen_random_uuid(), 'u_' || n, 'C-' || n, '{}', '{}', '{}', '{"tier": "gold"}', 1, false, false,
    now(), now(), now() FROM generate_series(1, 3000) n
"""
EVENTS = """
INSERT INTO users_event (environment_id, user_id, client_id, event_id, name, happened_at, received_at,
    source, verdict, reason, field, warnings, properties, request_id)
SELECT environment_id, id, user_id, user_id || n, 'purchase', now(), now(), 'api', 'accepted', '', '', '[]',
    '{"amount": 3}', '' FROM users_enduser, generate_series(1, 3) n WHERE environment_id = %s
"""

NAMES = [
    "Count a rule among few", "Count a behaviour", "Count among a sample", "Read a column",
    "Read a column of some", "Read events", "Read late events", "Find who changed",
    "Find members of a list", "Read facts of those who changed",
]  # fmt: skip


@pytest.fixture
def crowd(test_env):
    """Enough people and events that indexes are worth their while."""
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [test_env.id])
        cursor.execute(EVENTS, [test_env.id])
        cursor.execute("ANALYZE users_enduser, users_event, users_userchange, users_segmentmember")
        # tables so small are read whole unless that is forbidden
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("SELECT id FROM users_enduser WHERE environment_id = %s LIMIT 10", [test_env.id])
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("name", NAMES)
def test_each_statement_finds_its_way(test_env, crowd, name):
    newest = Event.objects.order_by("-id").values_list("id", flat=True).first()
    run, needed = shapes(configs.get(test_env.id), uuid.uuid4(), crowd, newest - 5)[name]

    told = plan(run)

    for each in needed:
        assert re.search(f"using \\S*({each})", told), told
    assert not needed or "Seq Scan on users_enduser u" not in told


def test_the_file_shows_the_plans_of_all_of_them(test_env):
    told = FILE.read_text(encoding="utf-8")

    assert re.findall("^## (.*)$", told, re.M) == NAMES
    assert list(shapes(configs.get(test_env.id), uuid.uuid4(), [1])) == NAMES
    assert "1,000,000 people" in told
