"""What was typed into an input, as the value that an operator takes, and back as text. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from users.segments.console.rows import Input, RowError, Typed
from users.segments.operators import OPERATORS
from users.segments.values import WEEKDAYS

_number = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
TRUTHS = {"true": True, "false": False}


def scalar(text: str, type_: str) -> str | int | float | bool:
    """A value of the attribute's type; where that is not known, what it looks like. "5" in quotes
    is a text whatever it looks like."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    if type_ == "boolean" or (not type_ and text in TRUTHS):
        return TRUTHS.get(text.strip().lower(), text)
    if type_ in ("number", "") and _number.fullmatch(text.strip()):
        return number(text, "value")
    return text


def as_text(value: object, type_: str = "") -> str:
    """The text that `scalar` reads as this value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value if scalar(value, type_) == value and not value.startswith('"') else f'"{value}"'
    return str(value)


def number(text: str, name: str) -> int | float:
    if not _number.fullmatch(text.strip()):
        raise RowError(name, "Write a number.")
    return float(text) if "." in text else int(text)


def _list(typed: Typed, type_: str) -> list[Any]:
    return [scalar(each.strip(), type_) for each in typed.get("value", "").split(",") if each.strip()]


def _pair(typed: Typed, type_: str) -> list[Any]:
    ends = [typed.get("value", "").strip(), typed.get("to", "").strip()]
    if all(map(_number.fullmatch, ends)):
        return [number(each, "value") for each in ends]
    return list(ends)


def _share(typed: Typed, type_: str) -> dict[str, Any]:
    ends = {"from": number(typed.get("value") or "0", "value"), "to": number(typed.get("to") or "0", "to")}
    return {"key": typed.get("key", "").strip(), **ends}


def _one(typed: Typed, type_: str) -> Any:
    return scalar(typed.get("value", ""), type_)


def _number_of(typed: Typed, type_: str) -> Any:
    return number(typed.get("value", ""), "value")


READ: Mapping[str, Callable[[Typed, str], Any]] = {
    "one": _one,
    "element": _one,
    "list": _list,
    "text": lambda typed, type_: typed.get("value", ""),
    "version": lambda typed, type_: typed.get("value", "").strip(),
    "date": lambda typed, type_: typed.get("value", "").strip(),
    "number": _number_of,
    "days": _number_of,
    "pair": _pair,
    "weekdays": lambda typed, type_: [day for day in typed.get("value", "").split(",") if day],
    "share": _share,
}


def condition(typed: Typed, type_: str) -> dict[str, Any]:
    """{"operator", "value"} of what was typed; raises RowError."""
    operator = OPERATORS.get(typed.get("operator", ""))
    if operator is None:
        raise RowError("operator", "Choose how to compare.")
    takes = operator.value
    return {"operator": operator.name} | ({"value": READ[takes](typed, type_)} if takes != "none" else {})


def _shown_pair(value: Any) -> dict[str, str]:
    return {"value": str(value[0]), "to": str(value[1])}


def _shown_share(value: Any) -> dict[str, str]:
    return {"value": str(value.get("from", 0)), "to": str(value["to"]), "key": value["key"]}


SHOWN: Mapping[str, Callable[[Any], dict[str, str]]] = {
    "none": lambda value: {},
    "pair": _shown_pair,
    "share": _shown_share,
    "list": lambda value: {"value": ", ".join(map(as_text, value))},
    "weekdays": lambda value: {"value": ",".join(value)},
    "text": lambda value: {"value": value},
    "version": lambda value: {"value": value},
    "date": lambda value: {"value": value},
}


def shown(operator: str, value: Any) -> dict[str, str]:
    """The inputs of a stored value."""
    takes = OPERATORS[operator].value if operator in OPERATORS else "one"
    return SHOWN[takes](value) if takes in SHOWN else {"value": as_text(value)}


def _weekdays(value: str, typed: Typed) -> list[Input]:
    names = [(day, day.capitalize()) for day in WEEKDAYS]
    return [Input("value", "weekdays", "checks", [("", names)], value)]


def _share_inputs(value: str, typed: Typed) -> list[Input]:
    return [
        Input("value", "from %", "number", value=value or "0"),
        Input("to", "to %", "number", value=typed.get("to", "") or "50"),
        Input("key", "dealt by", value=typed.get("key", "") or "test A"),
    ]


INPUTS: Mapping[str, Callable[[str, Typed], list[Input]]] = {
    "none": lambda value, typed: [],
    "number": lambda value, typed: [Input("value", "value", "number", value=value)],
    "days": lambda value, typed: [Input("value", "days", "number", value=value)],
    "date": lambda value, typed: [Input("value", "date", "date", value=value[:10])],
    "pair": lambda value, typed: [
        Input("value", "from", value=value),
        Input("to", "to", value=typed.get("to", "")),
    ],
    "weekdays": _weekdays,
    "share": _share_inputs,
}


def inputs(operator: str, typed: Typed, suggestions: tuple[str, ...] = ()) -> list[Input]:
    """The inputs for the value of this operator."""
    takes = OPERATORS[operator].value if operator in OPERATORS else "none"
    value = typed.get("value", "")
    if takes in INPUTS:
        return INPUTS[takes](value, typed)
    hint = "Commas between" if takes == "list" else ""
    return [Input("value", "values" if hint else "value", value=value, hint=hint, suggestions=suggestions)]
