"""What a marketer says of a slot machine beside its outcomes: its words, and its prizes' symbols."""

import re
from typing import Any

from django import forms

from campaigns.types.slotmachine.symbols import SYMBOLS


class SymbolsField(forms.CharField):
    """Words with commas between them; a list in the settings."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        named = re.findall(r"[^\s,;]+", super().clean(value).lower())
        unknown = [each for each in named if each not in SYMBOLS]
        if unknown:
            raise forms.ValidationError(f"There is no symbol “{unknown[0]}”: choose of {', '.join(SYMBOLS)}.")
        if len(set(named)) != len(named):
            raise forms.ValidationError("Two prizes can't have the same symbol.")
        return named


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what can be won.")
    symbols = SymbolsField(
        required=False,
        max_length=120,
        help_text=f"One for each prize, in their order: {', '.join(SYMBOLS)}. Empty: in this order.",
    )
