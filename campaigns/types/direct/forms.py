"""What a marketer says of a direct reward beside its outcomes."""

from typing import Any

from django import forms

from campaigns.console import pickers
from campaigns.console.pickers import PickerField
from campaigns.console.trigger_field import TriggerField
from campaigns.types.direct.rules import LINK_LENGTH, MOST_REWARDS, SEGMENT_LENGTH, TASK_LENGTH, WAYS


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline of its page.")
    by = forms.ChoiceField(label="When it is given", choices=list(WAYS.items()))
    segment = PickerField(
        pickers.segments,
        max_length=SEGMENT_LENGTH,
        required=False,
        help_text="If people get the reward when they enter one.",
    )
    trigger = TriggerField(
        label="Event", required=False, help_text="If people get the reward for something that they do."
    )
    todo = forms.CharField(
        label="What to do",
        max_length=TASK_LENGTH,
        required=False,
        help_text="A few words for the page. Empty: it says that the reward comes by itself.",
    )
    link = forms.CharField(
        label="Link", max_length=LINK_LENGTH, required=False, help_text="Where “Go” leads. Empty: no button."
    )
    most = forms.IntegerField(
        label="Rewards a person",
        min_value=0,
        max_value=MOST_REWARDS,
        help_text="How often one person gets it. 0: no limit.",
    )

    def clean(self) -> dict[str, Any]:
        """What the way it is given needs is asked for where it is missing."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for name, way in (("segment", "segment"), ("trigger", "event")):
            if said.get("by") == way and not said.get(name) and name not in self.errors:
                self.add_error(name, "This is needed for the way in which the reward is given.")
        return said
