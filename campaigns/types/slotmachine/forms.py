"""What a marketer says of a slot machine beside its outcomes: its prizes have their symbols by order."""

from django import forms


class ConfigForm(forms.Form):
    title = forms.CharField(
        max_length=80,
        help_text="The headline: what can be won. Each prize gets its own symbol, in order.",
    )
