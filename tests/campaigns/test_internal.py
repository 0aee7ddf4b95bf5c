"""What campaigns tell of themselves: once, in the person's own stream, and by nobody else."""

import pytest
from django.utils import timezone

from campaigns import engine
from campaigns.models import Participation, Play
from campaigns.types import get_type
from glu_admin import config
from rewards.models import Reward
from rewards.tables import OutcomeDraft
from tests.campaigns.programs import NOTHING, did, program, send, step, work
from tests.factories import EndUserFactory, identity_of, launched_campaign
from users.events.models import Event
from users.models import Segment
from users.registration import register
from users.registration_form import parse
from users.segments import checks, members

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment(transactional_db, test_env):
    return test_env


@pytest.fixture
def person(environment):
    return EndUserFactory(environment=environment, user_id="u_1", user_name="Asha")


def says(environment, user, **more):
    register(config.get(environment.id), parse({"userId": user, **more}), now=timezone.now())


def told(name):
    return list(Event.objects.filter(name=name).order_by("id").values_list("client_id", "properties"))


def game_step(campaign):
    return step(kind="game", campaign=str(campaign.id))


def play(person, campaign, key="k"):
    return engine.act(identity_of(person), str(campaign.id), key=key, body={}, now=timezone.now())


def test_names_that_begin_with_glu_are_refused_from_outside(environment, person):
    verdict = send(environment, person, "glu.campaign_completed")[0]

    assert (verdict.verdict, verdict.reason, verdict.field) == ("rejected", "reserved_name", "event_name")
    assert "glu." in verdict.message


def test_a_game_that_is_completed_moves_on_a_program_that_waits_for_it(environment, person):
    wheel = launched_campaign(environment, weights=(0, 1, 0, 0), plays_in_all=1)
    campaign = program(environment, game_step(wheel))

    play(person, wheel)
    play(person, wheel)
    work()

    assert Participation.objects.get(campaign=campaign).status == "completed"
    about = {"campaign": str(wheel.id), "tag": "", "status": "completed"}
    theirs = {"campaign": str(campaign.id), "tag": "", "status": "completed"}
    assert told("glu.campaign_completed") == [("u_1", about), ("u_1", theirs)]


def test_a_program_that_is_completed_is_told_as_well(environment, person):
    first = program(environment, step("order"))
    second = program(environment, game_step(first))

    did(environment, person, "order")
    did(environment, person, "order")

    assert Participation.objects.get(campaign=second).status == "completed"
    assert [about["campaign"] for _, about in told("glu.campaign_completed")] == [
        str(first.id),
        str(second.id),
    ]


def test_nothing_is_told_that_no_live_campaign_waits_for(environment, person):
    wheel = launched_campaign(environment, weights=(0, 1, 0, 0), plays_in_all=1)

    play(person, wheel)
    says(environment, "u_2", referredBy="u_1")
    work()

    assert not Event.objects.filter(name__startswith="glu.").exists()


def test_whoever_is_invited_and_whoever_invited_are_both_rewarded(environment, person):
    both = (
        OutcomeDraft(name="Thanks", weight=1, reward_type="points", amount=20, occasion="referrer"),
        OutcomeDraft(name="Welcome", weight=1, reward_type="points", amount=10, occasion="referred"),
        NOTHING,
    )
    settings = get_type("referral").defaults() | {
        "qualifies": "event", "trigger": {"event": "order", "where": []}, "count": 1, "tiers": [],
    }  # fmt: skip
    program(environment, type="referral", config=settings, outcomes=both)

    says(environment, "u_2", referredBy="u_1", userName="Ravi")
    work()
    did(environment, "u_2", "order")
    did(environment, "u_2", "order")

    assert told("glu.registered") == [("u_2", {"referredBy": "u_1", "referrerName": "Asha"})]
    won = dict(Reward.objects.values_list("user__user_id", "variant__name"))
    assert won == {"u_1": "Thanks", "u_2": "Welcome"}
    details = Reward.objects.get(user__user_id="u_2").details
    assert (details["userAId"], details["userBId"]) == ("u_1", "u_2")


def test_a_referrer_is_told_of_once_whatever_is_registered_again(environment, person):
    program(environment, type="referral", **_referral(environment))
    for _ in range(3):
        says(environment, "u_2", referredBy="u_1")

    assert len(told("glu.registered")) == 1


def _referral(environment):
    outcome = OutcomeDraft(name="Thanks", weight=1, reward_type="points", amount=20, occasion="referrer")
    return {"config": get_type("referral").defaults(), "outcomes": (outcome, NOTHING)}


def test_whoever_enters_a_segment_gets_the_reward_that_waits_for_it(environment, person):
    segment = Segment.objects.create(environment=environment, name="VIP", kind="static")
    reward = OutcomeDraft(name="50 points", weight=1, reward_type="points", amount=50)
    settings = get_type("direct").defaults() | {"by": "segment", "segment": str(segment.id)}
    program(environment, type="direct", config=settings, outcomes=(reward, NOTHING))

    members.add(segment, [person.pk], source="hand", why="hand", now=timezone.now())
    work()

    assert [each.variant.name for each in Reward.objects.all()] == ["50 points"]
    assert told("glu.segment_entered") == [("u_1", {"segment": str(segment.id)})]


def test_a_play_and_the_mark_for_segments_are_written_together_or_not_at_all(
    environment, person, monkeypatch
):
    wheel = launched_campaign(environment, weights=(1, 0, 0, 0))
    monkeypatch.setattr(checks, "watched", lambda _: checks.Watched(frozenset(), frozenset({"campaign"})))

    def fails(*_):
        raise OSError("the connection broke here")

    with monkeypatch.context() as broken, pytest.raises(OSError, match="broke here"):
        broken.setattr(checks, "mark_in", fails)
        play(person, wheel)
    assert not Play.objects.exists() and not Reward.objects.exists()

    play(person, wheel)
    assert Play.objects.count() == 1
