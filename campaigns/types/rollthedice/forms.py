"""What a marketer says of dice beside their outcomes."""

from django import forms


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what can be won.")
    dice = forms.TypedChoiceField(
        label="Dice",
        coerce=int,
        choices=[(1, "One die: up to 6 outcomes"), (2, "Two dice: up to 11 outcomes")],
        help_text="The faces are dealt to the outcomes in turn and listed on the page.",
    )
