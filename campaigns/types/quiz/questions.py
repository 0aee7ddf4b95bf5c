"""The questions of a quiz: what they may hold, what is wrong with them, and how rules read them.

A problem names its place in the settings, such as `questions.0.answers.1.text`, so that it is shown
where it can be mended.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "single": "One answer",
    "multiple": "Several answers",
    "truefalse": "True or false",
    "picture": "One of several pictures",
}
TRUE_FALSE = ("True", "False")
MOST_QUESTIONS, MOST_ANSWERS, MOST_RESULTS = 20, 8, 8
LENGTHS = {"text": 300, "explanation": 500, "alt": 120, "picture": 500, "video": 500}
ANSWER_LENGTH = 120
SECONDS = (5, 600)
NAME = re.compile(r"[a-z0-9-]{1,24}")
# a picture that was uploaded, as glu_admin/pictures/names.py calls it; rules know nothing beyond campaigns
OURS = re.compile(r"/pictures/[0-9a-f-]{36}/[0-9a-f]{64}\.webp")
ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?(/[^\s\"'<>]*)?")


@dataclass(frozen=True)
class Problem:
    """What is wrong: where it stands in the settings, how people call that place, and the words."""

    path: str
    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words}" if self.place else self.words


@dataclass(frozen=True)
class Answer:
    id: str
    text: str
    picture: str = ""
    is_right: bool = False
    results: Mapping[str, int] = field(default_factory=dict)  # points for each result of a personality


@dataclass(frozen=True)
class Question:
    id: str
    kind: str
    text: str
    answers: tuple[Answer, ...]
    points: int = 1
    seconds: int = 0  # 0: as long as people like
    picture: str = ""
    alt: str = ""
    video: str = ""
    explanation: str = ""

    @property
    def right(self) -> frozenset[str]:
        return frozenset(each.id for each in self.answers if each.is_right)

    @property
    def is_multiple(self) -> bool:
        return self.kind == "multiple"


def read(config: Mapping[str, Any]) -> list[Question]:
    """The questions of settings that were checked, in the marketer's order."""
    return [_question(each, config.get("seconds", 0)) for each in config["questions"]]


def _question(raw: Mapping[str, Any], seconds: int) -> Question:
    return Question(
        id=raw["id"],
        kind=raw["kind"],
        text=raw["text"],
        answers=tuple(
            Answer(each["id"], each["text"], each.get("picture", ""), each.get("right", False),
                   each.get("results", {}))
            for each in raw["answers"]
        ),
        points=raw.get("points", 1),
        seconds=raw.get("seconds", 0) or seconds,
        picture=raw.get("picture", ""),
        alt=raw.get("alt", ""),
        video=raw.get("video", ""),
        explanation=raw.get("explanation", ""),
    )  # fmt: skip


def origins(config: Mapping[str, Any]) -> Iterator[str]:
    """Where the pictures of all questions come from."""
    for question in read(config):
        for address in (question.picture, *(each.picture for each in question.answers)):
            if address and not OURS.fullmatch(address):
                yield "/".join(address.split("/")[:3])


