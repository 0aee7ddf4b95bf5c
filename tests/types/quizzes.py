"""Quizzes to test with, and somebody who takes them."""

from dataclasses import replace
from datetime import timedelta

import orjson

from campaigns.types.base import Outcome
from campaigns.types.quiz.rules import TYPE
from tests.factories import MOMENT

OUTCOMES = [Outcome("id-0", "20% off", 0, is_prize=True), Outcome("id-1", "Nothing", 1, is_prize=False)]


def question(number, *answers, kind="single", **more):
    """A star is before what is right."""
    listed = [
        {"id": f"a{place}", "text": each.lstrip("*"), "right": each.startswith("*")}
        for place, each in enumerate(answers)
    ]
    return {"id": f"q{number}", "kind": kind, "text": f"Question {number}?", "answers": listed} | more


CONFIG = TYPE.defaults() | {
    "questions": [
        question(1, "*Mars", "Venus", "Jupiter", explanation="It is full of rust."),
        question(2, "*True", "False", kind="truefalse"),
        question(3, "*Green", "Pink", "*Violet", "Brown", kind="multiple", points=2),
    ]
}
AT_END = CONFIG | {"tell": "end"}
TIMED = CONFIG | {"seconds": 30}
PEOPLE = CONFIG | {
    "mode": "personality",
    "results": [{"id": "cat", "name": "Cat", "text": "You sleep a lot."}, {"id": "dog", "name": "Dog"}],
    "questions": [
        {
            "id": f"q{number}",
            "kind": "single",
            "text": f"Question {number}?",
            "answers": [
                {"id": "a0", "text": "Purr", "results": {"cat": 2}},
                {"id": "a1", "text": "Bark", "results": {"dog": 1}},
            ],
        }
        for number in (1, 2)
    ],
}


def later(seconds):
    return replace(MOMENT, now=MOMENT.now + timedelta(seconds=seconds))


def view(state, config=CONFIG, moment=MOMENT):
    return TYPE.view(config, state, OUTCOMES, moment)


def act(state, config=CONFIG, moment=MOMENT, **action):
    step = TYPE.act(config, state, {"move": view(state, config, moment)["move"], **action}, moment)
    return orjson.loads(orjson.dumps(step.state)), step


def named(state, *texts, config=CONFIG, moment=MOMENT):
    """How the answers with these texts are called in this attempt."""
    answers = view(state, config, moment)["question"]["answers"]
    return [next(each["id"] for each in answers if each["text"] == text) for text in texts]


def answered(state, *texts, config=CONFIG, moment=MOMENT):
    return act(state, config, moment, answer=named(state, *texts, config=config, moment=moment))


def whole(config, *all_texts):
    """The last step of somebody who gives these answers, question by question."""
    state, step = act({}, config) if config["mode"] != "poll" else ({}, None)
    for texts in all_texts:
        state, step = answered(state, *texts, config=config)
        if not step.ends and view(state, config)["phase"] == "told":
            state, step = act(state, config)
    return step
