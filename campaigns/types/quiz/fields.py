"""Form fields of a quiz: its questions as rows that buttons add, move and take away, and its results.

Works without a script: what is typed is the value, right or wrong, and comes back as it was typed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import slugify

from campaigns.types.quiz import pasting, rows
from campaigns.types.quiz.questions import KINDS, MOST_ANSWERS, MOST_QUESTIONS, Problem

BUTTON = "game.questions."  # what the buttons' values begin with


class QuestionsWidget(forms.Widget):
    """`mode` decides what answers are asked for; `problems` are shown where they are."""

    template_name = "types/quiz/questions_field.html"
    mode: str = "quiz"
    problems: Sequence[Problem] = ()

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        typed = rows.typed(value)
        wrong: dict[str, str] = {each.path: each.words for each in self.problems}
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"] |= {
            "questions": [
                rows.shown(each, f"{name}-{place}", f"questions.{place}", wrong)
                for place, each in enumerate(typed["rows"])
            ],
            "pasted": typed["pasted"],
            "said": typed["said"],
            "kinds": KINDS.items(),
            "described": context["widget"]["attrs"].get("aria-describedby", ""),
            "mode": self.mode,
            "button": BUTTON,
            "is_full": len(typed["rows"]) >= MOST_QUESTIONS,
        }
        return context

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """By the product's own templates, which the renderer of forms does not know."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The questions as they were typed, after the pressed button has done its work."""
        if f"{name}-shown" not in data:
            return data.get(name)  # stored ones, such as another game's defaults
        found = rows.read(data, name)
        do = str(data.get("do", ""))
        return pressed(found, do.removeprefix(BUTTON)) if do.startswith(BUTTON) else found

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-shown" not in data and name not in data


def pressed(found: rows.Typed, do: str) -> rows.Typed:
    """What the buttons "add", "paste", "remove.2", "up.2", "down.2" and "answer.2" make of the rows."""
    action, _, text = do.partition(".")
    listed, place = list(found["rows"]), int(text) if text.isdecimal() else -1
    if action == "add" and len(listed) < MOST_QUESTIONS:
        listed.append(rows.new(listed))
    elif action == "paste":
        return pasting.added(found)
    elif 0 <= place < len(listed):
        if action == "remove":
            del listed[place]
        elif action == "answer" and len(listed[place]["answers"]) < MOST_ANSWERS:
            listed[place] = rows.with_room(listed[place])
        elif action in {"up", "down"}:
            other = max(0, min(len(listed) - 1, place + (1 if action == "down" else -1)))
            listed[place], listed[other] = listed[other], listed[place]
    return {**found, "rows": listed}


class QuestionsField(forms.Field):
    """The cleaned value is the questions as rules.py reads them, but for what results are called."""

    widget = QuestionsWidget

    def clean(self, value: Any) -> list[dict[str, Any]]:
        return [rows.stored(each) for each in rows.typed(value)["rows"]]


class PercentagesField(forms.CharField):
    """Numbers with commas between them; a list from the highest to the lowest."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        parts = re.split(r"[,;\s]+", super().clean(value).replace("%", "").strip())
        found = [part for part in parts if part]
        if not all(part.isdecimal() and len(part) < 4 for part in found):
            raise forms.ValidationError("Write percentages with commas between them, such as 100, 80.")
        return sorted({int(part) for part in found}, reverse=True)


class ResultsField(forms.CharField):
    """Results of a personality, one a line: its name, a colon, and what people read about it."""

    widget = forms.Textarea({"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(": ".join(filter(None, [each["name"], each.get("text", "")])) for each in value)

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines()]
        made = []
        for number, line in enumerate(filter(None, lines), 1):
            name, _, text = line.partition(":")
            named = {"id": slugify(name)[:24].strip("-") or f"result-{number}", "name": name.strip()}
            made.append(named | ({"text": text.strip()} if text.strip() else {}))
        return made
