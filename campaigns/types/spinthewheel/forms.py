"""What a marketer says of a wheel beside its outcomes: the words on the page."""

from django import forms


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what can be won.")
