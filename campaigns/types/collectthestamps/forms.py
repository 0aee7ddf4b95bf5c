"""What a marketer says of a card of stamps beside its outcomes."""

import re
from typing import Any

from django import forms

from campaigns.console.trigger_field import TriggerField
from campaigns.types.base import ConfigError
from campaigns.types.collectthestamps.rules import LIMITS, PACES, check_rewards_at


class NumbersField(forms.CharField):
    """Numbers with commas between them; a list in the settings."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [int(number[:9]) for number in re.findall(r"\d+", super().clean(value))]


def number(name: str, label: str, help_text: str = "") -> forms.IntegerField:
    least, most, _ = LIMITS[name]
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text)


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what a full card brings.")
    trigger = TriggerField(label="The event", help_text="What people do for a stamp.")
    pace = forms.ChoiceField(label="Which events count", choices=list(PACES.items()))
    every = number("every", "Events for a stamp", "1: each event that counts is a stamp.")
    size = number("size", "Stamps on a card")
    rewards_at = NumbersField(
        label="Stamps that bring a reward",
        required=False,
        help_text="Such as “3, 5”, beside the full card. Give outcomes to each, and to the full card.",
    )
    cards = number("cards", "Cards that a person can fill", "0: as many as they like.")
    valid_days = number("valid_days", "Days for which a stamp holds", "0: it never runs out.")

    def clean(self) -> dict[str, Any]:
        config = self.cleaned_data
        if "rewards_at" in config and "size" in config:
            try:
                check_rewards_at(config["rewards_at"], config["size"])
            except ConfigError as refusal:
                self.add_error("rewards_at", str(refusal))
        return config
