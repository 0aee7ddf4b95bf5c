"""What a marketer says of a memory game beside its outcomes."""

import re
from typing import Any

from django import forms

from campaigns.types.base import ConfigError
from campaigns.types.memorygame.rules import CLOCK, MEASURES, PAIRS, check_clock, check_levels


class LevelsField(forms.CharField):
    """Numbers with commas between them; a list in the settings."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        numbers = re.findall(r"\d+", super().clean(value))
        levels = [int(number[:9]) for number in numbers]
        try:
            check_levels(levels)
        except ConfigError as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return levels


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what can be won.")
    pairs = forms.TypedChoiceField(
        coerce=int,
        choices=[(count, f"{count} pairs: {count * 2} cards") for count in PAIRS],
        help_text="Six pairs take about a minute.",
    )
    measure = forms.ChoiceField(
        label="The reward depends on", choices=[(key, text.capitalize()) for key, text in MEASURES.items()]
    )
    levels = LevelsField(
        required=False,
        help_text="Such as “8, 12”: rewards of their own for 8 moves or fewer, and for 12 or fewer. "
        "Empty: everyone who finishes gets the same.",
    )
    clock = forms.IntegerField(
        label="Clock, in seconds",
        initial=0,
        help_text=f"{CLOCK[0]} to {CLOCK[1]}; 0 for none. People can take more time, or play without it.",
    )
    consoles = forms.BooleanField(
        label="Those who give up get something too",
        required=False,
        help_text="Then outcomes can be given for it.",
    )

    def clean_clock(self) -> int:
        clock: int = self.cleaned_data["clock"]
        try:
            check_clock(clock)
        except ConfigError as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return clock
