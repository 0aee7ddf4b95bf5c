"""`manage.py demo`: in once, out without a trace, the same again."""

import io

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from campaigns import engine, publishing, verification
from campaigns.demo import loading, removing
from campaigns.demo.wheels import SPIN
from campaigns.models import Campaign, Play
from glu_admin import config
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment, Workspace
from rewards import coupons
from rewards.models import CouponClaim, CouponPool, Reward
from tests.demo.conftest import NOW, identity_of
from users.models import EndUser

ME = Actor("me")


def run(*words):
    out = io.StringIO()
    call_command("demo", *words, stdout=out)
    return out.getvalue()


def everything():
    """Every row of every table as text, but for the versions that triggers count."""
    rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f"SELECT (to_jsonb(t) - 'version')::text FROM {table} t ORDER BY 1")
            rows[table] = [row[0] for row in cursor.fetchall()]
    return rows


def story():
    """The plays of the month without the keys that the database counts up."""
    return list(
        Play.objects.order_by("played_at", "id").values_list(
            "id", "user__glu_id", "attempt", "ticket", "variant__name", "reward_id", "played_at"
        )
    )


@pytest.fixture
def empty(db, loaded):
    """A database without the demo; the package's own one comes back by itself."""
    removing.remove()


def test_loading_twice_is_refused(brewline):
    with pytest.raises(CommandError, match="loaded already"):
        run("load")


def test_load_if_empty_asks_one_question_where_a_workspace_exists(brewline, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert run("load", "--if-empty") == ""


def test_load_if_empty_loads_into_an_empty_database(empty):
    assert "Loaded 2,000 people" in run("load", "--if-empty")
    assert loading.is_loaded()


def test_removing_leaves_every_other_row_as_it_was(empty):
    keys.create_workspace("Another").environments.get(kind="test")
    before = everything()

    loading.load(NOW)
    during = everything()
    run("remove")

    assert {name for name in before if before[name] != during[name]} >= {"users_enduser", "campaigns_play"}
    assert everything() == before


def test_removing_what_is_not_there_is_no_fault(empty):
    assert run("remove") == "There is no demo brand here.\n"


def test_the_same_time_gives_the_same_story(brewline):
    before = story()
    removing.remove()

    loading.load(NOW)

    assert story() == before


def test_reset_brings_the_story_back(brewline):
    EndUser.objects.filter(user_id="u_mia").update(user_name="Changed")

    assert "Loaded 2,000 people" in run("reset")
    assert EndUser.objects.get(user_id="u_mia").user_name == "Mia K."


def test_what_people_added_beside_the_demo_stays_and_is_right(brewline):
    wheel = Campaign.objects.get(tag=SPIN)
    mine = publishing.duplicate(wheel, ME)
    mine = publishing.launch(mine, ME, now=NOW)
    me = EndUser.objects.create(environment=brewline, user_id="u_me", referral_code="GLU-ME")
    mia = EndUser.objects.get(user_id="u_mia")
    config.forget()
    for number in range(3):
        for person in (me, mia):
            for campaign in (mine, wheel):
                engine.act(identity_of(brewline, person), str(campaign.id), key=f"{number}", body={}, now=NOW)

    run("remove")

    assert set(EndUser.objects.filter(environment=brewline)) == {me}
    assert set(Campaign.objects.filter(environment=brewline)) == {mine}
    assert Play.objects.filter(environment=brewline).count() == 3
    assert {pool.name for pool in CouponPool.objects.filter(environment=brewline)} == {
        "20% off",
        "Free pastry",
    }
    assert Workspace.objects.filter(id=loading.WORKSPACE_ID).exists()
    assert [finding.name for finding in verification.run() if not finding.holds] == []


def test_a_code_that_somebody_saw_is_never_given_again(brewline):
    publishing.launch(publishing.duplicate(Campaign.objects.get(tag=SPIN), ME), ME, now=NOW)
    seen = Reward.objects.filter(environment=brewline).exclude(pool=None).count()
    left = {pool_id: count.left for pool_id, count in coupons.counts(brewline.id, now=NOW).items()}

    run("remove")

    assert CouponClaim.objects.filter(environment=brewline, kind="void").count() == seen
    assert {key: count.left for key, count in coupons.counts(brewline.id, now=NOW).items()} == left


def test_the_live_environment_stays_empty(brewline):
    live = Environment.objects.get(workspace_id=loading.WORKSPACE_ID, kind="live")

    assert not EndUser.objects.filter(environment=live).exists()
    assert not Campaign.objects.filter(environment=live).exists()
