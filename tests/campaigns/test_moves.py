"""Moves within a play: a state a move, no play until the last one, and nothing lost or done twice."""

import orjson
import pytest
from django.db import connection, transaction
from django.utils import timezone

from campaigns import engine
from campaigns.models import Participation, Play
from campaigns.types import all_types
from campaigns.types.base import ANY, CampaignType, Headline, NotAllowed, Step, Way
from glu_admin.api.errors import ApiError
from rewards.models import Reward
from tests.campaigns.racing import sessions
from tests.factories import EndUserFactory, identity_of, launched_campaign


class Knocking(CampaignType):
    """Knock three times and the door opens; the smallest game that has moves."""

    slug = "spinthewheel"  # stands in for the wheel's page, which the engine never draws
    label, page, verb = "Knocking", "reward", "Knock"
    is_redrawn = True

    def check(self, config, outcomes):
        pass

    def defaults(self):
        return {"title": "Knock"}

    def start(self, config):
        return {"knocks": 0}

    def act(self, config, state, action, moment):
        made, number = state.get("knocks", 0) % 3, int(action.get("move", 0))
        if number < made:
            return Step(state, ends=False)
        if number > made:
            raise NotAllowed("One knock after the other.")
        done = made == 2
        return Step({"knocks": made + 1}, draws=(ANY,) if done else (), ends=done, completed=done)

    def way(self, config, state, moment):
        return Way(state["knocks"], 3)

    def headline(self, config, state, moment):
        knocks = state["knocks"] % 3
        return Headline(f"{knocks} of 3 knocks") if knocks else None

    def view(self, config, state, outcomes, moment):
        return {"knocks": state["knocks"] % 3, "seed": moment.seed.hex()}

    def reveal(self, config, outcomes, drawn, state):
        return {"door": "open"}


@pytest.fixture(autouse=True)
def knocking(monkeypatch):
    monkeypatch.setitem(all_types(), "spinthewheel", Knocking())


@pytest.fixture
def environment(transactional_db, test_env):
    return test_env


@pytest.fixture
def person(environment):
    return EndUserFactory(environment=environment, user_id="u_1")


@pytest.fixture
def door(environment):
    """Every third knock wins; one play a person."""
    return launched_campaign(environment, weights=(1, 0, 0, 0), plays_in_all=1)


def knock(person, door, number, key=""):
    body = {"action": {"move": number}}
    return engine.act(
        identity_of(person), str(door.id), key=key or f"k-{number}", body=body, now=timezone.now()
    )


def stored(person):
    row = Participation.objects.get(user=person)
    return row.status, row.plays, row.state["knocks"]


def test_a_move_writes_the_state_and_is_no_play(person, door):
    answer = knock(person, door, 0)

    assert stored(person) == ("in-progress", 0, 1)
    assert not Play.objects.exists()
    assert "playId" not in answer
    assert (answer["status"], answer["game"]["knocks"], answer["playsLeft"]) == ("in-progress", 1, 1)
    assert (answer["stepsCompleted"], answer["totalSteps"]) == (1, 3)


def test_the_last_move_is_the_play(person, door):
    named = {knock(person, door, number)["rewardUserId"] for number in (0, 1)}
    answer = knock(person, door, 2)

    assert answer["won"] and answer["reveal"] == {"door": "open"}
    assert named == {answer["rewardUserId"]}, "the moves belong to the attempt that they lead to"
    assert stored(person) == ("completed", 1, 3)
    assert Play.objects.count() == Reward.objects.count() == 1


def test_the_seed_is_the_same_at_every_move_of_an_attempt_and_another_in_the_next(environment, person):
    door = launched_campaign(environment, weights=(1, 0, 0, 0))
    first = [knock(person, door, number)["game"]["seed"] for number in (0, 1)]
    knock(person, door, 2)
    second = knock(person, door, 0, "k-again")["game"]["seed"]

    assert first[0] == first[1] != second


def test_a_move_that_was_made_already_changes_nothing(person, door):
    knock(person, door, 0)
    knock(person, door, 1)
    before = Participation.objects.values().get()

    answer = knock(person, door, 0, "another tab")

    assert answer["game"]["knocks"] == 2
    assert Participation.objects.values().get() == before


def test_a_move_out_of_order_is_refused_and_writes_nothing(person, door):
    with pytest.raises(ApiError) as refused:
        knock(person, door, 2)

    assert refused.value.code == "not_allowed"
    assert not Participation.objects.exists()


def test_no_move_is_made_where_no_play_is_left(person, door):
    for number in range(3):
        knock(person, door, number)

    with pytest.raises(ApiError) as refused:
        knock(person, door, 0, "once more")

    assert refused.value.code == "no_plays_left"


def test_the_same_move_from_many_tabs_at_once_is_made_once(person, door):
    knock(person, door, 0)
    with sessions(6) as tabs:
        answers = [tab.run(knock, person, door, 1, f"tab {n}") for n, tab in enumerate(tabs)]
        seen = {answer.result(20)["game"]["knocks"] for answer in answers}

    assert seen == {2}
    assert stored(person) == ("in-progress", 0, 2)


def test_the_last_move_from_many_tabs_at_once_is_one_play(person, door):
    knock(person, door, 0)
    knock(person, door, 1)

    def last(key):
        try:
            return knock(person, door, 2, key)["won"]
        except ApiError as refusal:
            return refusal.code

    with sessions(6) as tabs:
        ends = [tab.run(last, f"tab {n}") for n, tab in enumerate(tabs)]
        seen = sorted(str(end.result(20)) for end in ends)

    assert seen == ["True"] + ["no_plays_left"] * 5
    assert Play.objects.count() == Reward.objects.count() == 1


def test_a_move_in_a_campaign_that_is_paused_at_that_moment_is_refused(person, door):
    knock(person, door, 0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE campaigns_campaign SET status = 'paused' WHERE id = %s", [door.id])

    with pytest.raises(ApiError) as refused:
        knock(person, door, 1)

    assert refused.value.code == "campaign_paused"
    assert stored(person) == ("in-progress", 0, 1)


def test_a_move_within_a_callers_transaction_is_undone_with_it(person, door):
    knock(person, door, 0)

    with pytest.raises(orjson.JSONDecodeError), transaction.atomic():
        knock(person, door, 1)
        orjson.loads(b"{")

    assert stored(person) == ("in-progress", 0, 1)
