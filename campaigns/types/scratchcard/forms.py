"""What a marketer says of a scratch card beside its outcomes."""

from django import forms

from campaigns.types.scratchcard.rules import COVER_LENGTH


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what can be won.")
    cover = forms.CharField(
        label="Words on the cover",
        max_length=COVER_LENGTH,
        required=False,
        help_text="Printed on the part that people scratch off. Empty: no words.",
    )
