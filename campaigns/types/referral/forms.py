"""What a marketer says of a referral campaign beside its outcomes."""

import re
from typing import Any

from django import forms

from campaigns.console.trigger_field import TriggerField
from campaigns.types.referral.settings import (
    MESSAGE_LENGTH,
    MOST_COUNT,
    MOST_DAYS,
    MOST_FRIENDS,
    QUALIFIES,
    TASK_LENGTH,
)

NUMBERS = re.compile(r"\s*\d{1,4}(\s*,\s*\d{1,4})*\s*")


class NumbersField(forms.CharField):
    """Whole numbers with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text and not NUMBERS.fullmatch(text):
            raise forms.ValidationError("Write whole numbers with commas between them, such as 3, 10.")
        return [int(each) for each in text.split(",")] if text else []


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline: what both of them get.")
    message = forms.CharField(
        max_length=MESSAGE_LENGTH,
        required=False,
        help_text="What is shared; the person's link stands behind it.",
    )
    qualifies = forms.ChoiceField(label="When a friend counts", choices=list(QUALIFIES.items()))
    trigger = TriggerField(label="Event", required=False, help_text="If a friend has to do something.")
    count = forms.IntegerField(label="How often", min_value=1, max_value=MOST_COUNT)
    todo = forms.CharField(
        label="What a friend has to do",
        max_length=TASK_LENGTH,
        required=False,
        help_text="The same in a few words, for the page.",
    )
    days = forms.IntegerField(
        label="Days for it",
        min_value=0,
        max_value=MOST_DAYS,
        help_text="After the friend has registered. 0: no limit.",
    )
    most = forms.IntegerField(label="Friends that count for one person", min_value=1, max_value=MOST_FRIENDS)
    a_day = forms.IntegerField(
        label="Of these a day", min_value=0, max_value=MOST_FRIENDS, help_text="0: no limit."
    )
    tiers = NumbersField(
        label="Milestones",
        required=False,
        help_text="Numbers of friends that are rewarded on top, such as 3, 10. Empty: none.",
    )
    names = forms.BooleanField(
        label="Show first names of friends",
        required=False,
        help_text="Without, the list says “A friend”.",
    )

    def clean(self) -> dict[str, Any]:
        """What a friend has to do is asked for where that is what counts."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("trigger", "todo"):
            if said.get("qualifies") == "event" and not said.get(name) and name not in self.errors:
                self.add_error(name, "Say what a friend has to do.")
        return said
