"""The quiz: it asks, counts and remembers, and nothing that was answered is lost."""

from dataclasses import replace

import orjson
import pytest

from campaigns.types.base import NotAllowed
from campaigns.types.quiz.rules import TYPE
from tests.factories import MOMENT
from tests.types.quizzes import (
    AT_END,
    CONFIG,
    OUTCOMES,
    PEOPLE,
    TIMED,
    act,
    answered,
    later,
    named,
    view,
    whole,
)


def test_it_begins_with_a_press_and_asks_one_question_at_a_time():
    assert view({})["phase"] == "start" and TYPE.button(CONFIG, {}, MOMENT) == "Start"

    state, step = act({})

    seen = view(state)
    assert not step.ends and seen["question"]["text"] == "Question 1?"
    assert "Question 2?" not in str(seen)
    assert TYPE.headline(CONFIG, state, MOMENT).values == {"number": 1, "count": 3}


def test_an_answer_is_told_with_its_explanation_and_only_then_is_the_next_one_asked():
    state, _ = act({})

    told, step = answered(state, "Venus")

    seen = view(told)
    assert not step.ends
    assert (seen["phase"], seen["verdict"], seen["explanation"]) == ("told", "wrong", "It is full of rust.")
    assert {each["text"]: each["right"] for each in seen["question"]["answers"]}["Mars"]
    asked, _ = act(told)
    assert view(asked)["question"]["text"] == "Question 2?"


@pytest.mark.parametrize(
    ("answers", "score", "percent", "passed"),
    [
        ((["Mars"], ["True"], ["Green", "Violet"]), 4, 100, True),
        ((["Venus"], ["True"], ["Green", "Violet"]), 3, 75, True),
        ((["Mars"], ["True"], ["Green"]), 3, 75, True),
        ((["Mars"], ["True"], ["Green", "Pink"]), 2, 50, False),
        ((["Mars"], ["False"], ["Pink", "Brown", "Green"]), 1, 25, False),
    ],
)
def test_points_add_up_to_a_score_and_the_pass_mark_decides(answers, score, percent, passed):
    step = whole(CONFIG, *answers)
    shown = TYPE.reveal(CONFIG, OUTCOMES, None, step.state)

    assert step.ends and step.completed
    assert (shown["score"], shown["percent"], shown["passed"]) == (score, percent, passed)
    assert step.draws == (("",) if passed else ())


def test_without_shares_several_right_answers_count_only_together():
    step = whole(CONFIG | {"partial": False}, ["Mars"], ["True"], ["Green"])

    assert step.state["score"] == 2


def test_each_band_of_scores_has_a_reward_of_its_own():
    config = CONFIG | {"bands": [100, 75], "pass_mark": 50}
    right, most, half = ["Green", "Violet"], ["Green"], ["Green", "Pink"]

    drawn = [whole(config, ["Mars"], ["True"], last).draws for last in (right, most, half)]

    assert drawn == [("band-100",), ("band-75",), ()]
    labels = {each.key: each.label for each in TYPE.occasions(config)}
    assert labels == {"band-100": "Score of 100%", "band-75": "Score of 75% to 99%"}


def test_a_personality_is_the_result_with_most_points():
    assert whole(PEOPLE, ["Bark"], ["Bark"]).draws == ("result-dog",)
    step = whole(PEOPLE, ["Purr"], ["Bark"])

    assert step.draws == ("result-cat",)
    assert TYPE.reveal(PEOPLE, OUTCOMES, None, step.state)["result"] == {
        "name": "Cat", "text": "You sleep a lot.",
    }  # fmt: skip
    assert [each.key for each in TYPE.occasions(PEOPLE)] == ["result-cat", "result-dog"]


def test_of_two_results_with_as_many_points_the_first_is_it():
    even = orjson.loads(orjson.dumps(PEOPLE).replace(b'"cat":2', b'"cat":1'))

    assert whole(even, ["Bark"], ["Purr"]).draws == ("result-cat",)


def test_a_poll_asks_at_once_and_a_survey_rewards_whoever_answers():
    poll = CONFIG | {"mode": "poll", "questions": CONFIG["questions"][:1]}
    survey = CONFIG | {"mode": "survey"}

    assert view({}, poll)["phase"] == "ask" and TYPE.button(poll, {}, MOMENT) == "Vote"
    assert whole(poll, ["Venus"]).draws == ("",)
    step = whole(survey, ["Venus"], ["False"], ["Pink"])
    said = TYPE.reveal(survey, OUTCOMES, None, step.state)
    assert step.draws == ("",) and said["percent"] is None and said["review"] == []
    assert said["answers"][2] == {"question": "Question 3?", "chosen": ["Pink"]}


def test_one_may_go_back_where_nothing_was_told_and_change_an_answer():
    state, _ = act({}, AT_END)
    state, _ = answered(state, "Venus", config=AT_END)
    assert view(state, AT_END)["mayGoBack"]

    back, _ = act(state, AT_END, do="back")
    seen = view(back, AT_END)
    assert [each["text"] for each in seen["question"]["answers"] if each["chosen"]] == ["Venus"]
    state, _ = answered(back, "Mars", config=AT_END)

    assert view(state, AT_END)["question"]["text"] == "Question 2?"
    for texts in (["True"], ["Green", "Violet"]):
        state, step = answered(state, *texts, config=AT_END)
    assert step.state["percent"] == 100


@pytest.mark.parametrize("config", [CONFIG, AT_END | {"seconds": 30}])
def test_nobody_goes_back_where_it_was_told_or_where_time_is_counted(config):
    state, _ = act({}, config)
    state, _ = answered(state, "Venus", config=config)
    if view(state, config)["phase"] == "told":
        state, _ = act(state, config)

    assert not view(state, config)["mayGoBack"]
    with pytest.raises(NotAllowed):
        act(state, config, do="back")


