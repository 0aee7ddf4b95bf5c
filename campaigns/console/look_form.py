"""The look of pages as marketers type it: colours, corners, links, and words by language and state."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from campaigns import look
from campaigns.look import LANGUAGES, LENGTHS, LINKS, STATES, LookError

CORNERS = [("round", "Round"), ("soft", "Soft"), ("square", "Square")]
GROUNDS = [("tinted", "A hint of the colour"), ("plain", "White or black")]
PLAIN = ("color", "second", "corner", "ground")
INHERITED = "As the workspace"
PREFIX = "look"
LOGO, BACKGROUND = f"{PREFIX}-logo", f"{PREFIX}-background"  # as the page calls them


@dataclass(frozen=True)
class Row:
    """The words of one state in one language."""

    label: str
    fields: list[BoundField]


@dataclass(frozen=True)
class Tongue:
    """The words of one language; open where there are some."""

    code: str
    name: str
    rows: list[Row]
    is_used: bool


class LookForm(forms.Form):
    """A look without words, as a workspace has one."""

    color = forms.CharField(label="Main colour", max_length=7, required=False, help_text="Such as #0f766e.")
    second = forms.CharField(
        label="Second colour", max_length=7, required=False, help_text="Of tags, links and quiet buttons."
    )
    corner = forms.ChoiceField(label="Corners", choices=CORNERS, required=False)
    ground = forms.ChoiceField(label="Background", choices=GROUNDS, required=False)
    logo = forms.CharField(
        label="Logo", required=False, help_text="At the head of pages, up to 40 pixels tall."
    )
    terms = forms.CharField(label="Terms", max_length=500, required=False)
    privacy = forms.CharField(label="Privacy", max_length=500, required=False)
    help = forms.CharField(label="Help", max_length=500, required=False)

    def __init__(self, data: Any = None, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}), prefix=PREFIX)
        for name in LINKS:
            self.fields[name].widget.attrs |= {"inputmode": "url", "placeholder": "https://"}

    def clean(self) -> dict[str, Any]:
        try:
            look.check(self.stored())
        except LookError as error:
            name = error.field.removeprefix("links.").removeprefix("words.")
            self.add_error(name if name in self.fields else None, str(error))
        return self.cleaned_data

    def stored(self) -> dict[str, Any]:
        """What was said, and nothing of what was left open."""
        said = {name: text for name in self.fields if (text := (self.cleaned_data.get(name) or "").strip())}
        plain = {name: said[name] for name in (*PLAIN, *look.PICTURES) if name in said}
        links = {name: said[name] for name in LINKS if name in said}
        return plain | ({"links": links} if links else {})

    @property
    def plain(self) -> Iterator[BoundField]:
        return (self[name] for name in PLAIN)

    @property
    def pictures(self) -> list[BoundField]:
        return [self[name] for name in look.PICTURES if name in self.fields]

    @property
    def links(self) -> Iterator[BoundField]:
        return (self[name] for name in LINKS)


class WordedLookForm(LookForm):
    """The same with words, as a campaign has one."""

    background = forms.CharField(
        label="Background picture",
        required=False,
        help_text="Behind the game, under a veil through which all text can be read. Best upright.",
    )

    corner = forms.ChoiceField(label="Corners", choices=[("", INHERITED), *CORNERS], required=False)
    ground = forms.ChoiceField(label="Background", choices=[("", INHERITED), *GROUNDS], required=False)

    def __init__(self, data: Any = None, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial)
        for code in LANGUAGES:
            for state, label in STATES.items():
                for part, most in LENGTHS.items():
                    field = forms.CharField(max_length=most, required=False, label=f"{label}: {part}")
                    field.widget.attrs |= {"dir": "auto", "lang": code, "placeholder": part.capitalize()}
                    self.fields[f"{code}.{state}.{part}"] = field

    def stored(self) -> dict[str, Any]:
        words: dict[str, dict[str, dict[str, str]]] = {}
        for name, text in self.cleaned_data.items():
            if name.count(".") == 2 and text:
                code, state, part = name.split(".")
                words.setdefault(code, {}).setdefault(state, {})[part] = text
        return super().stored() | ({"words": words} if words else {})

    @property
    def tongues(self) -> list[Tongue]:
        return [self._tongue(code, name) for code, name in LANGUAGES.items()]

    def _tongue(self, code: str, name: str) -> Tongue:
        rows = [
            Row(label, [self[f"{code}.{state}.{part}"] for part in LENGTHS])
            for state, label in STATES.items()
        ]
        is_used = any(field.value() or field.errors for row in rows for field in row.fields)
        return Tongue(code, name, rows, is_used)


def as_typed(stored: Mapping[str, Any]) -> dict[str, str]:
    """A stored look as the form's initial values."""
    words = {
        f"{code}.{state}.{part}": text
        for code, states in stored.get("words", {}).items()
        for state, parts in states.items()
        for part, text in parts.items()
    }
    plain = {name: text for name, text in stored.items() if name not in {"links", "words"}}
    return {**plain, **stored.get("links", {}), **words}


def half_typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in a posted page, checked or not."""
    return {key.removeprefix(f"{PREFIX}-"): data[key] for key in data if key.startswith(f"{PREFIX}-")}
