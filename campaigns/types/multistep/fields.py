"""A form field that edits the steps of a campaign: as many as there are, and room for two more."""

from collections.abc import Mapping
from typing import Any

from django import forms

from campaigns.console import pickers
from campaigns.console.pickers import Choices
from campaigns.console.trigger_field import TriggerField, TriggerWidget
from campaigns.types.base import ConfigError
from campaigns.types.multistep import steps
from glu_admin.workspaces.models import Environment

TEXTS = ("title", "text", "link", "campaign", "property")
NUMBERS = ("count", "total", "hours")
ROOM = 2
NEEDED = {
    "count": ("count",),
    "sum": ("property", "total"),
    "game": ("campaign",),
}  # beside what all steps have


class StepsWidget(forms.Widget):
    """`value` is the steps as they are stored, or as they were typed: then numbers are texts."""

    template_name = "types/multistep/steps_field.html"
    campaigns: Choices = ()

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        listed = [each for each in value or [] if isinstance(each, Mapping)]
        shown = [*listed, *[{}] * ROOM][: max(len(listed), steps.MOST_STEPS)]
        context: dict[str, Any] = super().get_context(name, value, attrs)
        id_ = context["widget"]["attrs"].get("id", "")
        context["widget"] |= {
            "steps": [self._row(name, id_, place, each) for place, each in enumerate(shown)],
            "kinds": steps.KINDS.items(),
            "described": context["widget"]["attrs"].get("aria-describedby", ""),
        }
        return context

    def _row(self, name: str, id_: str, place: int, step: Mapping[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {part: step.get(part, "") for part in (*TEXTS, *NUMBERS)}
        row["campaigns"] = self._campaigns(row["campaign"])
        prefix = f"{name}-{place}"
        trigger = {"id": f"{id_}-{place}-trigger", "aria-label": f"Event of step {place + 1}"}
        return row | {
            "prefix": prefix,
            "id": f"{id_}-{place}",
            "number": place + 1,
            "kind": step.get("kind", "event"),
            "trigger": TriggerWidget().render(f"{prefix}-trigger", step.get("trigger"), trigger),
        }

    def _campaigns(self, stored: str) -> list[tuple[str, str]]:
        """What there is to choose from; one that is stored by its tag, or is gone, stays as it is."""
        known = [("", "Choose one"), *self.campaigns]
        return known if stored in dict(known) else [*known, (stored, f"{stored} (by its tag, or gone)")]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Any] | None:
        """The steps as they were typed, without empty ones; None if the form does not show any."""
        places = [place for place in range(steps.MOST_STEPS) if f"{name}-{place}-kind" in data]
        if not places:
            given = data.get(name)  # stored ones, such as another game's defaults
            return given if isinstance(given, list) else None
        typed = [self._typed(data, files, f"{name}-{place}") for place in places]
        return [each for each in typed if any(each[part] for part in TEXTS) or each["trigger"]["event"]]

    def _typed(self, data: Mapping[str, Any], files: Any, prefix: str) -> dict[str, Any]:
        parts = {part: str(data.get(f"{prefix}-{part}", "")).strip() for part in (*TEXTS, *NUMBERS, "kind")}
        trigger = TriggerWidget().value_from_datadict(data, files, f"{prefix}-trigger")
        return parts | {"trigger": trigger or {"event": "", "where": []}}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return f"{name}-0-kind" not in data and name not in data


class StepsField(forms.Field):
    """The cleaned value is the steps as rules.py reads them."""

    widget = StepsWidget

    def offer(self, env: Environment) -> None:
        self.widget.campaigns = pickers.campaigns(env)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        typed = value or []
        if not typed:
            raise forms.ValidationError("Say what there is to do: at least one step.")
        return [_stored(each, number) for number, each in enumerate(typed, 1)]


def _stored(typed: Mapping[str, Any], number: int) -> dict[str, Any]:
    kind = typed.get("kind", "event")
    kept: dict[str, Any] = {part: typed.get(part) or "" for part in ("title", "text", "link")}
    kept |= {"kind": kind, "hours": _number(typed.get("hours") or 0)}
    kept |= {part: _number(value) if part in NUMBERS else value for part in NEEDED.get(kind, ())
             for value in [typed.get(part, "")]}  # fmt: skip
    if kind != "game":
        kept["trigger"] = _trigger(typed.get("trigger"), number)
    try:
        steps.check(kept, "steps", number)
    except ConfigError as error:
        raise forms.ValidationError(str(error)) from None
    return kept


def _trigger(typed: object, number: int) -> Any:
    try:
        return TriggerField().clean(typed)
    except forms.ValidationError as error:
        raise forms.ValidationError(f"Step {number}: {' '.join(error.messages)}") from None


def _number(value: object) -> object:
    """A number as people type one; what is none stays as it is, for the rules to refuse."""
    text = str(value).replace(",", "").strip()
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number
