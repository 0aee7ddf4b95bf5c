"""What a marketer may set of a quiz beside its questions, and what is wrong with it."""

from collections.abc import Iterator, Mapping
from typing import Any

from campaigns.types.quiz import questions
from campaigns.types.quiz.questions import NAME, Problem

MODES = {
    "quiz": "Quiz: answers are right or wrong",
    "personality": "Personality: answers add up to a result",
    "poll": "Poll: one question, no right answer",
    "survey": "Survey: several questions, no right answer",
}
TELLS = {
    "each": "After each answer",
    "end": "At the end, all together",
    "never": "Never",
}
MOST_BANDS = 6
RESULT_LENGTHS = {"name": 60, "text": 300}
SWITCHES = ("shuffle_questions", "shuffle_answers", "partial")


def problems(config: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything that is wrong, in the order of the form."""
    if config.get("mode") not in MODES:
        yield Problem("mode", "", "Choose what kind of quiz this is.")
    if config.get("tell") not in TELLS:
        yield Problem("tell", "", "Choose when people are told what is right.")
    for name in SWITCHES:
        if not isinstance(config.get(name), bool):
            yield Problem(name, "", "This is either on or off.")
    if not questions.is_time(config.get("seconds")):
        yield Problem("seconds", "", questions.time_words())
    yield from score_problems(config)
    yield from result_problems(config)
    yield from questions.problems(config)


def score_problems(config: Mapping[str, Any]) -> Iterator[Problem]:
    least, bands = config.get("pass_mark"), config.get("bands")
    if type(least) is not int or not 0 <= least <= 100:
        yield Problem("pass_mark", "", "The pass mark is 0 to 100 percent.")
        least = 0
    if not isinstance(bands, list) or not all(type(each) is int and 0 <= each <= 100 for each in bands):
        yield Problem("bands", "", "Score bands are percentages from 0 to 100, such as 100, 80.")
    elif len(bands) > MOST_BANDS:
        yield Problem("bands", "", f"There are up to {MOST_BANDS} score bands; these are {len(bands)}.")
    elif sorted(set(bands), reverse=True) != bands:
        yield Problem("bands", "", "Score bands come from the highest to the lowest, none twice.")
    elif bands and bands[-1] < least:
        yield Problem("bands", "", f"Below the pass mark of {least}% nothing is won: {bands[-1]} is too low.")


def result_problems(config: Mapping[str, Any]) -> Iterator[Problem]:
    results = config.get("results")
    if not isinstance(results, list) or not all(isinstance(each, Mapping) for each in results):
        yield Problem("results", "", "Results are a list.")
        return
    most = questions.MOST_RESULTS
    if config.get("mode") == "personality" and not 2 <= len(results) <= most:
        yield Problem("results", "", f"A personality quiz has 2 to {most} results; this has {len(results)}.")
    names = [each.get("id") for each in results]
    if not all(isinstance(each, str) and NAME.fullmatch(each) for each in names):
        yield Problem("results", "", "Each result has an id of small letters, digits and dashes.")
    elif len(set(names)) < len(names):
        yield Problem("results", "", "Two results have the same name.")
    for number, result in enumerate(results):
        for part, longest in RESULT_LENGTHS.items():
            text = result.get(part, "")
            if not isinstance(text, str) or len(text) > longest or (part == "name" and not text.strip()):
                words = f"Its {part} is text of up to {longest} characters."
                yield Problem(f"results.{number}.{part}", f"Result {number + 1}", words)


def defaults() -> dict[str, Any]:
    return {
        "title": "How well do you know us?",
        "mode": "quiz",
        "questions": [
            {
                "id": "q1",
                "kind": "single",
                "text": "Which planet is called the red one?",
                "answers": _answers("Venus", "*Mars", "Jupiter"),
                "explanation": "Its soil is full of rust.",
            },
            {
                "id": "q2",
                "kind": "truefalse",
                "text": "Honey can be kept for years.",
                "answers": _answers("*True", "False"),
                "explanation": "Hardly anything can live in so much sugar.",
            },
            {
                "id": "q3",
                "kind": "multiple",
                "text": "Which of these are colours of the rainbow?",
                "answers": _answers("*Green", "Pink", "*Violet", "Brown"),
                "explanation": "Pink and brown are mixtures.",
            },
        ],
        "results": [],
        "tell": "each",
        "shuffle_questions": False,
        "shuffle_answers": True,
        "partial": True,
        "pass_mark": 60,
        "bands": [],
        "seconds": 0,
    }


def _answers(*texts: str) -> list[dict[str, Any]]:
    """A star is before what is right."""
    return [
        {"id": f"a{number}", "text": text.removeprefix("*"), "right": text.startswith("*")}
        for number, text in enumerate(texts, 1)
    ]
