"""What a marketer says of gift boxes beside their outcomes."""

from django import forms

from campaigns.types.giftbox.rules import BOXES


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what can be won.")
    boxes = forms.TypedChoiceField(
        label="Boxes to choose from",
        coerce=int,
        choices=[(count, f"{count} boxes") for count in BOXES],
        help_text="Which box a person opens never changes the chances; the page says so.",
    )
