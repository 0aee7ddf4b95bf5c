"""Nobody learns from a quiz what is right before the marketer lets it be told."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.types.base import NotAllowed
from campaigns.types.quiz.rules import TYPE
from tests.factories import MOMENT
from tests.types.quizzes import CONFIG, OUTCOMES, PEOPLE, view, whole

TOLD_LATER = {"right", "verdict", "explanation"}


def without_truth(config):
    """The same questions with other right answers, explanations, points and results."""
    other = orjson.loads(orjson.dumps(config))
    for each in other["questions"]:
        each |= {"explanation": "Something else", "points": 9}
        for answer in each["answers"]:
            answer["right"] = not answer.get("right")
            answer["results"] = {"dog": 5}
    return other


@given(
    tell=st.sampled_from(["each", "end", "never"]),
    mode=st.sampled_from(["quiz", "personality", "survey"]),
    seconds=st.sampled_from([0, 30]),
    choices=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 40), st.sampled_from(["", "back", "more"]))),
)
@settings(max_examples=300, deadline=None)
def test_what_is_shown_does_not_depend_on_what_is_right_until_that_is_told(tell, mode, seconds, choices):
    known = CONFIG | {"tell": tell, "mode": mode, "seconds": seconds, "results": PEOPLE["results"]}
    configs = (known, without_truth(known))
    states, moment = [{}, {}], MOMENT
    for pick, wait, do in [(0, 0, ""), *choices]:
        moment = replace(moment, now=moment.now + timedelta(seconds=wait))
        seen = view(states[0], configs[0], moment)
        action = {"move": seen["move"], "do": do}
        if seen["phase"] == "ask" and not do:
            listed = seen["question"]["answers"]
            action["answer"] = [listed[pick % len(listed)]["id"]]
        steps = []
        for number, config in enumerate(configs):
            try:
                step = TYPE.act(config, states[number], action, moment)
            except NotAllowed as refusal:
                steps.append(str(refusal))
                continue
            states[number] = orjson.loads(orjson.dumps(step.state))
            steps.append(step.ends)
        assert steps[0] == steps[1]
        if steps[0] is True:
            return
        shown = [
            (view(state, config, moment), TYPE.button(config, state, moment),
             TYPE.headline(config, state, moment), TYPE.way(config, state, moment),
             TYPE.reveal(config, OUTCOMES, None, state))
            for state, config in zip(states, configs, strict=True)
        ]  # fmt: skip
        if shown[0][0]["phase"] == "told":
            assert tell == "each" and mode == "quiz"
        else:
            assert shown[0] == shown[1]
            assert not TOLD_LATER & _keys(shown[0][0])


def _keys(value):
    match value:
        case dict():
            return {*value, *(key for each in value.values() for key in _keys(each))}
        case list():
            return {key for each in value for key in _keys(each)}
    return set()


@pytest.mark.parametrize("tell", ["each", "end", "never"])
def test_at_the_end_only_who_may_know_is_told_what_was_right(tell):
    config = CONFIG | {"tell": tell}
    shown = TYPE.reveal(config, OUTCOMES, None, whole(config, ["Venus"], ["True"], ["Pink"]).state)

    assert bool(shown["review"]) == (tell == "end")
    assert ("Mars" in str(shown)) == (tell == "end")
    if tell == "end":
        assert shown["review"][0] == {
            "question": "Question 1?", "chosen": ["Venus"], "right": ["Mars"], "verdict": "wrong",
            "explanation": "It is full of rust.",
        }  # fmt: skip
