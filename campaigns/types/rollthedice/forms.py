"""What a marketer says of dice beside their outcomes."""

import re
from typing import Any

from django import forms


class FacesField(forms.CharField):
    """A line for each outcome, with numbers in it; a list of lists in the settings."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(", ".join(map(str, line)) for line in value)

    def clean(self, value: Any) -> Any:
        lines = [re.findall(r"\d+", line) for line in super().clean(value).splitlines()]
        return [[int(number[:9]) for number in line] for line in lines if line]


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what can be won.")
    dice = forms.TypedChoiceField(
        label="Dice",
        coerce=int,
        choices=[(1, "One die: up to 6 outcomes"), (2, "Two dice: up to 11 outcomes")],
        help_text="What each roll stands for is listed on the page.",
    )
    faces = FacesField(
        required=False,
        max_length=400,
        help_text="A line for each outcome, such as “1, 2”. Each roll stands for one. Empty: dealt in turn.",
    )
