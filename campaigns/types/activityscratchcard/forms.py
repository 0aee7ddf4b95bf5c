"""What a marketer says of an activity scratch card beside its outcomes."""

from django import forms

from campaigns.console.trigger_field import TriggerField
from campaigns.types.activityscratchcard.rules import (
    COVER_LENGTH,
    LINK_LENGTH,
    MOST_CARDS,
    MOST_EVENTS,
    TASK_LENGTH,
)


class ConfigForm(forms.Form):
    title = forms.CharField(max_length=80, help_text="The headline once there is a card to scratch.")
    todo = forms.CharField(
        label="What unlocks a card",
        max_length=TASK_LENGTH,
        help_text="For the page, such as “Place an order and a card is yours”.",
    )
    trigger = TriggerField(label="Event", help_text="What unlocks a card.")
    every = forms.IntegerField(
        label="Events a card",
        min_value=1,
        max_value=MOST_EVENTS,
        help_text="1: each event unlocks a card. 3: each third one.",
    )
    most = forms.IntegerField(
        label="Cards a person", min_value=0, max_value=MOST_CARDS, help_text="In all. 0: no limit."
    )
    link = forms.CharField(
        label="Link", max_length=LINK_LENGTH, required=False, help_text="Where “Go” leads. Empty: no button."
    )
    cover = forms.CharField(
        label="Words on the cover",
        max_length=COVER_LENGTH,
        required=False,
        help_text="Printed on the part that people scratch off. Empty: no words.",
    )
