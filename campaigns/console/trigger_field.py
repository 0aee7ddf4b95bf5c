"""A form field that edits one trigger: an event's name, and up to three conditions on its properties.

What is typed is what the trigger's JSON says, written as people write it: a number, a text, several
values with commas between them. Quotes keep a text that looks like a number a text.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from campaigns.types import triggers
from campaigns.types.base import ConfigError
from users.segments.operators import OPERATORS, Operator

ROWS = 3
PARTS = ("property", "operator", "value")
SEVERAL = {"list", "pair", "weekdays"}
SCALARS = {"one", "element", "list", "pair", "number", "days"}
CHOICES = [(each.name, each.label) for each in OPERATORS.values() if each.on_properties]


class TriggerWidget(forms.Widget):
    """`value` is the trigger, or what was typed of one: then its conditions hold texts."""

    template_name = "console/parts/trigger.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        shown = value if isinstance(value, Mapping) else {}
        rows = [as_typed(each) for each in shown.get("where") or [] if isinstance(each, Mapping)]
        rows += [dict.fromkeys(PARTS, "")] * (ROWS - len(rows))
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"] |= {
            "event": shown.get("event") or "",
            "rows": [row | {"number": number} for number, row in enumerate(rows)],
            "operators": CHOICES,
        }
        return context

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """By the product's own templates, which the renderer of forms does not know."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, Any] | None:
        """The trigger as it was typed; None if the form does not show one."""
        if f"{name}-event" not in data:
            given = data.get(name)  # a stored one, such as another game's default
            return given if isinstance(given, dict) else None
        rows = [
            {part: str(data.get(f"{name}-{part}-{number}", "")).strip() for part in PARTS} | {"typed": True}
            for number in range(max(ROWS, _rows_in(data, name)))
        ]
        filled = [row for row in rows if row["property"] or row["value"]]
        return {"event": str(data[f"{name}-event"]).strip(), "where": filled}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-event" not in data and name not in data

    def id_for_label(self, id_: str, index: str = "0") -> str:
        return id_


class TriggerField(forms.Field):
    """The cleaned value is the trigger as types keep it; None for an empty one that is not required."""

    widget = TriggerWidget
    default_error_messages = {"required": "Name the event to wait for."}  # noqa: RUF012  # Django's own form

    def clean(self, value: Any) -> Any:
        typed = value or {}
        if not typed.get("event") and not typed.get("where"):
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        trigger = {"event": typed.get("event"), "where": [as_stored(row) for row in typed.get("where") or []]}
        try:
            triggers.check(trigger, "trigger")
        except ConfigError as error:
            raise forms.ValidationError(str(error)) from None
        return trigger


def as_stored(row: Mapping[str, Any]) -> dict[str, Any]:
    """A condition of what was typed in its row."""
    if not row.get("typed"):
        return dict(row)
    condition = {"property": row["property"], "operator": row["operator"]}
    operator = OPERATORS.get(row["operator"])
    if operator is None or operator.value == "none":
        return condition
    return condition | {"value": _value(operator, row["value"])}


def as_typed(condition: Mapping[str, Any]) -> dict[str, Any]:
    """What a person would have typed for a condition."""
    if condition.get("typed"):
        return {part: condition[part] for part in PARTS}
    value = condition.get("value")
    operator = OPERATORS.get(str(condition.get("operator")))
    is_free = operator is not None and operator.value in SCALARS
    texts = [_text(each, is_free=is_free) for each in (value if isinstance(value, list) else [value])]
    typed = {part: str(condition.get(part) or "") for part in PARTS}
    return typed | {"value": ", ".join(texts)}


def _value(operator: Operator, text: str) -> object:
    if operator.value in SEVERAL:
        parts = [each.strip() for each in text.split(",") if each.strip()]
        return parts if operator.value == "weekdays" else [_scalar(each) for each in parts]
    return _scalar(text) if operator.value in SCALARS else text


def _scalar(text: str) -> object:
    """5 is a number, true is a truth value, "5" and gold are texts."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return found if isinstance(found, str | int | float) else text


def _text(value: object, *, is_free: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        looks_like_another = is_free and _scalar(value) != value
        return orjson.dumps(value).decode() if looks_like_another else value
    return orjson.dumps(value).decode()


def _rows_in(data: Mapping[str, Any], name: str) -> int:
    """A trigger that was made by the API may have more conditions than the form begins with."""
    return next(
        (number for number in range(triggers.MOST_CONDITIONS) if f"{name}-property-{number}" not in data),
        triggers.MOST_CONDITIONS,
    )
