"""What a marketer says of a multi-step campaign beside its outcomes."""

from django import forms

from campaigns.types.multistep import steps
from campaigns.types.multistep.fields import StepsField
from campaigns.types.multistep.rules import LATE, ORDERS


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what the steps lead to.")
    order = forms.ChoiceField(choices=list(ORDERS.items()))
    hours = forms.IntegerField(
        label="Hours for all steps",
        min_value=0,
        max_value=steps.MOST_HOURS,
        help_text="0: no limit. The time begins with the first thing that counts.",
    )
    late = forms.ChoiceField(label="When the time is up", choices=list(LATE.items()))
    steps = StepsField(help_text="Save to get room for more, up to 10. An emptied step goes.")
