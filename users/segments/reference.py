"""The table of operators as Markdown, for README.md: generated, so that it can't say another thing.

`manage.py operator_reference` writes it anew; a test holds the file against it.
"""

from collections.abc import Iterator
from pathlib import Path

import orjson

from users.segments.operators import OPERATORS, Operator
from users.segments.rule import RuleError

FILE = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- operators: generated -->", "<!-- end of operators -->"

# what each kind of value looks like, and in words
EXAMPLES: dict[str, tuple[object, str]] = {
    "none": (None, "none"),
    "one": ("gold", "a text, a number, true or false"),
    "element": ("gold", "a text that is not empty, a number, true or false"),
    "list": (["gold", 1, True], "1 to 1,000 of these"),
    "text": ("go", "a text that is not empty"),
    "number": (300, "a number"),
    "pair": ([1, 2.5], "two numbers, or two dates; both ends are in"),
    "date": ("2026-11-23T09:30:00Z", "an ISO 8601 date or date-time"),
    "days": (14, "1 to 36,500 days of 24 hours"),
    "weekdays": (["saturday", "sunday"], "names of weekdays, in the workspace's time zone"),
    "version": ("1.10.0", "a version"),
    "share": ({"key": "autumn", "from": 0, "to": 25}, "a share of 100, dealt by the key"),
}
OWN = {"glob": "g?ld*"}
TYPES = {
    "string": "text",
    "number": "number",
    "boolean": "true/false",
    "list": "list",
    "date": "core date",
    "id": "core.gluId",
}


def table() -> str:
    """One line an operator, in the order of the forms."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "| operator | for | value | example | reads as |"
    yield "|---|---|---|---|---|"
    for operator in OPERATORS.values():
        yield f"| {' | '.join(_cells(operator))} |"


def _cells(operator: Operator) -> Iterator[str]:
    example, takes = EXAMPLES[operator.value]
    try:
        example = OWN.get(operator.name, example)
        value = operator.read(example, "example")
    except RuleError as error:  # the table would teach what is refused
        raise ValueError(str(error)) from error
    yield f"`{operator.name}`"
    yield ", ".join(name for type_, name in TYPES.items() if type_ in operator.types)
    yield takes
    yield "" if operator.value == "none" else f"`{orjson.dumps(example).decode()}`"
    contrary = f" (exactly not `{operator.positive}`)" if operator.positive else ""
    yield f"… {operator.words(value)}{contrary}"


def written(text: str) -> str:
    """The file's text with the table as it is now."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"
