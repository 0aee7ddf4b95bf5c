"""What a person sees of a quiz: a question without its solution, and after the answer what is told of it.

Answers are named by tokens of the attempt: neither their place nor their name says which is right.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.types.moves import shuffled, token
from campaigns.types.quiz import scoring
from campaigns.types.quiz.questions import Answer, Question
from campaigns.types.quiz.sitting import Sitting

TOKEN_LENGTH = 10
LATE = "late"


def name_of(question: Question, answer: Answer, seed: bytes) -> str:
    return token(seed, "answer", question.id, answer.id).hex()[:TOKEN_LENGTH]


def order_of(questions: Sequence[Question], config: Mapping[str, Any], seed: bytes) -> list[str]:
    """The questions' names in this attempt's order."""
    names = [each.id for each in questions]
    return shuffled(names, seed, "question") if config["shuffle_questions"] else names


def question_seen(
    question: Question, sitting: Sitting, config: Mapping[str, Any], seed: bytes
) -> dict[str, Any]:
    """The question as it is asked; which answer is right only if that was told."""
    answers = list(question.answers)
    if config["shuffle_answers"] and question.kind != "truefalse":
        answers.sort(key=lambda each: name_of(question, each, seed))
    chosen = sitting.answers.get(question.id, ())
    return {
        "kind": question.kind,
        "text": question.text,
        "picture": question.picture,
        "alt": question.alt,
        "video": question.video,
        "answers": [
            {
                "id": name_of(question, each, seed),
                "text": each.text,
                "picture": each.picture,
                "chosen": each.id in chosen,
            }
            | ({"right": each.is_right} if sitting.told else {})
            for each in answers
        ],
    }


def told(question: Question, sitting: Sitting, config: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of an answer that was given."""
    chosen = sitting.answers.get(question.id, ())
    late = question.id in sitting.late
    verdict = LATE if late else scoring.verdict(question, chosen, partial=config["partial"])
    return {"verdict": verdict, "explanation": question.explanation}


def review(questions: Sequence[Question], state: Mapping[str, Any], *, partial: bool) -> list[dict[str, Any]]:
    """Every question with what was answered and what is right, for those who may know."""
    told_late, answers = state.get("late", []), state.get("answers", {})
    return [
        {
            "question": each.text,
            "chosen": _texts(each, answers.get(each.id, ())),
            "right": _texts(each, each.right),
            "verdict": LATE
            if each.id in told_late
            else scoring.verdict(each, answers.get(each.id, ()), partial=partial),
            "explanation": each.explanation,
        }
        for each in questions
    ]


def said(questions: Sequence[Question], state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was answered, where nothing is right or wrong."""
    answers = state.get("answers", {})
    return [{"question": each.text, "chosen": _texts(each, answers.get(each.id, ()))} for each in questions]


def _texts(question: Question, chosen: Any) -> list[str]:
    return [each.text for each in question.answers if each.id in chosen]
