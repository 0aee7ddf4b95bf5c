"""A quiz and a memory game through the engine: one play, one result, whatever happens on the way."""

import orjson
import pytest
from django.utils import timezone

from campaigns import engine
from campaigns.models import Participation, Play
from campaigns.types import get_type
from glu_admin.api.errors import ApiError
from rewards.models import Reward
from rewards.tables import OutcomeDraft
from tests.campaigns.racing import sessions
from tests.factories import EndUserFactory, identity_of, launched_campaign, token_of
from tests.types.quizzes import CONFIG

NOTHING = OutcomeDraft(name="Nothing", weight=0, reward_type="noReward", is_fallback=True)


@pytest.fixture
def environment(transactional_db, test_env):
    return test_env


@pytest.fixture
def person(environment):
    return EndUserFactory(environment=environment, user_id="u_1")


def prize(occasion):
    return OutcomeDraft(name=f"For {occasion}", weight=1, reward_type="freebie", occasion=occasion)


@pytest.fixture
def quiz(environment):
    return launched_campaign(
        environment,
        type="quiz",
        config=CONFIG | {"bands": [100, 60]},
        outcomes=(prize("band-100"), prize("band-60"), NOTHING),
        plays_in_all=1,
    )


def act(person, campaign, key="k", **action):
    return engine.act(
        identity_of(person), str(campaign.id), key=key, body={"action": action}, now=timezone.now()
    )


def answered(person, quiz, seen, *texts):
    names = [each["id"] for each in seen["question"]["answers"] if each["text"] in texts]
    return act(person, quiz, move=seen["move"], answer=names).get("game")


def up_to_the_last_press(person, quiz, *all_texts):
    seen = act(person, quiz, move=0)["game"]
    for number, texts in enumerate(all_texts, 1):
        seen = answered(person, quiz, seen, *texts)
        if number < len(all_texts):
            seen = act(person, quiz, move=seen["move"])["game"]
    return seen["move"]


RIGHT = (["Mars"], ["True"], ["Green", "Violet"])


@pytest.mark.parametrize(
    ("last", "won"), [(["Green", "Violet"], "For band-100"), (["Green"], "For band-60"), (["Pink"], None)]
)
def test_the_reward_is_the_one_for_the_score(person, quiz, last, won):
    answers = (["Mars"], ["True"], last) if won else (["Venus"], ["False"], last)
    move = up_to_the_last_press(person, quiz, *answers)

    data = act(person, quiz, move=move)

    assert data["won"] == bool(won)
    assert (data["reward"] or {}).get("rewardName") == won
    assert data["reveal"]["passed"] == bool(won)
    assert Participation.objects.get().status == "completed"
    assert Play.objects.count() == 1


def test_no_answer_of_the_api_tells_what_is_right_before_it_is_told(person, quiz):
    seen = act(person, quiz, move=0)
    first = orjson.dumps(seen).decode()
    wrong = answered(person, quiz, seen["game"], "Venus")
    second = orjson.dumps(act(person, quiz, move=wrong["move"])).decode()

    for text in (first, second):
        # the id is whole: what only begins with it may be any other id
        assert not [word for word in ('"right', '"explanation', "full of rust", '"a0"') if word in text]
    assert [each["text"] for each in wrong["question"]["answers"] if each["right"]] == ["Mars"]


def test_the_same_end_from_many_tabs_is_one_play_and_one_reward(person, quiz):
    move = up_to_the_last_press(person, quiz, *RIGHT)

    def end(key):
        try:
            return act(person, quiz, key, move=move)["won"]
        except ApiError as refusal:
            return refusal.code

    with sessions(5) as tabs:
        ends = [tab.run(end, f"tab {number}") for number, tab in enumerate(tabs)]
        seen = sorted(str(each.result(30)) for each in ends)

    assert seen == ["True", *["no_plays_left"] * 4]
    assert Play.objects.count() == Reward.objects.count() == 1


def test_many_answers_to_one_question_at_once_are_one_answer(person, quiz):
    seen = act(person, quiz, move=0)["game"]
    names = [each["id"] for each in seen["question"]["answers"]]

    with sessions(6) as tabs:
        sent = [
            tab.run(act, person, quiz, f"tab {n}", move=1, answer=[names[n % 3]])
            for n, tab in enumerate(tabs)
        ]
        told = {orjson.dumps(each.result(30)["game"]) for each in sent}

    assert len(told) == 1, "every tab is shown the one answer that was given"
    assert Participation.objects.get().state["moves"] == 2
    assert Play.objects.count() == 0


def test_a_result_is_told_the_same_for_ever(person, quiz):
    move = up_to_the_last_press(person, quiz, *RIGHT)

    first = act(person, quiz, "the end", move=move)

    assert act(person, quiz, "the end", move=move) == first


def test_memory_rewards_whoever_needs_few_moves(environment, person):
    config = get_type("memorygame").defaults() | {"pairs": 3, "levels": [3], "consoles": True}
    outcomes = (prize("moves-3"), prize("finished"), prize("gave-up"), NOTHING)
    campaign = launched_campaign(environment, type="memorygame", config=config, outcomes=outcomes)
    known, data, move = {}, {}, 0
    for place in (1, 2, 3, 4, 5, 6):
        data = act(person, campaign, f"k{place}", move=move, card=place)
        move += 1
        if "playId" in data:
            break
        known.setdefault(data["game"]["cards"][place - 1]["symbol"], []).append(place)

    assert all(len(places) <= 2 for places in known.values())
    gone = act(person, campaign, "over", move=move, do="give-up") if "playId" not in data else data
    assert gone["reward"]["rewardName"] in {"For gave-up", "For moves-3"}
    assert Play.objects.count() == 1


def test_apps_that_draw_a_quiz_get_the_whole_address_of_our_pictures(environment, person, client):
    ours = f"/pictures/{environment.workspace_id}/{'a' * 64}.webp"
    asked = CONFIG["questions"][0] | {"picture": ours, "alt": "A planet"}
    config = CONFIG | {"questions": [asked], "bands": [100, 60]}
    outcomes = (prize("band-100"), prize("band-60"), NOTHING)
    quiz = launched_campaign(environment, type="quiz", config=config, outcomes=outcomes)

    answer = client.post(
        f"/api/v1/campaigns/{quiz.id}/play",
        {"action": {"move": 0}},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token_of(person)}", "Idempotency-Key": "k"},
    )

    assert answer.json()["data"]["game"]["question"]["picture"] == f"http://testserver{ours}"
