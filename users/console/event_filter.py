"""What the live events page shows: its filters, and how they travel in addresses."""

from typing import Any

from django import forms

from users.events.feed import FeedFilter
from users.models import Event


class FilterForm(forms.Form):
    """A value that can't be is no filter. Only who may see what events carry may look for text in it:
    anybody else could spell it out."""

    name = forms.CharField(label="Event", required=False, max_length=128)
    user = forms.CharField(label="User id", required=False, max_length=255)
    verdict = forms.ChoiceField(
        label="Verdict", required=False, choices=[("", "Any verdict"), *Event.Verdict.choices]
    )
    text = forms.CharField(label="Text in properties", required=False, min_length=2, max_length=200)
    since = forms.DateTimeField(label="From (UTC)", required=False)
    until = forms.DateTimeField(label="Before (UTC)", required=False)

    def __init__(self, *args: Any, payloads: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not payloads:
            del self.fields["text"]
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            )

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen and can be, as it stands in an address."""
        self.is_valid()
        return {name: self.data[name] for name, value in self.cleaned_data.items() if value}

    @property
    def filter(self) -> FeedFilter:
        """The same for the feed."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        if "user" in chosen:
            chosen["client_id"] = chosen.pop("user")
        return FeedFilter(**chosen)
