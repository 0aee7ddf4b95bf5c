"""What answers are worth: points, a score in percent, the band it falls into, a personality's result."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

from campaigns.types.quiz.questions import Question

RIGHT, PARTLY, WRONG = "right", "partly", "wrong"


def worth(question: Question, chosen: Collection[str], *, partial: bool) -> Fraction:
    """The points for these answers. Of several right ones each counts its share, and each wrong one
    takes a share away; without `partial` only all of them count."""
    picked = frozenset(chosen)
    if picked == question.right:
        return Fraction(question.points)
    if not (partial and question.is_multiple and question.right):
        return Fraction(0)
    hits = len(picked & question.right) - len(picked - question.right)
    return Fraction(question.points * max(0, hits), len(question.right))


def verdict(question: Question, chosen: Collection[str], *, partial: bool) -> str:
    points = worth(question, chosen, partial=partial)
    return RIGHT if points == question.points else PARTLY if points else WRONG


def percent(score: Fraction, most: int) -> int:
    """Rounded down, so that 100 means that all was right."""
    return int(score * 100 / most) if most else 0


def band(bands: Sequence[int], reached: int) -> int | None:
    """The highest band that was reached; bands come from the highest to the lowest."""
    return next((least for least in bands if reached >= least), None)


def personality(
    questions: Sequence[Question],
    answers: Mapping[str, Collection[str]],
    results: Sequence[Mapping[str, Any]],
) -> str:
    """The result with most points; of several, the one that the marketer put first."""
    points: dict[str, int] = dict.fromkeys((each["id"] for each in results), 0)
    for question in questions:
        for answer in question.answers:
            if answer.id in answers.get(question.id, ()):
                for result, more in answer.results.items():
                    points[result] = points.get(result, 0) + more
    return max(points, key=lambda name: points[name])
