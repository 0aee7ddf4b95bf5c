"""What a marketer says of a streak beside its outcomes."""

import re
from typing import Any

from django import forms

from campaigns.console.trigger_field import TriggerField
from campaigns.types import days
from campaigns.types.base import ConfigError
from campaigns.types.streak import settings


class MilestonesField(forms.CharField):
    """Numbers with commas between them; a list in the settings."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        milestones = [int(number[:9]) for number in re.findall(r"\d+", super().clean(value))]
        try:
            settings.check_milestones(milestones)
        except ConfigError as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return milestones


def number(name: str, label: str, help_text: str = "") -> forms.IntegerField:
    least, most, _ = settings.LIMITS[name]
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text)


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what a streak leads to.")
    source = forms.ChoiceField(label="What counts", choices=list(settings.SOURCES.items()))
    trigger = TriggerField(
        label="The event", required=False, help_text="Needed unless people only check in on the page."
    )
    period = forms.ChoiceField(label="How often", choices=list(settings.PERIODS.items()))
    goal = number("goal", "Days a week", "Only for streaks of weeks: on how many days of each.")
    week_begins = forms.ChoiceField(label="A week begins on", choices=list(days.WEEKS.items()))
    milestones = MilestonesField(
        help_text="Such as “3, 7, 14”: the days (or weeks) that bring a reward. Give outcomes to each.",
    )
    after = forms.ChoiceField(label="After the last milestone", choices=list(settings.AFTER.items()))
    freezes = number("freezes", "Freezes that a person can hold", "0: none. A missed day uses one by itself.")
    freezes_at_start = number("freezes_at_start", "Freezes at the start")
    freezes_at_milestones = forms.BooleanField(label="Each milestone brings a freeze", required=False)
    pause_days = number("pause_days", "Longest pause, in days", "0: nobody can pause. Once in 30 days.")
    repair_days = number(
        "repair_days", "Days to repair a streak", "0: what is lost is lost. Counted after the missed day."
    )
    repair_times = number("repair_times", "Times it takes to repair", "Events or check-ins in those days.")
    grace_hours = number(
        "grace_hours",
        "Hours for late events",
        "How long after the end of a day an event that happened on it still counts.",
    )

    def clean_trigger(self) -> dict[str, Any]:
        return self.cleaned_data["trigger"] or {"event": "", "where": []}

    def clean(self) -> dict[str, Any]:
        config = self.cleaned_data
        if config.get("source") not in (None, "check-in") and not (config.get("trigger") or {}).get("event"):
            self.add_error("trigger", "Name the event that counts, or let people check in on the page.")
        if not self.errors:
            try:
                settings.check_together(config)
            except ConfigError as refusal:
                self.add_error(refusal.field, str(refusal))
        return config
