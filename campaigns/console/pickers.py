"""A choice among what the environment has, such as its segments, in the settings of a game.

A type's form knows no environment: the editor offers the things of its own. Without an offer any
text is taken, as it comes.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from django import forms

from campaigns.models import Campaign
from glu_admin.workspaces.models import Environment
from users.models import Segment

Choices = Sequence[tuple[str, str]]  # what is stored, and what people call it


@runtime_checkable
class Offered(Protocol):
    """A field that wants to know its environment."""

    def offer(self, env: Environment) -> None: ...


class PickerField(forms.CharField):
    """`find` gives an environment's choices; the stored one stays choosable only while it is among them."""

    widget = forms.Select
    default_error_messages = {"gone": "This is not here any more. Choose another one."}  # noqa: RUF012  # Django's own form

    def __init__(self, find: Callable[[Environment], Choices], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._find = find
        self._known: frozenset[str] | None = None

    def offer(self, env: Environment) -> None:
        choices = self._find(env)
        self._known = frozenset(key for key, _ in choices)
        self.widget.choices = [("", "Choose one" if choices else "There is none yet"), *choices]

    def prepare_value(self, value: Any) -> Any:
        """A stored one that is gone is shown, so that nobody wonders what was chosen."""
        if value and self._known is not None and value not in self._known:
            self.widget.choices = [*self.widget.choices, (value, f"{value} (not here any more)")]
        return value

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and self._known is not None and value not in self._known:
            raise forms.ValidationError(self.error_messages["gone"], code="gone")


def offer_all(form: forms.Form, env: Environment) -> None:
    """Let each field of the form that wants to know its environment know it."""
    for field in form.fields.values():
        if isinstance(field, Offered):
            field.offer(env)


def segments(env: Environment) -> Choices:
    found = Segment.objects.filter(environment=env).order_by("name").values_list("id", "name")
    return [(str(pk), name) for pk, name in found]


def campaigns(env: Environment) -> Choices:
    found = Campaign.objects.filter(environment=env).order_by("name").values_list("id", "name")
    return [(str(pk), name) for pk, name in found]
