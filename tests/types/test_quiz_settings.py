"""What a marketer may get wrong in a quiz, and where they are told."""

import pytest

from campaigns.types.base import ConfigError
from campaigns.types.quiz.rules import TYPE
from tests.types.quizzes import CONFIG, OUTCOMES, question


def broken(**change):
    return CONFIG | change


def broken_question(**change):
    return CONFIG | {"questions": [CONFIG["questions"][0] | change]}


def broken_answer(**change):
    first = CONFIG["questions"][0]
    return broken_question(answers=[first["answers"][0] | change, *first["answers"][1:]])


@pytest.mark.parametrize(
    ("config", "field"),
    [
        (broken(title=7), "title"),
        (broken(mode="exam"), "mode"),
        (broken(tell=True), "tell"),
        (broken(partial="yes"), "partial"),
        (broken(seconds=4), "seconds"),
        (broken(pass_mark=101), "pass_mark"),
        (broken(bands=[50]), "bands"),
        (broken(bands=[80, 90]), "bands"),
        (broken(bands=["90"]), "bands"),
        (broken(results={}), "results"),
        (broken(mode="personality"), "results"),
        (broken(results=[{"id": "a", "name": ""}]), "results.0.name"),
        (broken(results=[{"id": "A"}]), "results"),
        (broken(questions=[]), "questions"),
        (broken(questions="?"), "questions"),
        (broken(questions=[*CONFIG["questions"], CONFIG["questions"][0]]), "questions"),
        (broken(mode="poll"), "questions"),
        (broken(questions=[question(1, "*a", "b")] * 21), "questions"),
        (broken_question(text=" "), "questions.0.text"),
        (broken_question(kind="essay"), "questions.0.kind"),
        (broken_question(points=0), "questions.0.points"),
        (broken_question(seconds=True), "questions.0.seconds"),
        (broken_question(picture="http://a/b.png"), "questions.0.picture"),
        (broken_question(picture="https://a.example/b.png"), "questions.0.alt"),
        (broken_question(video="javascript:alert(1)"), "questions.0.video"),
        (broken_question(answers=[]), "questions.0.answers"),
        (broken_question(answers=3), "questions.0.answers"),
        (broken_answer(right=False), "questions.0.answers"),
        (broken_answer(text=""), "questions.0.answers.0.text"),
        (broken_answer(id="q 1"), "questions.0.answers"),
        (broken_answer(id="a1"), "questions.0.answers"),
        (broken_answer(results={"cat": 1}), "questions.0.answers.0.results"),
        (broken_answer(results={"cat": 0}), "questions.0.answers.0.results"),
        (broken_answer(right="on"), "questions.0.answers.0.right"),
        (broken_question(kind="picture"), "questions.0.answers.0.picture"),
        (broken_question(kind="truefalse"), "questions.0.answers"),
        (broken(questions=[question(1, "*a", "*b")]), "questions.0.answers"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_at_its_field_in_words(config, field):
    with pytest.raises(ConfigError) as refused:
        TYPE.check(config, OUTCOMES)

    assert refused.value.field == field
    assert str(refused.value)[0].isupper()
