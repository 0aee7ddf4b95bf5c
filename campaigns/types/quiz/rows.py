"""Questions as rows of a form: texts as they were typed, and the way from the settings and back."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from campaigns.types.quiz.questions import KINDS, MOST_ANSWERS, MOST_QUESTIONS, TRUE_FALSE

Row = dict[str, Any]
TEXTS = ("id", "kind", "text", "picture", "alt", "video", "points", "seconds", "explanation")
ANSWER_TEXTS = ("id", "text", "picture", "results")
FIRST_ROOM = 4  # answers that a new question has room for
USUAL = {"points": 1, "seconds": 0}
MORE = ("picture", "alt", "video", "points", "seconds")  # what lies folded away


class Typed(TypedDict):
    rows: list[Row]
    pasted: str  # lines that could not be read yet
    said: str  # what became of those that were pasted


def typed(value: Any) -> Typed:
    """Of stored questions, or of what was typed."""
    if isinstance(value, Mapping) and "rows" in value:
        return {"rows": value["rows"], "pasted": value.get("pasted", ""), "said": value.get("said", "")}
    listed = value if isinstance(value, list) else []
    return {"rows": [as_row(each) for each in listed if isinstance(each, Mapping)], "pasted": "", "said": ""}


def as_row(question: Mapping[str, Any]) -> Row:
    row: Row = {name: str(question.get(name, USUAL.get(name, ""))) for name in TEXTS}
    row["answers"] = [
        {name: str(each.get(name, "")) for name in ANSWER_TEXTS[:-1]}
        | {"results": as_text(each.get("results", {})), "right": each.get("right") is True}
        for each in question.get("answers", [])
        if isinstance(each, Mapping)
    ]
    return row


def as_text(results: Mapping[str, int]) -> str:
    """ "cat 2, dog", as people write it."""
    return ", ".join(f"{name} {points}" if points != 1 else name for name, points in results.items())


def new(others: Sequence[Row]) -> Row:
    row = as_row({"id": _free({each["id"] for each in others}, "q"), "kind": "single"})
    for _ in range(FIRST_ROOM):
        row = with_room(row)
    return row


def with_room(row: Row) -> Row:
    """With one more answer to fill in."""
    name = _free({each["id"] for each in row["answers"]}, "a")
    return row | {
        "answers": [*row["answers"], dict.fromkeys(ANSWER_TEXTS, "") | {"id": name, "right": False}]
    }


def _free(taken: set[str], letter: str) -> str:
    return next(name for number in range(1, 1000) if (name := f"{letter}{number}") not in taken)


def read(data: Mapping[str, Any], name: str) -> Typed:
    """What a form sent."""
    places = [f"{name}-{n}" for n in range(MOST_QUESTIONS) if f"{name}-{n}-kind" in data]
    listed = [_read_row(data, prefix) for prefix in places]
    return {"rows": listed, "pasted": str(data.get(f"{name}-pasted", "")), "said": ""}


def _read_row(data: Mapping[str, Any], prefix: str) -> Row:
    row: Row = {part: str(data.get(f"{prefix}-{part}", "")) for part in TEXTS}
    row["answers"] = [
        {part: str(data.get(f"{place}-{part}", "")) for part in ANSWER_TEXTS}
        | {"right": bool(data.get(f"{place}-right"))}
        for place in (f"{prefix}-{n}" for n in range(MOST_ANSWERS))
        if f"{place}-id" in data
    ]
    return row


def shown(row: Row, prefix: str, path: str, wrong: Mapping[str, str]) -> dict[str, Any]:
    """For the template: each part with its name in the form, and what is wrong with it."""
    answers = [
        each | {"prefix": f"{prefix}-{n}", "number": n + 1, "wrong": _under(wrong, f"{path}.answers.{n}")}
        for n, each in enumerate(row["answers"])
    ]
    parts = {name: wrong.get(f"{path}.{name}", "") for name in (*TEXTS, "answers")}
    return row | {
        "prefix": prefix,
        "number": int(prefix.rpartition("-")[2]) + 1,
        "place": prefix.rpartition("-")[2],
        "answers": answers,
        "wrong": parts,
        "is_open": not row["text"] or any(key.startswith(f"{path}.") for key in wrong),
        "has_more": any(parts[name] for name in MORE) or bool(row["picture"] or row["video"]),
    }


def _under(wrong: Mapping[str, str], path: str) -> str:
    return next((words for key, words in wrong.items() if key.startswith(f"{path}.")), "")


def stored(row: Row) -> dict[str, Any]:
    """As the settings hold it: numbers as numbers, and nothing that says no more than usual."""
    kind = row["kind"] if row["kind"] in KINDS else ""
    texts = {name: row[name].strip() for name in ("text", "picture", "alt", "video", "explanation")}
    kept = {name: text for name, text in texts.items() if text or name == "text"}
    numbers = {name: _number(row[name], usual) for name, usual in USUAL.items()}
    kept |= {name: number for name, number in numbers.items() if number != USUAL[name]}
    answers = [_stored_answer(each) for each in row["answers"]]
    if kind == "truefalse":
        answers = [each | {"text": text} for each, text in zip(answers, TRUE_FALSE, strict=False)]
    filled = [each for each in answers if each["text"] or each.get("picture") or each["right"]]
    return {"id": row["id"], "kind": kind, "answers": filled} | kept


def _stored_answer(row: Row) -> dict[str, Any]:
    answer = {"id": row["id"], "text": row["text"].strip(), "right": row["right"]}
    if row["picture"].strip():
        answer["picture"] = row["picture"].strip()
    if row["results"].strip():
        answer["results"] = adds(row["results"])
    return answer


def adds(text: str) -> dict[str, int]:
    """ "Cat 2, dog" as points for what results are called here."""
    found = {}
    for part in filter(None, map(str.strip, text.split(","))):
        match = re.fullmatch(r"(.*\S)\s+(\d{1,3})", part)
        found[match[1] if match else part] = int(match[2]) if match else 1
    return found


def _number(text: str, usual: int) -> int | str:
    """What is no number stays as it is, for the rules to refuse."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 7 else text or usual
