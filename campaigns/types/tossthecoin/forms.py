"""What a marketer says of a coin beside its outcomes."""

from django import forms


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what can be won.")
    call = forms.ChoiceField(
        label="Who calls the side",
        choices=[
            ("player", "The player: heads or tails, and their side wins"),
            ("nobody", "Nobody: the coin is tossed, and heads wins"),
        ],
        help_text="Calling a side never changes the chances; the page says so.",
    )
