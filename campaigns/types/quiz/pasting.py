"""Questions from a sheet or a text, a line each: question, answers with a star before what is right.

Between them stand tabs, semicolons or commas, and after a # comes the explanation. A line that can't
be read stays where it was pasted.
"""

import csv
from collections.abc import Sequence

from campaigns.types.quiz import rows
from campaigns.types.quiz.questions import MOST_ANSWERS, MOST_QUESTIONS, TRUE_FALSE
from campaigns.types.quiz.rows import Row, Typed


def added(found: Typed) -> Typed:
    """The rows with those that were pasted."""
    listed, left = list(found["rows"]), []
    before = len(listed)
    for line in filter(None, map(str.strip, found["pasted"].splitlines())):
        row = question(line, listed)
        if row is None or len(listed) >= MOST_QUESTIONS:
            left.append(line)
        else:
            listed.append(row)
    said = f"{len(listed) - before} added."
    if left:
        said += f" {len(left)} could not be: a line needs a question and 2 to {MOST_ANSWERS} answers."
        said += f" There are up to {MOST_QUESTIONS} questions."
    return {"rows": listed, "pasted": "\n".join(left), "said": said}


def question(line: str, others: Sequence[Row]) -> Row | None:
    """The question of a line; None if it is none."""
    delimiter = next((each for each in ("\t", ";") if each in line), ",")
    cells = [each.strip() for each in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
    explanation = next((each.removeprefix("#").strip() for each in cells[1:] if each.startswith("#")), "")
    text, *answers = [each for each in cells if each and not each.startswith("#")] or [""]
    if not text or not 2 <= len(answers) <= MOST_ANSWERS:
        return None
    right = [each.startswith("*") for each in answers]
    texts = [each.removeprefix("*").strip() for each in answers]
    is_true_false = tuple(each.capitalize() for each in texts) == TRUE_FALSE
    kind = "truefalse" if is_true_false else "multiple" if sum(right) > 1 else "single"
    row = rows.new(others) | {"kind": kind, "text": text, "explanation": explanation, "answers": []}
    for each, is_right in zip(texts, right, strict=True):
        row = rows.with_room(row)
        row["answers"][-1] |= {"text": each, "right": is_right}
    return row