def problems(config: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything that is wrong with the questions, from the first to the last."""
    asked, mode = config.get("questions"), config.get("mode")
    if not isinstance(asked, list) or not all(isinstance(each, Mapping) for each in asked):
        yield Problem("questions", "", "Questions are a list.")
        return
    if not 1 <= len(asked) <= MOST_QUESTIONS:
        yield Problem(
            "questions", "", f"Ask 1 to {MOST_QUESTIONS} questions; this campaign has {len(asked)}."
        )
    if mode == "poll" and len(asked) > 1:
        yield Problem("questions", "", "A poll asks one question. Make it a survey to ask more.")
    yield from _names("questions", "", asked)
    results = config.get("results")
    known = {each.get("id") for each in results or [] if isinstance(each, Mapping)}
    for number, question in enumerate(asked):
        for found in _of_question(question, f"questions.{number}", mode, known):
            yield Problem(found.path, f"Question {number + 1}", str(found))


def _of_question(raw: Mapping[str, Any], path: str, mode: Any, results: set[Any]) -> Iterator[Problem]:
    if raw.get("kind") not in KINDS:
        yield Problem(f"{path}.kind", "", "Choose the kind of question.")
    yield from _texts(raw, path)
    yield from _counts(raw, path)
    answers = raw.get("answers")
    if not isinstance(answers, list) or not all(isinstance(each, Mapping) for each in answers):
        yield Problem(f"{path}.answers", "", "Answers are a list.")
        return
    if not 2 <= len(answers) <= MOST_ANSWERS:
        yield Problem(f"{path}.answers", "", f"Give 2 to {MOST_ANSWERS} answers to choose from.")
    if raw.get("kind") == "truefalse" and len(answers) > len(TRUE_FALSE):
        yield Problem(f"{path}.answers", "", "True or false has two answers.")
    yield from _names(f"{path}.answers", "", answers)
    for number, answer in enumerate(answers):
        for found in _of_answer(answer, f"{path}.answers.{number}", raw.get("kind"), results):
            yield Problem(found.path, f"answer {number + 1}", found.words)
    if mode == "quiz":
        yield from _right_ones(raw, path, answers)


def _texts(raw: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for name, most in LENGTHS.items():
        text = raw.get(name, "")
        if not isinstance(text, str) or len(text) > most:
            yield Problem(f"{path}.{name}", "", f"Write up to {most} characters here.")
        elif name == "text" and not text.strip():
            yield Problem(f"{path}.text", "", "Write the question.")
        elif name in {"picture", "video"}:
            yield from _address(text, f"{path}.{name}", name)
    if raw.get("picture") and not str(raw.get("alt", "")).strip():
        yield Problem(
            f"{path}.alt", "", "Say what the picture shows, for people who can't see it or wait for it."
        )


def _address(text: str, path: str, what: str) -> Iterator[Problem]:
    if text and not (ADDRESS.fullmatch(text) or (what == "picture" and OURS.fullmatch(text))):
        yield Problem(path, "", f"The address of a {what} begins with https:// and has no spaces.")


def _counts(raw: Mapping[str, Any], path: str) -> Iterator[Problem]:
    points, seconds = raw.get("points", 1), raw.get("seconds", 0)
    if type(points) is not int or not 1 <= points <= 100:
        yield Problem(f"{path}.points", "", "A question counts 1 to 100 points.")
    if not is_time(seconds):
        yield Problem(f"{path}.seconds", "", time_words())


def is_time(seconds: Any) -> bool:
    return type(seconds) is int and (seconds == 0 or SECONDS[0] <= seconds <= SECONDS[1])


def time_words() -> str:
    return f"Time for a question is {SECONDS[0]} to {SECONDS[1]} seconds; 0 means none."


def _of_answer(raw: Mapping[str, Any], path: str, kind: Any, results: set[Any]) -> Iterator[Problem]:
    text, picture, adds = raw.get("text", ""), raw.get("picture", ""), raw.get("results", {})
    if not isinstance(text, str) or not text.strip() or len(text) > ANSWER_LENGTH:
        yield Problem(f"{path}.text", "", f"Write the answer, in up to {ANSWER_LENGTH} characters.")
    if not isinstance(picture, str) or len(picture) > LENGTHS["picture"]:
        yield Problem(f"{path}.picture", "", "The address of a picture begins with https://.")
    elif kind == "picture" and not picture:
        yield Problem(f"{path}.picture", "", "Upload the picture to choose, or give its address.")
    else:
        yield from _address(picture, f"{path}.picture", "picture")
    if not isinstance(raw.get("right", False), bool):
        yield Problem(f"{path}.right", "", "An answer is right or not.")
    if not isinstance(adds, Mapping) or not all(
        type(points) is int and 1 <= points <= 100 for points in adds.values()
    ):
        yield Problem(f"{path}.results", "", "An answer adds 1 to 100 points to results.")
    elif unknown := [name for name in adds if name not in results]:
        yield Problem(f"{path}.results", "", f"There is no result called {unknown[0]}.")


def _right_ones(raw: Mapping[str, Any], path: str, answers: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    right = sum(each.get("right") is True for each in answers)
    if not right:
        yield Problem(f"{path}.answers", "", "Mark the right answer.")
    elif right > 1 and raw.get("kind") != "multiple":
        yield Problem(f"{path}.answers", "", "Mark one right answer, or let people choose several.")


def _names(path: str, place: str, things: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    names = [each.get("id") for each in things]
    if not all(isinstance(each, str) and NAME.fullmatch(each) for each in names):
        yield Problem(path, place, "Each has an id of small letters, digits and dashes.")
    elif len(set(names)) < len(names):
        yield Problem(path, place, "No two may have the same id.")
