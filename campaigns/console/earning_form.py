"""The editor's fields for ways in: what earns more plays, what comes first, and when it begins to count.

Turns what was typed into a campaign's `earning` (campaigns/ways.py); what is left empty is left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from campaigns import ways
from campaigns.console.trigger_field import TriggerField
from campaigns.models import Campaign
from glu_admin.workspaces.models import Environment
from users.models import EventTally

ROWS = 2  # of events that earn plays, unless there are more
MOST_NAMES = 200


class EarningForm(forms.Form):
    prefix = "earning"
    accept = forms.BooleanField(label="People join before anything counts", required=False)
    tracking = forms.ChoiceField(
        label="What people do counts", choices=list(ways.TRACKING.items()), required=False
    )
    after = forms.ChoiceField(
        label="Follows another campaign", required=False, help_text="Once that one is completed:"
    )
    gives = forms.ChoiceField(label="Then", choices=list(ways.GIVES.items()), required=False)
    cool_down = forms.IntegerField(
        label="May be done again after, in hours",
        required=False,
        min_value=0,
        max_value=ways.MOST_HOURS,
        help_text="Empty: it is done once.",
    )
    priority = forms.IntegerField(
        label="Priority",
        required=False,
        min_value=-ways.MOST_PRIORITY,
        max_value=ways.MOST_PRIORITY,
        help_text="Of several campaigns, the one with the highest number comes first.",
    )

    def __init__(self, env: Environment, data: Any = None, *, campaign: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.env = env
        others = Campaign.objects.filter(environment=env).exclude(pk=campaign).order_by("name")
        choices = [(str(pk), name) for pk, name in others.values_list("id", "name")]
        self.fields["after"].choices = [("", "None"), *choices]  # type: ignore[attr-defined]  # a choice field
        self.count = _rows_of(data or kwargs.get("initial") or {}, self.prefix if data else "")
        for number in range(self.count):
            self.fields[f"trigger_{number}"] = TriggerField(label="When this happens", required=False)
            self.fields[f"plays_{number}"] = _number("Plays earned", ways.MOST_PLAYS)
            self.fields[f"most_{number}"] = _number("At most so often a day", ways.MOST_PLAYS)

    def rows(self) -> Iterator[list[forms.BoundField]]:
        for number in range(self.count):
            yield [self[f"{part}_{number}"] for part in ("trigger", "plays", "most")]

    def settings(self) -> Iterator[forms.BoundField]:
        for name in EarningForm.base_fields:
            yield self[name]

    def event_names(self) -> list[str]:
        """What has come so far, to choose from."""
        names = (
            EventTally.objects.filter(environment=self.env).order_by("name").values_list("name", flat=True)
        )
        return list(names.distinct()[:MOST_NAMES])

    @property
    def is_used(self) -> bool:
        """Whether there is anything to see, so that it stands open."""
        return bool(self.errors) or any(
            bool(field.value()) for field in self if field.name not in {"tracking", "gives"}
        )

    def stored(self) -> dict[str, Any]:
        """After `is_valid`."""
        said = self.cleaned_data
        extra = [
            {"trigger": said[f"trigger_{n}"], "plays": said[f"plays_{n}"] or 1}
            | ({"mostADay": said[f"most_{n}"]} if said[f"most_{n}"] else {})
            for n in range(self.count)
            if said[f"trigger_{n}"]
        ]
        after = {"campaign": said["after"], "gives": said["gives"] or "unlock"} if said["after"] else None
        tracking = said["tracking"] if said["tracking"] != "always" else ""
        found = {
            "extraPlays": extra,
            "after": after,
            "accept": said["accept"],
            "tracking": tracking,
            "coolDownHours": said["cool_down"],
            "priority": said["priority"],
        }
        return {key: value for key, value in found.items() if value}


def as_typed(earning: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields for a stored `earning`."""
    after = earning.get("after") or {}
    fields = {
        "accept": earning.get("accept", False),
        "tracking": earning.get("tracking", "always"),
        "after": after.get("campaign", ""),
        "gives": after.get("gives", "unlock"),
        "cool_down": earning.get("coolDownHours"),
        "priority": earning.get("priority"),
    }
    for number, each in enumerate(earning.get("extraPlays", ())):
        fields |= {f"trigger_{number}": each["trigger"], f"plays_{number}": each["plays"]}
        fields[f"most_{number}"] = each.get("mostADay")
    return fields


def half_typed(env: Environment, data: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields as a post holds them, whole or not."""
    form = EarningForm(env, data)
    return {name: form[name].value() for name in form.fields}


def _number(label: str, most: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=most)


def _rows_of(data: Mapping[str, Any], prefix: str) -> int:
    """As many as there are, and room for one more."""
    if prefix:
        names = [f"{prefix}-trigger_{number}-event" for number in range(ways.MOST_EXTRA)]
        return max(ROWS, sum(name in data for name in names))
    filled = sum(bool(data.get(f"trigger_{number}")) for number in range(ways.MOST_EXTRA))
    return min(ways.MOST_EXTRA, max(ROWS, filled + 1))
