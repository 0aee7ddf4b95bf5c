"""A campaign that rewards several things: each is drawn by its own chances, provably, or refused."""

from dataclasses import replace

import pytest
from django.db import connection
from django.utils import timezone

from campaigns import engine, publishing
from campaigns.models import Play
from campaigns.types import all_types
from campaigns.verification.draws import INVARIANTS
from glu_admin.workspaces.audit import Actor
from tests.campaigns.medals import GOLD, NOTHING, SILVER, TINY, Medals
from tests.factories import EndUserFactory, identity_of, launched_campaign, wheel_draft

pytestmark = pytest.mark.django_db
ACTOR = Actor("a test")


@pytest.fixture(autouse=True)
def medals(monkeypatch):
    monkeypatch.setitem(all_types(), "spinthewheel", Medals())


@pytest.fixture
def campaign(test_env):
    return launched_campaign(test_env, outcomes=(GOLD, SILVER, TINY, NOTHING), plays_a_day=None)


@pytest.fixture
def play(test_env, campaign):
    person = EndUserFactory(environment=test_env, user_id="u_1")

    def played(medal, key):
        body = {"action": {"medal": medal}}
        answer = engine.act(identity_of(person), str(campaign.pk), key=key, body=body, now=timezone.now())
        return answer["outcome"]["name"] if answer["outcome"] else None

    return played


def unproved():
    return {each.name: each.find().violations for each in INVARIANTS}


def test_a_play_draws_among_what_it_earned(play):
    assert play("gold", "k-1") == "100 points"
    assert {play("silver", f"s-{n}") for n in range(20)} == {"20 points", "5 points"}


def test_what_has_run_out_gives_the_tables_fallback_whatever_was_earned(play):
    assert [play("gold", "k-1"), play("gold", "k-2")] == ["100 points", "Not this time"]


def test_an_occasion_without_outcomes_gives_nothing_and_is_a_play(play):
    assert play("bronze", "k-1") is None
    assert [(each.variant_id, each.ticket) for each in Play.objects.all()] == [(None, None)]


def test_each_of_these_draws_can_be_proved(play):
    for n in range(12):
        play(("gold", "silver", "bronze")[n % 3], f"k-{n}")

    assert unproved() == {"draws.committed": 0, "draws.proved": 0}


@pytest.mark.parametrize(
    "given", ["v.occasion = 'gold' AND w.occasion = 'silver'", "v.is_fallback AND w.occasion = 'silver'"]
)
def test_a_draw_of_another_occasion_is_found_out(play, given):
    for n in range(6):
        play("silver", f"k-{n}")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE campaigns_play p SET variant_id = v.id FROM rewards_variant v, rewards_variant w"
            f" WHERE w.id = p.variant_id AND v.table_id = w.table_id AND {given}"
        )

    assert unproved()["draws.proved"]


def told(campaign):
    return next(check for check in publishing.checks(campaign, timezone.now()) if check.name == "Game")


def test_only_what_the_game_rewards_can_have_outcomes(test_env):
    stray = replace(TINY, occasion="wood")
    draft = wheel_draft(test_env, outcomes=(GOLD, SILVER, stray, NOTHING))

    check = told(publishing.create(test_env, draft, ACTOR))

    assert (check.ok, check.message) == (
        False,
        "“5 points” is for something that this game does not reward any more. Choose what it is for.",
    )


def test_only_the_fallback_may_be_for_none_of_what_the_game_rewards(test_env):
    loose = replace(TINY, occasion="")
    fine = publishing.create(test_env, wheel_draft(test_env, outcomes=(GOLD, SILVER, NOTHING)), ACTOR)
    idle = publishing.create(test_env, wheel_draft(test_env, outcomes=(GOLD, loose, NOTHING)), ACTOR)

    assert told(fine).ok
    assert not told(idle).ok


def test_a_copy_rewards_the_same(campaign):
    copy = publishing.duplicate(campaign, ACTOR)

    assert [each.occasion for each in publishing.draft_of(copy).outcomes] == ["gold", "silver", "silver", ""]
