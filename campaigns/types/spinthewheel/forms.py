"""What a marketer says of a wheel beside its outcomes: its words, and how its slices are drawn."""

from django import forms

from campaigns.types.spinthewheel.rules import EQUAL, ODDS


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what can be won.")
    slices = forms.ChoiceField(
        label="Size of the slices",
        initial=EQUAL,  # of a wheel that was made before one could choose
        choices=[(EQUAL, "All of one size"), (ODDS, "As wide as their chances")],
        help_text="The page says which. The exact chances are listed there in either case.",
    )