def test_the_time_of_a_question_runs_from_when_it_is_first_shown():
    state, _ = act({}, TIMED)
    assert view(state, TIMED, later(10))["secondsLeft"] == 20

    told, _ = answered(state, "Mars", config=TIMED, moment=later(31))
    assert view(told, TIMED)["verdict"] == "right", "a second on the road is nobody's fault"
    asked, _ = act(told, TIMED, later(500))

    assert view(asked, TIMED, later(500))["secondsLeft"] == 30


def test_an_answer_after_the_time_counts_as_wrong_and_that_is_said():
    state, _ = act({}, TIMED)
    assert view(state, TIMED, later(33))["isLate"]

    told, _ = answered(state, "Mars", config=TIMED, moment=later(33))
    quiet, _ = answered(act({}, AT_END | {"seconds": 30})[0], "Mars", config=AT_END | {"seconds": 30},
                        moment=later(33))  # fmt: skip

    assert view(told, TIMED)["verdict"] == "late"
    assert view(quiet, AT_END | {"seconds": 30})["wasLate"]


def test_whoever_let_the_time_pass_goes_on_without_an_answer():
    state, _ = act({}, TIMED)

    told, _ = act(state, TIMED, later(40))

    assert view(told, TIMED)["verdict"] == "late"


def test_more_time_is_there_as_often_as_it_is_asked_for_but_not_afterwards():
    state, _ = act({}, TIMED)
    for _ in range(12):
        state, step = act(state, TIMED, later(20), do="more")
        assert not step.ends

    assert view(state, TIMED, later(20))["secondsLeft"] == 30 * 13 - 20
    with pytest.raises(NotAllowed):
        act(state, TIMED, later(400), do="more")


def test_without_a_choice_the_question_stays_and_says_so():
    state, _ = act({})

    nudged, step = act(state)

    assert not step.ends and view(nudged)["isNudged"]
    assert view(nudged)["move"] == view(state)["move"]
    assert not view(answered(nudged, "Mars")[0])["isNudged"]


@pytest.mark.parametrize(
    "action",
    [
        {}, {"move": 2}, {"move": -1}, {"move": True}, {"move": "x"}, {"move": 1, "answer": "a0"},
        {"move": 1, "answer": ["a0"]}, {"move": 1, "answer": {"a": 1}}, {"move": 1, "answer": [["a0"]]},
        {"move": 1, "answer": 7}, {"move": 1, "do": "win"}, {"move": 1, "do": "more"},
        {"move": 1, "score": 100}, {"move": 1, "do": "back"},
    ],
)  # fmt: skip
def test_a_move_that_makes_no_sense_is_refused(action):
    state, _ = act({})

    with pytest.raises(NotAllowed):
        TYPE.act(CONFIG, state, action, MOMENT)


def test_two_answers_to_a_question_that_has_one_are_refused():
    state, _ = act({})

    with pytest.raises(NotAllowed, match="one answer"):
        answered(state, "Mars", "Venus")


def test_an_answer_of_another_attempt_is_refused():
    state, _ = act({})
    names = named(state, "Mars", moment=replace(MOMENT, seed=b"another"))

    with pytest.raises(NotAllowed, match="nothing is lost"):
        act(state, answer=names)


def test_a_move_that_was_made_already_changes_nothing():
    told, _ = answered(act({})[0], "Venus")

    step = TYPE.act(CONFIG, told, {"move": "1", "answer": named(told, "Mars")}, MOMENT)

    assert (step.state, step.ends, step.draws) == (told, False, ())


def test_what_is_told_can_t_be_answered_again():
    told, _ = answered(act({})[0], "Venus")

    with pytest.raises(NotAllowed):
        answered(told, "Mars")


def test_questions_and_answers_are_shuffled_for_each_attempt_and_stay_so_within_it():
    config = AT_END | {"shuffle_questions": True}
    first, orders = set(), set()
    for number in range(60):
        moment = replace(MOMENT, seed=str(number).encode())
        state, _ = act({}, config, moment)
        seen = view(state, config, moment)
        assert seen == view(state, config, moment)
        first.add(seen["question"]["text"])
        orders.add(tuple(each["text"] for each in seen["question"]["answers"]))

    assert len(first) == 3
    assert len(orders) > 6
    assert ("False", "True") not in orders, "true comes before false"


def test_after_the_end_the_next_attempt_begins_anew():
    over = whole(CONFIG, ["Mars"], ["True"], ["Green"]).state

    assert view(over)["phase"] == "start"
    assert TYPE.headline(CONFIG, over, MOMENT) is None
    state, _ = act(over)
    assert view(state)["number"] == 1 and not state["answers"]


def test_a_question_that_was_taken_out_meanwhile_is_passed_over():
    state, _ = act({}, AT_END)
    shorter = AT_END | {"questions": AT_END["questions"][1:]}

    assert view(state, shorter)["question"]["text"] == "Question 2?"
    state, _ = answered(state, "True", config=shorter)
    state, step = answered(state, "Green", "Violet", config=shorter)

    assert step.ends and step.state["percent"] == 100


def test_where_all_that_is_left_was_taken_out_the_result_is_a_press_away():
    state, _ = act({}, AT_END)
    state, _ = answered(state, "Mars", config=AT_END)
    only_one = AT_END | {"questions": AT_END["questions"][:1]}

    assert view(state, only_one)["phase"] == "end"
    _, step = act(state, only_one)
    assert step.ends and step.state["percent"] == 100
